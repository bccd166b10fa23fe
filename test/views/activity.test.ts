import { expect, test } from "vitest";
import { evolve } from "../../src/core/evolve.ts";
import { openRollout } from "../../src/core/state.ts";
import { noActivity, observe } from "../../src/views/activity.ts";
import { instanceRow } from "../../src/views/instance-row.ts";
import { phaseWords } from "../../src/views/phase-words.ts";
import { almaItinerary, probe } from "./support/alma.ts";

const state = openRollout(almaItinerary());
const record = (note: Parameters<typeof probe>[1]) => ({
  seq: 1,
  at: "2026-11-23T03:00:00.000Z",
  event: { kind: "noted", note: probe("cn01", note) } as const,
});

test("one probe that passes does not hide another that fails", () => {
  const opened = {
    seq: 1,
    at: "2026-11-23T03:00:00.000Z",
    event: {
      kind: "opened",
      itinerary: state.itinerary,
      by: "me",
      tool: "0.1.0",
      planFolder: "/",
    } as const,
  };
  const around = { before: state, after: state };
  const seen = [
    record({ probe: "upload", surface: "ui", is: "fail", because: "500", while: "bake" }),
    record({ probe: "queue", surface: "jobs", is: "error", because: "no answer", while: "bake" }),
    record({ probe: "rest", surface: "api", is: "pass", while: "bake" }),
    record({ probe: "queue", surface: "jobs", is: "pass", while: "bake" }),
  ].reduce(
    (activity, each) => observe(activity, each, around),
    observe(noActivity, opened, { before: null, after: state }),
  );
  expect([...(seen.instances.get("cn01")?.seen.values() ?? [])]).toEqual(["ui: 500"]);
});

test.each([
  ["cn01: the disk is full", "the disk is full"],
  ['step "new jar" on cn01: 3 files are gone', "3 files are gone"],
  ["step 2 waits for cn01: nobody knows why", "step 2 waits for cn01: nobody knows why"],
  ["the disk\nof cn01 is full", "the disk of cn01 is full"],
])("a row does not repeat its own name: %j", (message, shown) => {
  const failure = { code: "STEP_EXIT", message, hint: "" } as const;
  const it = state.instances.get("cn01")!;
  const bad = { ...it, phase: "left", bad: { as: "failed", failure, step: 0 } } as const;
  const row = instanceRow(bad, {
    activity: observe(
      noActivity,
      record({ probe: "rest", surface: "api", is: "pass", while: "bake" }),
      { before: null, after: { ...state, instances: new Map([["cn01", bad]]) } },
    ),
    nowMs: 0,
    ended: false,
    width: 6,
    halted: true,
  });
  expect(row.title).toBe(`cn01    left as it is: needs a person · ${shown}`);
});

test("an instance says how often it was asked", () => {
  const action = { kind: "preflight", instance: "cn01" } as const;
  const failure = { code: "CONNECT_LOST", message: "lost", hint: "" } as const;
  const asked = evolve(evolve(state, { kind: "intent", action }), {
    kind: "outcome",
    action,
    outcome: { is: "unreachable", failure },
  });
  const it = asked.instances.get("cn01")!;
  expect(phaseWords({ ...it, phase: "verifying" }, [])).toBe(
    "back: verifies content and health, asked 2 times",
  );
});
