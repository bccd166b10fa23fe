import { describe, expect, test } from "vitest";
import { badOf } from "../../src/core/bad.ts";
import { harmOf } from "../../src/core/did-harm.ts";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import { type InstanceState, openRollout } from "../../src/core/state.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const open = openRollout(smallItinerary({ regions: { eu: [["eu1", "eu2"]] } }));

const failureOf = (code: FailureCode): Failure => ({ code, message: `it was ${code}`, hint: "h" });

function harm(change: Partial<InstanceState>): string | null {
  const it: InstanceState = { ...open.instances.get("eu2")!, phase: "rolled-back", ...change };
  return harmOf({ ...open, instances: new Map(open.instances).set("eu2", it) });
}

describe("a plan did harm where", () => {
  test.each<[string, FailureCode]>([
    ["a step of it ended with an error", "STEP_EXIT"],
    ["it deleted what it should keep", "CONTRACT_BROKEN"],
    ["it did more than it may", "BUDGET_EXCEEDED"],
    ["what it took away did not come back", "REGENERATION_LATE"],
    ["users were not served after it", "PROBE_FAILED"],
  ])("%s, whatever became of that since", (_what, code) => {
    const bad = badOf(failureOf(code), 0);
    expect(harm({ bad })).toBe(`it was ${code}`);
    expect(harm({ bad, phase: "left" })).toBe(`it was ${code}`);
    expect(harm({ bad, excluded: true })).toBe(`it was ${code}`);
  });
});

describe("a plan did no harm where", () => {
  const at = { step: 0 } as const;
  test.each<[string, Partial<InstanceState>]>([
    ["all went well", { phase: "sealed" }],
    [
      "an instance was sick before anything was touched",
      { phase: "unfit", bad: badOf(failureOf("UNHEALTHY_BEFORE"), null) },
    ],
    ["the guard acted, because nobody was heard", { bad: badOf(failureOf("GUARD_FIRED"), 0) }],
    ["the guard could not be armed", { bad: badOf(failureOf("GUARD_NOT_ARMED"), 0) }],
    ["an undo met somebody's later work", { bad: badOf(failureOf("RESTORE_CONFLICT"), null) }],
    ["the spool was emptied before an undo", { bad: badOf(failureOf("SNAPSHOT_MISSING"), null) }],
    [
      "a host was unreachable",
      { bad: { as: "unreachable", failure: failureOf("CONNECT_LOST"), ...at } },
    ],
    [
      "nobody knows what a step did",
      { phase: "unknown", bad: { as: "unknown", failure: failureOf("CONNECT_LOST"), ...at } },
    ],
    [
      "a person sent everything back",
      { bad: { as: "rolled back", failure: failureOf("ROLLED_BACK_BY_HALT"), ...at } },
    ],
  ])("%s", (_what, change) => {
    expect(harm(change)).toBeNull();
  });
});
