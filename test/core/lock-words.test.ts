import { describe, expect, test } from "vitest";
import { hostLocked } from "../../src/core/host-locked.ts";
import type { HostLock, LockLease } from "../../src/core/host-lock.ts";
import { isLeaseOver, leaseWords } from "../../src/core/lock-words.ts";
import { openRollout, type InstanceState } from "../../src/core/state.ts";
import { whyKept } from "../../src/core/why-kept.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

function lease(more: Partial<LockLease>): LockLease {
  const heardAt = "2026-11-23T02:11:03.000Z";
  return { lengthMs: 60_000, heardAt, silentMs: 4_000, restarted: false, ...more };
}

function lock(more: Partial<HostLock>): HostLock {
  return {
    rollout: "kb-4711-20261123-0211-7f3a",
    holder: "deploy@laptop, pid 4711",
    since: "2026-11-23T02:10:00Z",
    message: "",
    lease: lease({}),
    atWork: "",
    ...more,
  };
}

describe("what is said of a lock's lease", () => {
  test.each<[Partial<HostLock>, boolean, string]>([
    [{}, false, "renewed 4.0 s ago, lease 1m"],
    [{ lease: lease({ silentMs: 60_000 }) }, false, "renewed 1 min 00 s ago, lease 1m"],
    [
      { lease: lease({ silentMs: 11_040_000 }) },
      true,
      "not heard since 2026-11-23 02:11:03Z, 3 h 04 min ago: its lease of 1m is over",
    ],
    [
      { lease: lease({ restarted: true }) },
      true,
      "not heard since 2026-11-23 02:11:03Z, 4.0 s ago, and the host was restarted since: its lease of 1m is over",
    ],
    [{ lease: null }, false, "when it was last heard is not known"],
    [{ lease: null, atWork: "command a still runs" }, false, "at work there: command a still runs"],
    [
      { lease: lease({ silentMs: 61_000 }), atWork: "command a still runs" },
      false,
      "renewed 1 min 01 s ago, lease 1m, at work there: command a still runs",
    ],
  ])("%j: over is %s, told as %s", (more, over, words) => {
    expect([isLeaseOver(lock(more)), leaseWords(lock(more))]).toEqual([over, words]);
  });
});

test("a refusal names holder, rollout, since, lease and why, and ends with what to type", () => {
  const message = "kept because what became of ap01's step 2 is unknown";
  expect(hostLocked("ap01", lock({ message }))).toEqual({
    code: "HOST_LOCKED",
    host: "ap01",
    message:
      'ap01 is held by rollout "kb-4711-20261123-0211-7f3a" (deploy@laptop, pid 4711) since 2026-11-23 02:10:00Z, renewed 4.0 s ago, lease 1m; kept because what became of ap01\'s step 2 is unknown',
    hint: expect.stringContaining("handrail resume kb-4711-20261123-0211-7f3a") as unknown,
  });
});

const failure = { code: "CONNECT_LOST", message: "the connection was lost", hint: "" } as const;

test.each<[Partial<InstanceState>, string | null]>([
  [{ phase: "sealed" }, null],
  [{ phase: "stepping" }, null],
  [
    { phase: "unknown", step: 1, doubt: failure },
    "kept because what became of ap01's step 2 is unknown: the connection was lost",
  ],
  [
    { phase: "left", step: 3, bad: { as: "failed", failure, step: 0 } },
    "kept because ap01 was left as it is after its step 1: the connection was lost",
  ],
  [{ phase: "rollback-failed" }, "kept because ap01 could not be taken back"],
])("why a lock is kept, for an instance with %j: %s", (more, words) => {
  const it = openRollout(smallItinerary({ regions: { one: [["ap01"]] } }))
    .instances.values()
    .next().value!;
  expect(whyKept({ ...it, name: "ap01", ...more })).toBe(words);
});
