import type { PathText } from "./path-text.ts";
import type { ProtectedPath } from "./plan/plan.ts";
import { byPath, treePath } from "./verdict/tree-path.ts";

/** What of a host a preview stands on: it is looked at again before that preview is acted on. */
export interface FingerprintPath {
  readonly path: PathText;
  /** `itself`: of a folder only that it is one, its owner and its mode, and nothing of what is in it. */
  readonly extent: "whole" | "itself";
}

export interface Fingerprint extends FingerprintPath {
  /** The same word as long as it is the same; null where the host could not tell. */
  readonly print: string | null;
}

/**
 * What is fingerprinted of the trees of a plan: whole, what nobody may change (`keep-content`) and the
 * files that the plan's own kinds write; of all others the path itself, because what is in a folder that
 * the application writes to is another thing a moment later, and never the same as in a preview. Each
 * path once, sorted.
 */
export function fingerprintPaths(trees: {
  readonly protect: readonly ProtectedPath[];
  /** Files that steps write in the plan's own words: `copy`, `patch`, `remove`. */
  readonly files: readonly PathText[];
}): readonly FingerprintPath[] {
  const whole = new Map<PathText, boolean>();
  for (const { path, policy } of trees.protect) {
    const tree = treePath(path);
    whole.set(tree, policy.kind === "keep-content" || whole.get(tree) === true);
  }
  for (const path of trees.files) whole.set(treePath(path), true);
  return [...whole]
    .map(([path, all]): FingerprintPath => ({ path, extent: all ? "whole" : "itself" }))
    .sort(byPath);
}
