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
 * trees may overlap) is one effect: the listing that compared the content counts. It is churn only
 * if it is gone and every listing says churn, whatever else a host may say.
 */
export function effectsOf(changes: readonly Change[]): readonly Effect[] {
  const byName = new Map<PathText, Change>();
  for (const change of changes) {
    const known = byName.get(change.path);
    const kept = known === undefined || known.sameContent === null ? change : known;
    byName.set(change.path, withChurn(kept, change.churn && (known?.churn ?? true)));
  }
  const effects: Effect[] = [];
  for (const listed of byName.values()) {
    const kind = classify(listed);
    if (kind === null) continue;
    const change = withChurn(listed, listed.churn && kind === "deleted");
    effects.push({ path: change.path, class: kind, size: change.before?.size ?? 0, change });
  }
  return effects.sort(byPath);
}

function withChurn(change: Change, churn: boolean): Change {
  return change.churn === churn ? change : { ...change, churn };
}

function hasOtherContent(before: Entry, after: Entry, same: boolean | null): boolean {
  if (before.type !== "file" && before.type !== "link") return false;
  if (before.size !== after.size) return true;
  if (same !== null) return !same;
  return before.mtime !== after.mtime || before.inode !== after.inode;
}
