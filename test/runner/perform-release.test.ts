import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { InstanceState } from "../../src/core/state.ts";
import { isOff } from "./support/host-answers.ts";
import { performed } from "./support/one-action.ts";

const release: Action = { kind: "release", instance: "a" };
const day = 24 * 3_600;
/** By the host's clock. */
const now = 1_700_000_000;

describe("a lock is given back, and the snapshots", () => {
  test.each<[string, number, Partial<InstanceState>, number | null]>([
    ["stay as long as a sealed instance can be undone", 7, { phase: "sealed" }, now + 7 * day],
    ["go where a sealed instance can't be undone", 0, { phase: "sealed" }, null],
    ["go where everything is as before", 7, { phase: "rolled-back" }, null],
    ["go where nothing was touched", 7, { phase: "waiting" }, null],
    [
      "stay for a day where a person gave the lock up",
      0,
      { phase: "left", freed: true },
      now + day,
    ],
    [
      "stay as long as the plan says where a person gave the lock up, and that is longer",
      7,
      { phase: "left", freed: true },
      now + 7 * day,
    ],
  ])("%s", async (_what, days, state, keepUntil) => {
    const it = await performed(release, { world: { retentionMs: days * day * 1_000 }, state });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("release")).toEqual([{ keepUntil }]);
  });
});

test("a lock is given back wherever a step was at work: as each user, and on the controller", async () => {
  const it = await performed(release, {
    hosts: ["a1", "a2"],
    world: { steps: [{ become: "app" }, { on: "controller" }] },
  });
  expect(it.asked.filter((each) => each.startsWith("release"))).toEqual([
    "release a1",
    "release a2",
    "release a1",
    "release a2",
    "release controller",
  ]);
});

test("where a person gave the lock up, what may still run there is ended first: step, and undos", async () => {
  const undo = { undo: { kind: "run", args: "mend" } } as const;
  const it = await performed(release, {
    world: { steps: [undo, {}, undo] },
    state: { phase: "rollback-failed", freed: true, touched: 3, rollbacks: 2, attempts: [1, 1, 1] },
  });
  expect(it.orders("settle").map(({ key, onlyIfBegun = false }) => [key, onlyIfBegun])).toEqual([
    ["a.3.1", false],
    ["a.3.undo.2", true],
    ["a.1.undo.2", true],
  ]);
  expect(it.asked.at(-1)).toBe("release a");
});

test("a host that does not answer keeps no other one from getting its lock back", async () => {
  const it = await performed(release, {
    hosts: ["a1", "a2"],
    answers: (host) => (host === "a1" ? { release: () => isOff("unknown") } : {}),
  });
  expect(it.outcome.is).toBe("unknown");
  expect(it.asked).toContain("release a2");
});
