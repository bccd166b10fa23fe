import type { Change, Effect, EffectClass, Entry } from "../effects.ts";
import type { PathText } from "../path-text.ts";
import { byPath } from "./tree-path.ts";

/** In the order in which people want to read them: what is gone first. */
export const effectClasses = [
  "deleted",
  "type-changed",
  "content",
  "metadata",
  "created",
  "replaced",
  "touched",
] as const satisfies readonly EffectClass[];

/**
 * What became of this path; null when nothing differs that a user could notice. Where it was not
 * asked whether the content is the same, and time or inode moved, content counts as changed: a
 * doubt is never read as harmless.
 */
export function classify(change: Change): EffectClass | null {
  const { before, after } = change;
  if (before === null) return after === null ? null : "created";
  if (after === null) return "deleted";
  if (before.type !== after.type) return "type-changed";
  if (hasOtherContent(before, after, change.sameContent)) return "content";
  if (before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid) {
    return "metadata";
  }
  if (before.inode !== after.inode) return "replaced";
  return before.mtime === after.mtime ? null : "touched";
}

/**
 * Every difference that means something, by path. A path that was listed twice (two snapshotted
 * trees may overlap) is one effect: the listing that compared the content counts.
 */
export function effectsOf(changes: readonly Change[]): readonly Effect[] {
  const byName = new Map<PathText, Change>();
  for (const change of changes) {
    const known = byName.get(change.path);
    if (known === undefined || known.sameContent === null) byName.set(change.path, change);
  }
  const effects: Effect[] = [];
  for (const change of byName.values()) {
    const kind = classify(change);
    if (kind === null) continue;
    effects.push({ path: change.path, class: kind, size: change.before?.size ?? 0, change });
  }
  return effects.sort(byPath);
}

function hasOtherContent(before: Entry, after: Entry, same: boolean | null): boolean {
  if (before.type !== "file" && before.type !== "link") return false;
  if (before.size !== after.size) return true;
  if (same !== null) return !same;
  return before.mtime !== after.mtime || before.inode !== after.inode;
}
