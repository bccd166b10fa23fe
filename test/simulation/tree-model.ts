import type { Change, Entry, RestoreRule } from "../../src/core/effects.ts";

/** Names of what the application makes and removes by itself. */
export const livePrefix = "live-";

/** Content by path. */
export type Tree = ReadonlyMap<string, string>;

/** What differs, and which deletions the application does by itself. */
export function changesBetween(before: Tree, after: Tree): readonly Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path): Change[] => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    return [
      {
        path,
        before: was === undefined ? null : entryOf(was),
        after: is === undefined ? null : entryOf(is),
        sameContent: was === undefined || is === undefined ? null : false,
        churn: is === undefined && path.includes(livePrefix),
      },
    ];
  });
}

export interface RestoreByRules {
  readonly tree: Map<string, string>;
  readonly snapshot: Tree;
  /** How it was right after the step; null: nobody looked, and what is there is the step's. */
  readonly after: Tree | null;
  readonly rules: readonly RestoreRule[];
  readonly later: "keep" | "replace";
}

export interface Restored {
  readonly restored: readonly string[];
  readonly conflicts: readonly string[];
  readonly setAside: readonly string[];
}

/** Puts back what the rules say, and nothing else. The same whoever asks, and twice is as once. */
export function restoreByRules(order: RestoreByRules): Restored {
  const { tree, snapshot, after, rules, later } = order;
  const restored: string[] = [];
  const conflicts: string[] = [];
  const setAside: string[] = [];
  for (const path of [...new Set([...snapshot.keys(), ...tree.keys()])].sort()) {
    const how = howFor(rules, path);
    const [was, is] = [snapshot.get(path), tree.get(path)];
    if (how === "leave" || was === is) continue;
    if (is === undefined && how === "deleted" && path.includes(livePrefix)) continue;
    if (is !== undefined && how === "deleted") continue;
    if (was === undefined && how === "changed") continue;
    const changedLater = after !== null && is !== undefined && after.get(path) !== is;
    if (changedLater && later === "keep") {
      conflicts.push(path);
      continue;
    }
    if (changedLater) setAside.push(path);
    if (was === undefined) tree.delete(path);
    else tree.set(path, was);
    restored.push(path);
  }
  return { restored, conflicts, setAside };
}

function howFor(rules: readonly RestoreRule[], path: string): RestoreRule["how"] {
  const above = rules.filter((rule) => path === rule.path || path.startsWith(`${rule.path}/`));
  const nearest = above.sort((a, b) => b.path.length - a.path.length)[0];
  return nearest?.how ?? "leave";
}

function entryOf(content: string): Entry {
  return {
    type: "file",
    mode: "0644",
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: "1.000000000",
    ctime: "1.000000000",
    inode: content,
  };
}
