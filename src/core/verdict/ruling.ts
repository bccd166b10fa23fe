import type { PathText } from "../path-text.ts";
import type { Policy, ProtectedPath } from "../plan/plan.ts";
import { parentOf, treePath } from "./tree-path.ts";

/** The trees around a step: paths as plain text, as plan and step write them. */
export interface Trees {
  readonly protect: readonly ProtectedPath[];
  /** What the step writes by itself or declares to write. */
  readonly writes: readonly string[];
  /** Folders that the step makes where they are missing. */
  readonly makes?: readonly string[];
}

/** What decides about one path: a protected path's policy, or that the step itself writes here. */
export type Ruling =
  | { readonly kind: "policy"; readonly path: PathText; readonly policy: Policy }
  | { readonly kind: "own-write"; readonly path: PathText };

/**
 * Gives the ruling for any path: the nearest tree at or above it decides, and null means that none
 * is. So a step that declares to write /srv/app may still not delete below /srv/app/tmp when that
 * is protected, while a file that it writes inside a protected folder is its own business. Where
 * both name the same path, the step's declaration counts.
 */
export function rulings({ protect, writes }: Trees): (path: PathText) => Ruling | null {
  const trees = new Map<PathText, Ruling>();
  for (const { path: text, policy } of protect) {
    const path = treePath(text);
    trees.set(path, { kind: "policy", path, policy });
  }
  for (const text of writes) {
    const path = treePath(text);
    trees.set(path, { kind: "own-write", path });
  }
  return (path) => {
    for (let at: PathText | null = path; at !== null; at = parentOf(at)) {
      const ruling = trees.get(at);
      if (ruling !== undefined) return ruling;
    }
    return null;
  };
}
