import { expect } from "vitest";
import type { Change, RestoreItem } from "../../../src/core/effects.ts";
import type { Guard } from "../../../src/ports/guard.ts";
import { valueOf } from "./shell-hosts.ts";

/** The snapshot of every test: a host has one. */
export const key = "web01.1";

/** Keeps these trees; must succeed. */
export async function snapshot(guard: Guard, ...paths: readonly string[]): Promise<void> {
  const order = { key, paths: paths.map((path) => ({ path, content: true })), reserveBytes: 0 };
  const result = valueOf(await guard.snapshot(order));
  expect(result.kind).toBe("complete");
}

/** What differs from the snapshot now. */
export async function changes(guard: Guard): Promise<readonly Change[]> {
  const result = valueOf(await guard.compare({ key, changesMax: 10_000 }));
  if (result.kind === "refused") throw new Error(result.failure.message);
  return result.changes;
}

function takenBack({ path, before, after }: Change): RestoreItem {
  return { path, how: before === null ? "remove" : after === null ? "create" : "replace" };
}

/** Deleted comes back, created goes, the rest is replaced: all as the snapshot holds it. */
export function wayBack(seen: readonly Change[]): readonly RestoreItem[] {
  const created = seen.filter((change) => change.before === null);
  const others = seen.filter((change) => change.before !== null);
  return [...created.toReversed(), ...others].map(takenBack);
}

/** Puts items back; must not be refused. */
export async function restored(guard: Guard, items: readonly RestoreItem[]) {
  const result = valueOf(await guard.restore({ key, items }));
  if (result.kind === "refused") throw new Error(result.failure.message);
  return result;
}
