import { expect, test } from "vitest";
import { evolve } from "../../src/core/evolve.ts";
import { openRollout } from "../../src/core/state.ts";
import { noActivity, observe } from "../../src/views/activity.ts";
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

test("an instance says how often it was asked", () => {
  const action = { kind: "preflight", instance: "cn01" } as const;
  const failure = { code: "CONNECT_LOST", message: "lost", hint: "" } as const;
  const asked = [1, 2].reduce(
    (now) =>
      evolve(evolve(now, { kind: "intent", action }), {
        kind: "outcome",
        action,
        outcome: { is: "unreachable", failure },
      }),
    state,
  );
  const it = asked.instances.get("cn01")!;
  expect(phaseWords({ ...it, phase: "verifying" }, [])).toBe(
    "back: verifies content and health, asked 3 times",
  );
});
