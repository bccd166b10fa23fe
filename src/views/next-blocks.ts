import type { Block } from "./page.ts";
import type { Summary } from "./summary.ts";

/** What to type next, each on a line of its own so that it can be copied. */
export function nextBlocks(summary: Summary): readonly Block[] {
  if (summary.next.length === 0) return [];
  return [
    { kind: "gap" },
    { kind: "heading", text: "Next" },
    ...summary.next.flatMap(({ command, why }): readonly Block[] => [
      { kind: "verbatim", level: 1, text: command },
      { kind: "text", level: 3, tone: "quiet", text: why },
    ]),
  ];
}
