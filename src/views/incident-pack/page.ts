import { markdownText } from "./markdown-text.ts";
import type { Said, Sentence } from "./said.ts";

/** What a page of the pack is made of, from top to bottom. */
export type Part =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly text: string }
  /** Words of ours that say nothing of this rollout: how to use the page, greetings. */
  | { readonly kind: "words"; readonly text: string }
  /** What a person must put in, because no journal can know it. */
  | { readonly kind: "fill"; readonly what: string; readonly item: boolean }
  | { readonly kind: "statement"; readonly says: Sentence; readonly item: boolean };

export interface Page {
  /** Name of its file. */
  readonly file: string;
  readonly parts: readonly Part[];
}

/** One statement of the pack in the index: where it stands, what it says, and what proves it. */
export interface IndexedStatement {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** As it reads, without the marks of Markdown and without its pointers. */
  readonly text: string;
  readonly records: readonly number[];
  readonly says: readonly Said[];
}

export interface DrawnPage {
  readonly file: string;
  readonly text: string;
  readonly statements: readonly IndexedStatement[];
  /** How much a person must put in. */
  readonly toFill: number;
}

export function heading(level: 1 | 2 | 3, text: string): Part {
  return { kind: "heading", level, text };
}

export function words(text: string): Part {
  return { kind: "words", text };
}

export function statement(says: Sentence): Part {
  return { kind: "statement", says, item: false };
}

/** A statement as an item of a list. */
export function item(says: Sentence): Part {
  return { kind: "statement", says, item: true };
}

export function fill(what: string): Part {
  return { kind: "fill", what, item: false };
}

/** The same as an item of a list. */
export function fillItem(what: string): Part {
  return { kind: "fill", what, item: true };
}

/** The page in Markdown, one statement a line, with the pointers `[#412, #415]` behind each. */
export function drawPage(page: Page): DrawnPage {
  const lines: string[] = [];
  const statements: IndexedStatement[] = [];
  let before: Part | null = null;
  for (const part of page.parts) {
    if (before !== null && !(isItem(before) && isItem(part))) lines.push("");
    lines.push(lineOf(part));
    if (part.kind === "statement") {
      const { text, records, said } = part.says;
      statements.push({ file: page.file, line: lines.length, text, records, says: said });
    }
    before = part;
  }
  const toFill = page.parts.filter(({ kind }) => kind === "fill").length;
  return { file: page.file, text: `${lines.join("\n")}\n`, statements, toFill };
}

function isItem(part: Part): boolean {
  return "item" in part && part.item;
}

function lineOf(part: Part): string {
  switch (part.kind) {
    case "heading":
      return `${"#".repeat(part.level)} ${markdownText(part.text)}`;
    case "words":
      return markdownText(part.text);
    case "fill":
      return `${part.item ? "- " : ""}to fill: ${markdownText(part.what)}`;
    case "statement": {
      const { text, records } = part.says;
      return `${part.item ? "- " : ""}${markdownText(text)} ${pointers(records)}`;
    }
  }
}

/** Records that are named in the text; of more the first and the last ones, and all in the index. */
const namedMax = 8;

function pointers(records: readonly number[]): string {
  const all = records.map((record) => `#${record}`);
  if (all.length <= namedMax) return `[${all.join(", ")}]`;
  return `[${all.slice(0, namedMax - 1).join(", ")} … ${all.at(-1)}]`;
}
