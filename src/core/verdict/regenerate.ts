import type { Change } from "../effects.ts";
import type { Finding } from "../event.ts";
import type { PathText } from "../path-text.ts";
import { durationText } from "../plan/durations.ts";
import { effectsOf } from "./classify.ts";
import { type Awaiting, isGone, type Missing } from "./judge.ts";
import { isChurn } from "./others.ts";
import { countedWords, examplesMax, placeWords } from "./wording.ts";

/** A later comparison with the snapshot from before the step. */
export interface LaterLook {
  readonly changes: readonly Change[];
  /** All that differs, listed or not. */
  readonly total: number;
}

/**
 * What of the missing is not back yet; empty: all is. Another folder or file in the old place counts
 * as back, something of another type does not. What a list that was cut short does not mention
 * counts as missing still: only a complete list can show that something came back.
 */
export function stillMissing(
  awaiting: Missing,
  { changes, total }: LaterLook,
): readonly PathText[] {
  const listed = new Map(effectsOf(changes).map((effect) => [effect.path, effect]));
  const complete = total <= changes.length;
  return awaiting.missing.filter((path) => {
    const effect = listed.get(path);
    return effect === undefined ? !complete : isGone(effect);
  });
}

/** Is all there that was there before the step, but for what the tree loses by itself? */
export function isWhole(tree: PathText, { changes, total }: LaterLook): boolean {
  const inside = (path: PathText): boolean => path === tree || path.startsWith(`${tree}/`);
  const gone = effectsOf(changes).filter((effect) => isGone(effect) && !isChurn(effect));
  return total <= changes.length && !gone.some(({ path }) => inside(path));
}

/** The finding for a tree that did not come back in time: `missing` as `stillMissing` gave it. */
export function lateFinding(
  awaiting: Awaiting,
  missing: readonly PathText[],
  { changes }: LaterLook,
): Finding {
  const wanted = new Set(missing);
  const effects = effectsOf(changes).filter((effect) => wanted.has(effect.path));
  const what =
    effects.length === missing.length && effects.length > 0
      ? `${countedWords(effects)} ${placeWords(effects, awaiting.path)}`
      : `${missing.length} paths below ${awaiting.path}`;
  return {
    path: awaiting.path,
    policy: "regenerates",
    code: "REGENERATION_LATE",
    message: `${what} did not come back within ${durationText(awaiting.withinMs)}, as policy regenerates asks`,
    count: missing.length,
    examples: effects.slice(0, examplesMax),
  };
}
