import type { TreeRow } from "./tree-row.ts";
import { counted, grouped } from "./wording.ts";

/** From so many batches of one kind next to each other on, they are one line. */
const runMin = 4;

export interface FoldQuestion {
  readonly region: string;
  /** How many instances each batch has, and how many of them are sealed. */
  readonly sizes: readonly (readonly [all: number, sealed: number])[];
  /** Why nothing more is touched; null while it still may be. */
  readonly why: string | null;
}

/** The rows of a region's batches, with long runs that are done, or far off, as one row each. */
export function foldBatches(rows: readonly TreeRow[], question: FoldQuestion): readonly TreeRow[] {
  const folded: TreeRow[] = [];
  for (let from = 0; from < rows.length;) {
    let to = from + 1;
    while (to < rows.length && isQuiet(rows[from]!) && rows[to]!.look === rows[from]!.look) to += 1;
    const run = rows.slice(from, to);
    folded.push(...(run.length < runMin ? run : [runRow(run, from, question)]));
    from = to;
  }
  return folded;
}

function isQuiet({ look, children }: TreeRow): boolean {
  return children.length === 0 && (look === "good" || look === "waiting" || look === "skipped");
}

function runRow(
  run: readonly TreeRow[],
  from: number,
  { region, sizes, why }: FoldQuestion,
): TreeRow {
  const { look } = run[0]!;
  const these = sizes.slice(from, from + run.length);
  const count = these.reduce((sum, [all]) => sum + all, 0);
  const sealed = these.reduce((sum, [, some]) => sum + some, 0);
  const what =
    look === "good"
      ? `${grouped(sealed)} of ${grouped(count)} sealed`
      : counted(count, "instance") +
        (look === "skipped" && why !== null ? ` not touched: ${why}` : "");
  const title = `batches ${from + 1} to ${from + run.length} of ${sizes.length}  ${what}`;
  return { key: `batches/${region}/${from}`, look, title, children: [] };
}
