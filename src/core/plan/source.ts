import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from "yaml";
import type { DocumentPath, Problem } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { nearest } from "./suggest.ts";

/** The largest plan or inventory read; a fleet of 10,000 instances written out is below 2 MiB. */
export const sourceBytesMax = 4 * 1024 * 1024;

/** How often anchors may be repeated before a document counts as an attack on memory. */
const aliasesMax = 100;

/** A document as written: its plain value, and where each part of it stands. */
export interface Source {
  readonly file: string;
  /** Plain JSON data, anchors and merges spelled out. */
  readonly value: unknown;
  /** Where the value at this path begins, or the nearest thing around it that is there. */
  readonly at: (path: DocumentPath) => Position;
  /** Where the key that ends this path stands. */
  readonly keyAt: (path: DocumentPath) => Position;
  /** The scalar as written, before YAML made a number or a truth of it; null for anything else. */
  readonly written: (path: DocumentPath) => string | null;
}

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export type Read =
  | { readonly source: Source; readonly problems: readonly [] }
  | { readonly source: null; readonly problems: readonly Problem[] };

/** Bytes to text: UTF-8 with or without a byte order mark. Anything else is a problem. */
export function decodeSource(file: string, bytes: Uint8Array): string | Problem {
  if (bytes.length > sourceBytesMax) {
    return whole(file, `the file has ${bytes.length} bytes; at most ${sourceBytesMax} are read`);
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return whole(file, "the file is UTF-16, not UTF-8", "save it as UTF-8");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const good = new TextDecoder().decode(bytes).split("�")[0] ?? "";
    const lines = good.split("\n");
    const position = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    const message = "the file is not UTF-8: here is a byte that can't be read";
    return { file, ...position, path: "", message, suggestion: "save it as UTF-8" };
  }
}

/** Text to a document. All problems of the text are given, not only the first. */
export function readSource(file: string, written: string): Read {
  // A byte order mark is no part of the text; taking it off keeps columns right.
  const text = written.startsWith("\ufeff") ? written.slice(1) : written;
  if (text.length > sourceBytesMax) {
    const message = `the file has ${text.length} characters; at most ${sourceBytesMax} are read`;
    return { source: null, problems: [whole(file, message)] };
  }
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
    const problems = [
      ...document.errors.map((error) => yamlProblem(error)),
      ...document.warnings.map((error) => yamlProblem(error)),
      ...aliasProblems(document),
    ].slice(0, 5);
    if (problems.length > 0) return { source: null, problems };
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
    if (value === null || value === undefined) {
      return { source: null, problems: [whole(file, "the file is empty", startHint)] };
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      const message = `the file must hold keys and values, and begins with ${shapeOf(value)}`;
      return { source: null, problems: [whole(file, message, startHint)] };
    }
    return { source: sourceOf(file, value, document, position), problems: [] };
  } catch (error) {
    // The parser throws for anchors that multiply and for nesting that would exhaust the stack.
    const bomb = error instanceof ReferenceError;
    const message = bomb
      ? `anchors are repeated more than ${aliasesMax} times`
      : "the file is nested too deeply to be read";
    return { source: null, problems: [whole(file, message)] };
  }

  function yamlProblem(error: YAMLError): Problem {
    const offset = error.pos[0];
    const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0] ?? "";
    const [message, suggestion] = yamlWords(error, text.slice(offset), line);
    return { file, ...position(offset), path: "", message, suggestion };
  }

  function aliasProblems(document: Document): Problem[] {
    const anchors = new Set<string>();
    const problems: Problem[] = [];
    visit(document, {
      Node: (_key, node) => {
        if (!isAlias(node) && "anchor" in node && node.anchor) anchors.add(node.anchor);
      },
      Alias: (_key, node) => {
        if (anchors.has(node.source)) return;
        const near = nearest(node.source, [...anchors]);
        problems.push({
          file,
          ...position(node.range?.[0] ?? 0),
          path: "",
          message: `${quoted(`*${node.source}`)} repeats an anchor that is not there`,
          suggestion: near === null ? "put texts that begin with * in quotes" : near,
        });
      },
    });
    return problems;
  }
}

