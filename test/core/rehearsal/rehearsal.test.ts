import { describe, expect, test } from "vitest";
import { chooseInstances } from "../../../src/core/rehearsal/choose-instances.ts";
import { notRehearsable } from "../../../src/core/rehearsal/not-rehearsable.ts";
import {
  outcomeOf,
  type RehearsedHost,
  type RehearsedStep,
  type StepFound,
} from "../../../src/core/rehearsal/rehearsal.ts";

const region = (name: string, ...batches: readonly (readonly string[])[]) => ({
  name,
  timezone: null,
  approve: false,
  batches: batches.map((instances) => ({ instances, maxBad: 0 })),
  maxBad: 0,
  bake: { settleMs: 0, stableMs: 0, retryMs: 0 },
});

describe("instances to rehearse on", () => {
  const regions = [region("cn", ["c1"], ["c2", "c3"]), region("eu", ["e1", "e2"])];

  test("are the first of each region where none is named", () => {
    expect(chooseInstances({ regions }, [])).toEqual({
      chosen: ["c1", "e1"],
      left: ["c2", "c3", "e2"],
    });
  });

  test("are those that are named, in the order of the rollout", () => {
    expect(chooseInstances({ regions }, ["e2", "c2"])).toEqual({
      chosen: ["c2", "e2"],
      left: ["c1", "c3", "e1"],
    });
  });

  test("must be targets", () => {
    expect(chooseInstances({ regions }, ["c2", "c22"])).toEqual({ unknown: "c22", meant: "c2" });
    expect(chooseInstances({ regions }, ["zebra"])).toEqual({ unknown: "zebra", meant: null });
  });
});

const users = { user: "root", usual: "root" };
const run = { work: { kind: "run", args: "true" }, on: "host", become: null } as const;

test.each([
  ["a command", run, /^it can$/],
  ["a request", { ...run, work: { kind: "http", args: {} } }, /request that the controller sends/],
  ["a command on the controller", { ...run, on: "controller" as const }, /runs on the controller/],
  ["a service", { ...run, work: { kind: "service", args: {} } }, /would be asked to restart app/],
  ["another user", { ...run, become: "app" }, /runs as app, and this copy is of root/],
  ["the login user", { ...run, become: "" }, /runs as the login user, and this copy is of root/],
  ["the same user by name", { ...run, become: "root" }, /^it can$/],
])("%s can be rehearsed, or it is said why not", (_, step, why) => {
  const because = notRehearsable(step, "restart app", users);
  expect(because ?? "it can").toMatch(why);
});

const found: StepFound = {
  exitCode: 0,
  durationMs: 1,
  output: "",
  inconclusive: null,
  findings: [],
  groups: [],
  external: [],
  remarks: [],
};
const step = (parts: Partial<StepFound>): RehearsedStep => ({
  number: 1,
  name: "s",
  is: "rehearsed",
  ...found,
  ...parts,
});
const clean = step({});
const effects = step({
  groups: [
    {
      of: "elsewhere",
      path: null,
      policy: null,
      counts: { created: 1 },
      deletedBytes: 0,
      effects: [],
    },
  ],
});
const doubtful = step({ inconclusive: "it was full" });
const breaking = step({
  findings: [
    { path: "/t", policy: "keep", code: "CONTRACT_BROKEN", message: "m", count: 1, examples: [] },
  ],
});
const skipped: RehearsedStep = { number: 1, name: "s", is: "not-rehearsable", because: "it is" };
const host = (
  steps: readonly RehearsedStep[],
  parts: Partial<RehearsedHost> = {},
): RehearsedHost => ({
  name: "h",
  failure: null,
  notes: [],
  steps,
  ...parts,
});
const failed = host([skipped], {
  failure: { code: "NOT_REHEARSABLE", message: "no", hint: "look" },
});

test.each([
  ["nothing", [host([clean])], "no-effects"],
  ["effects", [host([clean, effects])], "effects"],
  ["effects beside a step that can't be rehearsed", [host([effects, skipped])], "effects"],
  ["a doubt after effects", [host([effects, doubtful])], "inconclusive"],
  ["a broken policy beside a doubt", [host([doubtful]), host([breaking])], "would-break"],
  ["a broken policy on one of two", [host([effects]), host([breaking])], "would-break"],
  ["a broken policy beside a host without a copy", [failed, host([breaking])], "would-break"],
  ["a host without a copy", [host([effects]), failed], "not-rehearsable"],
  ["no step that can be rehearsed", [host([skipped])], "not-rehearsable"],
  ["no host at all", [], "not-rehearsable"],
] as const)("%s: the worst counts", (_, hosts, outcome) => {
  expect(outcomeOf(hosts.map((it) => ({ name: "i", region: "r", hosts: [it] })))).toBe(outcome);
});
