import { oneLine } from "../../core/printable.ts";

/**
 * Text that Markdown shows as it is, on one line: no mark, link, mention or HTML in it counts. ASCII
 * punctuation may be escaped anywhere (CommonMark §2.4); `_` inside a word needs none. An address
 * would become a link in GitHub's Markdown without any mark, so what begins one is broken up too.
 */
export function markdownText(text: string): string {
  return oneLine(text, { max: Number.MAX_SAFE_INTEGER })
    .replace(/[\\`*[\]<>|~&@]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replace(/:\/\//g, ":\\//")
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}\\.`)
    .replace(/^[#+-]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}
