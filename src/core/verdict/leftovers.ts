import type { Change, Effect, EffectClass } from "../effects.ts";
import type { Finding } from "../event.ts";
import type { PathText } from "../path-text.ts";
import { effectClasses, effectsOf } from "./classify.ts";
import { takenBack, wayBack } from "./restore-rules.ts";
import { type Ruling, rulings, type Trees } from "./ruling.ts";
import { treePath } from "./tree-path.ts";
import { countedWords, examplesMax, numberWords, placeWords } from "./wording.ts";

export interface LeftoversOrder extends Trees {
  readonly changes: readonly Change[];
  /** All that differs, listed or not. */
  readonly total: number;
}

/**
 * What should be as before and is not, after a rollback; empty: content is verified. It asks for
 * exactly what `restoreRules` has put back, but for times, which alone harm nobody. A comparison that
 * was cut short verifies nothing.
 */
export function differsFromBefore(order: LeftoversOrder): readonly Finding[] {
  const rulingFor = rulings(order);
  const groups = new Map<string, { ruling: Ruling; kind: EffectClass; effects: Effect[] }>();
  for (const effect of effectsOf(order.changes)) {
    const ruling = rulingFor(effect.path);
    if (ruling === null || !shouldBeBack(effect, ruling)) continue;
    const key = `${ruling.path}\n${effect.class}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ruling, kind: effect.class, effects: [effect] });
    else group.effects.push(effect);
  }
  const findings = [...groups.values()]
    .sort(
      (left, right) =>
        compareText(left.ruling.path, right.ruling.path) ||
        effectClasses.indexOf(left.kind) - effectClasses.indexOf(right.kind),
    )
    .map(({ ruling, kind, effects }) => leftover(ruling, kind, effects));
  const unlisted = order.total - order.changes.length;
  if (unlisted > 0) findings.push(unverified(order, unlisted));
  return findings;
}

function shouldBeBack(effect: Effect, ruling: Ruling): boolean {
  const how = wayBack(ruling, "rollback");
  // What the tree loses by itself is not brought back where only deletions are taken back.
  if (how === "deleted" && effect.change.churn) return false;
  return takenBack(how).includes(effect.class);
}

function leftover(ruling: Ruling, kind: EffectClass, effects: readonly Effect[]): Finding {
  return {
    path: ruling.path,
    policy: ruling.kind === "policy" ? ruling.policy.kind : "writes",
    code: "CONTRACT_BROKEN",
    message: `${countedWords(effects)} ${placeWords(effects, ruling.path)} ${stateWords(kind, effects.length)}, after the rollback`,
    count: effects.length,
    examples: effects.slice(0, examplesMax),
  };
}

function stateWords(kind: EffectClass, count: number): string {
  const one = count === 1;
  switch (kind) {
    case "deleted":
      return `${one ? "is" : "are"} still missing`;
    case "created":
      return one
        ? "was not there before and is still there"
        : "were not there before and are still there";
    case "content":
      return `still ${one ? "has" : "have"} other content than before`;
    case "metadata":
      return `still ${one ? "has" : "have"} another mode or owner than before`;
    case "type-changed":
    case "replaced":
    case "touched":
      return `${one ? "is" : "are"} still not of the same type as before`;
  }
}

function unverified(order: LeftoversOrder, unlisted: number): Finding {
  const first: PathText = treePath(order.protect[0]?.path ?? order.writes[0] ?? "/");
  return {
    path: first,
    policy: order.protect[0]?.policy.kind ?? "writes",
    code: "CONTRACT_BROKEN",
    message: `${numberWords(order.total)} paths differ from before and ${numberWords(unlisted)} of them could not be listed, so the rollback could not be verified`,
    count: unlisted,
    examples: [],
  };
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
