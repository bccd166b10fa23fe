import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { Outcome } from "../../src/core/event.ts";
import type { ProbeAnswer } from "../../src/ports/probe-kind.ts";
import { performed } from "./support/one-action.ts";

const bake: Action = { kind: "bake", instance: "a" };
const world = { bakeMs: { settleMs: 1_000, stableMs: 2_000, retryMs: 5_000 } };

test("a bake lasts until every probe was healthy for as long as the plan says, without a break", async () => {
  const it = await performed(bake, { world, probe: ["pass", "fail", "pass"] });
  // It settles for 1 s, sees a pass and a failure, and then 2 s of passes.
  expect([it.outcome, it.tookMs]).toEqual([{ is: "done" }, 1_000 + 2_000 + 2_000]);
  const probes = it.notes.filter((note) => note.kind === "probe");
  expect(probes.map((note) => [note.is, note.while])).toEqual([
    ["pass", "bake"],
    ["fail", "bake"],
    ["pass", "bake"],
  ]);
});

test("a bake tells each stage once that it comes to, with what is left of it, and no look in between", async () => {
  const it = await performed(bake, { world, probe: ["pass", "pass", "fail", "fail", "pass"] });
  const stages = it.notes.filter((note) => note.kind === "bake.stage");
  expect(stages.map(({ stage, leftMs, ofMs }) => [stage, leftMs, ofMs])).toEqual([
    ["stable", 2_000, 2_000],
    // The stretch must begin within 5 s after settling; 2 s of them are over.
    ["retry", 3_000, 5_000],
    ["stable", 2_000, 2_000],
  ]);
  const others = { kind: "apply", instance: "a", step: 0, attempt: 1 } as const;
  const step = await performed(others, { world, probe: ["fail", "pass"] });
  expect(step.notes.filter((note) => note.kind === "bake.stage")).toEqual([]);
});

describe("a bake that is never healthy", () => {
  test.each<[string, readonly ProbeAnswer["is"][], Outcome["is"], FailureCode]>([
    ["fails", ["fail"], "failed", "PROBE_FAILED"],
    ["fails, whatever it was at first", ["pass", "fail"], "failed", "PROBE_FAILED"],
    [
      "is left to a person where nobody could tell",
      ["error"],
      "inconclusive",
      "PROBE_INCONCLUSIVE",
    ],
  ])("%s", async (_what, probe, is, code) => {
    const it = await performed(bake, { world, probe });
    expect(it.outcome).toMatchObject({ is, failure: { code } });
  });
});
