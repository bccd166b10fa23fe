import type { EffectClass, RestoreRule } from "../effects.ts";
import type { PathText } from "../path-text.ts";
import { type Ruling, rulings, type Trees } from "./ruling.ts";
import { byPath, treePath } from "./tree-path.ts";

/**
 * `rollback`: the step is taken back for good. `rewind`: it will be tried again. Both put back all
 * that the step destroyed. `recovery`: the step stays, only what a `regenerates` path lost returns.
 */
export type RestoreReason = "rollback" | "rewind" | "recovery";

/**
 * How far each tree around a step goes back, sorted by path; the nearest rule at or above a path
 * decides. What the running application may have written stays: content under `keep` and
 * `regenerates`, new files in protected trees, anything under `may-change`. Only what the step wrote
 * by its own kind, or declared to write, goes back exactly.
 */
export function restoreRules(trees: Trees, reason: RestoreReason): readonly RestoreRule[] {
  const rulingFor = rulings(trees);
  const paths = new Set<PathText>(
    [...trees.protect.map(({ path }) => path), ...trees.writes].map(treePath),
  );
  const rules = [...paths].map((path) => ({ path, how: wayBack(rulingFor(path), reason) }));
  return [...rules, ...madeRules(trees, reason)].sort(byPath);
}

/** Folders that the step made go where nobody else has put something in them. */
function madeRules({ makes = [], writes }: Trees, reason: RestoreReason): readonly RestoreRule[] {
  if (reason === "recovery") return [];
  const written = new Set(writes.map(treePath));
  return [...new Set(makes.map(treePath))]
    .filter((path) => !written.has(path))
    .map((path) => ({ path, how: "made" as const }));
}

/** How far a path goes back under what decides about it; null (nothing does): it is left alone. */
export function wayBack(ruling: Ruling | null, reason: RestoreReason): RestoreRule["how"] {
  if (ruling === null) return "leave";
  if (reason === "recovery") {
    const regenerates = ruling.kind === "policy" && ruling.policy.kind === "regenerates";
    return regenerates ? "deleted" : "leave";
  }
  if (ruling.kind === "own-write") return "exactly";
  switch (ruling.policy.kind) {
    case "keep":
    case "regenerates":
      return "deleted";
    case "keep-content":
      return "changed";
    case "may-change":
      return "leave";
  }
}

/** The classes of effects that a rule takes back, but for times, which alone harm nobody. */
export function takenBack(how: RestoreRule["how"]): readonly EffectClass[] {
  switch (how) {
    case "leave":
    case "made":
      return [];
    case "deleted":
      return ["deleted", "type-changed"];
    case "changed":
      return ["deleted", "type-changed", "content", "metadata"];
    case "exactly":
      return ["deleted", "type-changed", "content", "metadata", "created"];
  }
}
