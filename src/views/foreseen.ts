/** What a step would do to one path of one instance, held against what is there now. */
export interface ForeseenChange {
  /** With the values of that instance. */
  readonly path: string;
  /** As the plan writes it: "${home}/lib/app.jar". */
  readonly written: string;
  readonly effect: ForeseenEffect;
  /** In words, without the path. */
  readonly says: string;
  /** null: nothing that is known stands there. */
  readonly before: ForeseenFile | null;
  /** null: nothing will, or it is not known. */
  readonly after: ForeseenFile | null;
  /** null: nothing to show line by line; `says` tells why where that is not plain. */
  readonly diff: LineDiff | null;
  /** Of a folder that goes: some of what is in it. */
  readonly names: readonly string[];
}

/**
 * `nothing`: it is there already as the step leaves it. `fails`: the step would refuse what is there.
 * `unknown`: nobody could look, or a step before it may change what is there.
 */
export type ForeseenEffect = "create" | "change" | "delete" | "nothing" | "fails" | "unknown";

export interface ForeseenFile {
  /** Bytes of content; of a folder, of all that is in it. */
  readonly size: number;
  /** Of a folder, with itself; 1 for anything else. */
  readonly entries: number;
  /** Four octal digits; null: not known beforehand. */
  readonly mode: string | null;
  /** As the host calls them, user:group; null: not known beforehand. */
  readonly owner: string | null;
}

/** A unified diff, bounded. */
export interface LineDiff {
  readonly added: number;
  readonly removed: number;
  /** With hunk headers; long lines are cut. */
  readonly lines: readonly string[];
  /** Lines that are left out at the end. */
  readonly more: number;
}

/** What one step would do on one host of an instance. */
export interface ForeseenStep {
  /** Its index in the plan. */
  readonly step: number;
  readonly instance: string;
  readonly host: string;
  /** In the order in which the step does them. */
  readonly changes: readonly ForeseenChange[];
  /** An earlier step whose effects nobody knows, and which may change what was looked at; null: none. */
  readonly after: string | null;
}

/** The same changes with at most so many lines of diffs in all; what is left out is counted. */
export function withinLines(
  changes: readonly ForeseenChange[],
  linesMax: number,
): { readonly changes: readonly ForeseenChange[]; readonly left: number } {
  let left = linesMax;
  const bounded = changes.map((change) => {
    const { diff } = change;
    if (diff === null) return change;
    const lines = diff.lines.slice(0, left);
    left -= lines.length;
    return {
      ...change,
      diff: { ...diff, lines, more: diff.more + diff.lines.length - lines.length },
    };
  });
  return { changes: bounded, left };
}
