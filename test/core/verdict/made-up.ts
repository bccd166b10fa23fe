import type { Change, EffectClass, Entry } from "../../../src/core/effects.ts";
import type { Policy, ProtectedPath } from "../../../src/core/plan/plan.ts";

/** A plain file of ten bytes, or whatever `parts` says otherwise. */
export function entry(parts: Partial<Entry> = {}): Entry {
  return {
    type: "file",
    mode: "0644",
    uid: 1000,
    gid: 1000,
    size: 10,
    mtime: "1700000000.000000001",
    ctime: "1700000000.000000001",
    inode: "7",
    ...parts,
  };
}

export const folder = (parts: Partial<Entry> = {}): Entry =>
  entry({ type: "folder", mode: "0755", size: 0, ...parts });

export function change(
  path: string,
  before: Entry | null,
  after: Entry | null,
  sameContent: boolean | null = null,
): Change {
  return { path, before, after, sameContent, churn: false };
}

/** A deletion that the tree does by itself. */
export function churned(path: string, before: Entry = entry()): Change {
  return { ...change(path, before, null), churn: true };
}

/** A change that is of this class, on a file. */
export function changeOf(kind: EffectClass, path: string): Change {
  const before = entry();
  switch (kind) {
    case "deleted":
      return change(path, before, null);
    case "created":
      return change(path, null, entry());
    case "content":
      return change(path, before, entry({ size: 11, mtime: "1700000009.000000000" }));
    case "metadata":
      return change(path, before, entry({ mode: "0600" }));
    case "type-changed":
      return change(path, before, entry({ type: "link", mode: "0777" }));
    case "replaced":
      return change(path, before, entry({ inode: "8" }), true);
    case "touched":
      return change(path, before, entry({ mtime: "1700000009.000000000" }), true);
  }
}

export const policies = {
  keep: { kind: "keep" },
  "keep-content": { kind: "keep-content" },
  regenerates: { kind: "regenerates", withinMs: 60_000, recover: ["restore", "restart-app"] },
  "may-change": { kind: "may-change" },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

export const policyNames = ["keep", "keep-content", "regenerates", "may-change"] as const;

export const protectedBy = (name: PolicyName, path = "/srv/app/tmp"): ProtectedPath => ({
  path,
  policy: policies[name],
});