/** A source for a value that was made, not written (an Ansible inventory, say): all at line 1. */
export function sourceOfValue(file: string, value: unknown): Source {
  const start = (): Position => ({ line: 1, column: 1 });
  return { file, value, at: start, keyAt: start, written: () => null };
}

const startHint = "`handrail init` writes one to start from";

function whole(file: string, message: string, suggestion: string | null = null): Problem {
  return { file, line: 1, column: 1, path: "", message, suggestion };
}

function sourceOf(
  file: string,
  value: unknown,
  document: Document,
  position: (offset: number) => Position,
): Source {
  const startOf = (node: unknown): number | null => {
    if (isPair(node)) return startOf(node.key);
    // A mapping begins at its first key, also where the parser counts the dash before it.
    if (isMap(node) && !node.flow) {
      const first = node.items[0];
      if (first !== undefined) return startOf(first);
    }
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    return range?.[0] ?? null;
  };
  /** The deepest node on the path, the pair that holds it, and whether the path was walked whole. */
  const walk = (path: DocumentPath): { node: unknown; pair: unknown; found: boolean } => {
    let node: unknown = document.contents;
    let pair: unknown = null;
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(document);
      let next: unknown;
      if (isMap(node)) {
        const item = node.items.find((one) => isScalar(one.key) && String(one.key.value) === part);
        if (item === undefined) return { node, pair, found: false };
        pair = item;
        next = item.value;
      } else if (isSeq(node) && typeof part === "number") {
        next = node.items[part];
      }
      if (next === undefined || next === null) return { node, pair, found: false };
      node = next;
    }
    return { node, pair, found: true };
  };
  return {
    file,
    value,
    at: (path) => position(startOf(walk(path).node) ?? 0),
    keyAt: (path) => {
      const { node, pair } = walk(path);
      return position(startOf(pair ?? node) ?? 0);
    },
    written: (path) => {
      const { node, found } = walk(path);
      return found && isScalar(node) ? (node.source ?? null) : null;
    },
  };
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : quoted(value);
}

/** YAML's complaints in the words of somebody who has never read its grammar. */
function yamlWords(error: YAMLError, rest: string, line: string): [string, string | null] {
  const word = /^[^\s:,\]}]+/.exec(rest)?.[0] ?? "";
  const braces = /[:,[{]\s*[^"'\s#]*\$\{/.test(line)
    ? "put texts with ${…} in quotes inside [ ] and { }"
    : null;
  switch (error.code) {
    case "DUPLICATE_KEY":
      return [`${quoted(word)} is written twice in the same place`, "keep one of the two"];
    case "TAB_AS_INDENT":
      return ["a tab is used to indent", "indent with spaces"];
    case "MULTIPLE_DOCS":
      return ["a second document begins here", "keep one document in a file"];
    case "BAD_INDENT":
      return ["this line is indented differently from what it belongs to", braces];
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return [
        'a second ": " on one line, or a line indented under a value',
        braces ?? 'put a text that holds ": " in quotes, or indent it like its neighbours',
      ];
    case "BAD_SCALAR_START":
      return [`a text can't begin with ${quoted(rest[0] ?? "")}`, "put it in quotes"];
    case "MISSING_CHAR":
      return [
        /closing (.)/.test(error.message)
          ? "a quote is not closed"
          : 'a ":" is missing after a key',
        braces,
      ];
    case "TAG_RESOLVE_FAILED":
      return [`the tag ${quoted(word)} means nothing here`, "leave the tag out"];
    case "BAD_DIRECTIVE":
      return ["this directive means nothing here", "leave the line out"];
    default:
      return [`this is not YAML: ${lowerFirst(error.message)}`, braces];
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
