import { oneLine, printable } from "../core/printable.ts";

/**
 * Text for GitHub and GitLab, which both read it as Markdown with HTML in it. Whatever a plan, an
 * inventory or a host says stands in a code span or a fenced block: there it makes no link, no
 * picture, no table cell, and calls nobody by an "@".
 */
export function code(text: string, max = 500): string {
  return `<code>${oneLine(text, { max }).replace(notPlain, entities)}</code>`;
}

/** What Markdown or HTML could take for its own, and what makes an address a link. */
const notPlain = /www\.|:\/\/|[^\p{L}\p{N} ,.:;=%'"/-]/giu;

/** The same text, which means nothing to either. */
function entities(text: string): string {
  return Array.from(text, (character) => `&#${character.codePointAt(0)};`).join("");
}

/** A fenced block; its fence is longer than any run of backticks in the text. */
export function fenced(text: string, language = "text"): string {
  const safe = printable(text, { max: fencedMax });
  const longest = Math.max(2, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${safe.trimEnd()}\n${fence}`;
}

/** Characters of one block. */
const fencedMax = 40_000;

/** A table; its cells are Markdown already, so what is not ours must have gone through `code`. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** What is folded away until somebody opens it. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/**
 * Bytes of one text. A comment on GitHub holds 65,536 characters, so what fits here fits there, in a
 * note on GitLab, and sixteen times in the summary of a job.
 */
export const markdownBytesMax = 60_000;

/** Paragraphs as one text. Whole ones are left out from the end where there is no room, and that is told. */
export function markdown(paragraphs: readonly string[], bytesMax = markdownBytesMax): string {
  const left = "*There was no room for the rest.*";
  let text = "";
  for (const paragraph of paragraphs) {
    const more = `${text}${paragraph}\n\n`;
    if (Buffer.byteLength(more) + left.length + 1 > bytesMax) return `${text}${left}\n`;
    text = more;
  }
  return `${text.trimEnd()}\n`;
}
