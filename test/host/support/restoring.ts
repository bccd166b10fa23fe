import { expect } from "vitest";
import type { RestoreRule } from "../../../src/core/effects.ts";
import type { Guard, RestoreOrder, RestoreResult } from "../../../src/ports/guard.ts";
import { valueOf } from "./shell-hosts.ts";

/** The snapshot of every test: a host has one. */
export const key = "web01.1";

/** Keeps these trees; must succeed. */
export async function snapshot(guard: Guard, ...paths: readonly string[]): Promise<void> {
  const order = { key, paths: paths.map((path) => ({ path, content: true })), reserveBytes: 0 };
  const result = valueOf(await guard.snapshot(order));
  expect(result.kind).toBe("complete");
}

/** What is there now counts as what the step left. */
export async function stepEnded(guard: Guard): Promise<void> {
  const order = { key, changesMax: 10_000, moment: "after-step" as const };
  expect(valueOf(await guard.compare(order)).kind).toBe("compared");
}

export type Restored = Extract<RestoreResult, { readonly kind: "restored" }>;

/** Puts back; must not be refused. `rules` is one rule for one tree, or all of them. */
export async function restored(
  guard: Guard,
  rules: RestoreRule | readonly RestoreRule[],
  later: RestoreOrder["later"] = "replace",
): Promise<Restored> {
  const order = { key, rules: "how" in rules ? [rules] : rules, later };
  const result = valueOf(await guard.restore(order));
  if (result.kind === "refused") throw new Error(result.failure.message);
  return result;
}

/** Everything went well, and so many paths were put back; null: however many. */
export function allWell(count: number | null): unknown {
  return {
    kind: "restored",
    restored: count ?? (expect.any(Number) as unknown),
    conflicts: { paths: [], total: 0 },
    setAside: { paths: [], total: 0 },
    failedTotal: 0,
    failed: [],
  };
}
