import type { Change, Effect, RestoreItem } from "../effects.ts";
import { effectsOf } from "./classify.ts";
import { breakingClasses } from "./judge.ts";
import { type Ruling, rulings, type Trees } from "./ruling.ts";
import { byPath } from "./tree-path.ts";

/**
 * `rollback`: the step is taken back for good. `rewind`: it will be tried again. Both put back all
 * that the step destroyed. `recovery`: the step stays, only what a `regenerates` path lost returns.
 */
export type RestoreReason = "rollback" | "rewind" | "recovery";

export interface RestoreOrder extends Trees {
  readonly changes: readonly Change[];
  readonly reason: RestoreReason;
}

/**
 * What to put back, in the order in which it must be done: what the step created goes first, deepest
 * first; then everything comes back, a folder before what is in it; folders' own mode, owner and
 * times are last, deepest first, because filling a folder changes them. What the running application
 * may have written is not in it: content under `keep` and `regenerates`, new files in protected
 * trees, anything under `may-change`.
 */
export function planRestore(order: RestoreOrder): readonly RestoreItem[] {
  const rulingFor = rulings(order);
  const removals: RestoreItem[] = [];
  const returns: RestoreItem[] = [];
  const foldersLast: RestoreItem[] = [];
  for (const effect of effectsOf(order.changes)) {
    const ruling = rulingFor(effect.path);
    const how = ruling === null ? null : wayBack(effect, ruling, order.reason);
    if (how === null) continue;
    const list =
      how === "remove"
        ? removals
        : how === "metadata" && effect.change.before?.type === "folder"
          ? foldersLast
          : returns;
    list.push({ path: effect.path, how });
  }
  return [...removals.sort(byPath).reverse(), ...returns, ...foldersLast.sort(byPath).reverse()];
}

/** How one effect is taken back under its ruling; null: it stays as it is. */
export function wayBack(
  effect: Effect,
  ruling: Ruling,
  reason: RestoreReason,
): RestoreItem["how"] | null {
  if (reason === "recovery") {
    const regenerates = ruling.kind === "policy" && ruling.policy.kind === "regenerates";
    return regenerates ? bringBack(effect) : null;
  }
  if (ruling.kind === "own-write") return exactly(effect);
  switch (ruling.policy.kind) {
    case "keep":
    case "regenerates":
      return bringBack(effect);
    case "keep-content":
      return breakingClasses(ruling.policy).includes(effect.class) ? exactly(effect) : null;
    case "may-change":
      return null;
  }
}

function bringBack(effect: Effect): RestoreItem["how"] | null {
  if (effect.class === "deleted") return "create";
  return effect.class === "type-changed" ? "replace" : null;
}

function exactly(effect: Effect): RestoreItem["how"] | null {
  switch (effect.class) {
    case "deleted":
      return "create";
    case "type-changed":
    case "content":
      return "replace";
    case "metadata":
    case "touched":
      return "metadata";
    case "created":
      return "remove";
    case "replaced":
      // Content, mode and owner are as before; only its times may have to go back.
      return effect.change.before?.mtime === effect.change.after?.mtime ? null : "metadata";
  }
}
