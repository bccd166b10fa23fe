import type { Effect } from "../effects.ts";
import type { Finding } from "../event.ts";
import type { PathText } from "../path-text.ts";
import type { Policy } from "../plan/plan.ts";
import { parentOf, treePath } from "./tree-path.ts";
import { countedWords, examplesMax, placeWords } from "./wording.ts";

/**
 * Deletions in one protected tree that are told but are no finding, when the step could not write
 * there. The application deletes a file now and then; many at once are more than "now and then", and
 * then something that the step set off may have done it.
 */
export const handfulMax = 5;

/** Did the tree lose this by itself? See docs/churn.md for the rule. */
export function isChurn({ change }: Effect): boolean {
  return change.churn;
}

/**
 * Tells deletions at or below these paths: the step could not write there, so it is not its doing. But
 * not where the path itself is gone or is another entry now: a step can move a folder above it away,
 * with all that is closed in it.
 */
export function someoneElses(
  readOnly: readonly string[],
  effects: readonly Effect[],
): (effect: Effect) => boolean {
  const moved = new Set(effects.filter(isOtherEntry).map(({ path }) => path));
  const held = new Set(readOnly.map(treePath).filter((path) => !moved.has(path)));
  return (effect) => effect.class === "deleted" && isHeld(held, effect.path);
}

function isOtherEntry({ change: { before, after } }: Effect): boolean {
  return before !== null && before.inode !== after?.inode;
}

/** What to say of a tree's deletions that were not the step's own. null: nothing, or not here. */
export function toldOfOthers(
  policy: Policy,
  tree: PathText,
  effects: readonly Effect[],
): {
  readonly effects: readonly Effect[];
  readonly remark?: string;
  readonly finding?: Finding;
} | null {
  if (policy.kind !== "keep" && policy.kind !== "keep-content") return null;
  if (effects.length === 0) return null;
  const what = `${countedWords(effects)} deleted ${placeWords(effects, tree)}`;
  if (effects.length <= handfulMax)
    return {
      effects,
      remark: `${what} while the step could not write there, so the step did not do it`,
    };
  const finding: Finding = {
    path: tree,
    policy: policy.kind,
    code: "CONTRACT_BROKEN",
    message: `${what}, policy ${policy.kind} allows none; the step itself could not have deleted them, because it could not write there`,
    count: effects.length,
    examples: effects.slice(0, examplesMax),
    notByStep: true,
  };
  return { effects, finding };
}

function isHeld(held: ReadonlySet<PathText>, path: PathText): boolean {
  for (let at: PathText | null = path; at !== null; at = parentOf(at))
    if (held.has(at)) return true;
  return false;
}
