import type { TreeLook, TreeRow } from "./tree-row.ts";
import { grouped } from "./wording.ts";

/** What is folded away first, when there is no room for all: what is done, then what is far off. */
const folding: readonly TreeLook[] = [
  "skipped",
  "good",
  "waiting",
  "stopped",
  "running",
  "back",
  "paused",
  "bad",
];

interface Leaf {
  readonly row: TreeRow;
  readonly parent: TreeRow | null;
  readonly rank: number;
}

/**
 * The rows that fit on this many lines. What is hidden is counted below its like ("3 more good, 40 more
 * waiting"), and the least telling goes first. Rows that say where the whole stands are kept.
 */
export function fitted(rows: readonly TreeRow[], lines: number): readonly TreeRow[] {
  let height = heightOf(rows);
  if (height <= lines) return rows;
  const hidden = new Set<TreeRow>();
  const counting = new Set<TreeRow | null>();
  for (const { row, parent } of leaves(rows, null).toSorted((a, b) => a.rank - b.rank)) {
    if (height <= lines) break;
    hidden.add(row);
    // The first one that is hidden makes way for the line that counts it.
    if (counting.has(parent)) height -= 1;
    counting.add(parent);
  }
  return cut(without(rows, hidden, "all"), Math.max(1, lines));
}

function heightOf(rows: readonly TreeRow[]): number {
  return rows.reduce((sum, row) => sum + 1 + heightOf(row.children), 0);
}

/** Rows with nothing below them; later ones of a look before earlier ones. */
function leaves(rows: readonly TreeRow[], parent: TreeRow | null): readonly Leaf[] {
  return rows
    .flatMap((row) => {
      if (row.key === "head" || row.key === "halt") return [];
      if (row.children.length > 0) return leaves(row.children, row);
      return [{ row, parent, rank: folding.indexOf(row.look) }];
    })
    .toReversed();
}

function without(
  rows: readonly TreeRow[],
  hidden: ReadonlySet<TreeRow>,
  key: string,
): readonly TreeRow[] {
  const gone = rows.filter((row) => hidden.has(row));
  const kept = rows.flatMap((row) =>
    hidden.has(row) ? [] : [{ ...row, children: without(row.children, hidden, row.key) }],
  );
  const [first] = gone;
  if (first === undefined) return kept;
  const more = kept.length === 0 ? "" : " more";
  const counts = folding.toReversed().flatMap((look) => {
    const count = gone.filter((row) => row.look === look).length;
    return count === 0 ? [] : [`${grouped(count)}${more} ${lookWords[look]}`];
  });
  const counting: TreeRow = {
    key: `more/${key}`,
    look: gone.every((row) => row.look === first.look) ? first.look : "waiting",
    title: counts.join(", "),
    children: [],
  };
  // The halt is the last word.
  const at = kept.findIndex((row) => row.key === "halt");
  return at === -1 ? [...kept, counting] : kept.toSpliced(at, 0, counting);
}

const lookWords: Readonly<Record<TreeLook, string>> = {
  waiting: "waiting",
  running: "under way",
  back: "going back",
  paused: "waiting for a person",
  stopped: "stopped",
  good: "good",
  bad: "bad",
  skipped: "not touched",
};

/** The last resort: so many regions are in trouble that not even they fit. */
function cut(rows: readonly TreeRow[], lines: number): readonly TreeRow[] {
  const over = heightOf(rows) - lines;
  if (over <= 0) return rows;
  if (lines === 1) return rows.slice(0, 1).map((row) => ({ ...row, children: [] }));
  const halt = rows.filter((row) => row.key === "halt");
  let left = Math.max(0, lines - halt.length - 1);
  const take = (some: readonly TreeRow[]): readonly TreeRow[] =>
    some.flatMap((row) => {
      if (left === 0 || row.key === "halt") return [];
      left -= 1;
      return [{ ...row, children: take(row.children) }];
    });
  const more: TreeRow = {
    key: "more/lines",
    look: "waiting",
    title: `${grouped(over + 1)} more lines`,
    children: [],
  };
  return [...take(rows), more, ...halt];
}
