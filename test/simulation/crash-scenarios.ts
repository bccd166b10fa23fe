import type { Itinerary } from "../../src/core/itinerary.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";
import type { Scenario } from "./crash-sweep.ts";

const work = (step: number, does: "step" | "undo" | "restart") => ({
  kind: "sim",
  args: { step, does },
});
const restart = work(-1, "restart");

const changing = (step: number, more: object = {}) => ({
  work: work(step, "step"),
  undo: work(step, "undo"),
  timeoutMs: 5_000,
  ...more,
});
const restarting = { work: restart, action: "restart", prevent: false, timeoutMs: 5_000 } as const;

const keep: Plan["protect"] = [{ path: "/srv/app/tmp", policy: { kind: "keep" } }];
const regenerates: Plan["protect"] = [
  {
    path: "/srv/app/tmp",
    policy: { kind: "regenerates", withinMs: 1_000, recover: ["restore", "restart"] },
  },
];

/** Two regions; the second one's first instance runs on two hosts. */
function fleet(world: Partial<SmallWorld>): Itinerary {
  const base = smallItinerary({
    regions: { eu: [["eu1"]], cn: [["cn1"], ["cn2"]] },
    steps: [changing(0), changing(1), restarting],
    protect: keep,
    actions: { restart },
    retentionMs: 7 * 24 * 3_600_000,
    probes: [{ name: "ui", surface: "ui", kind: "sim", args: {}, on: "host", intervalMs: 1_000 }],
    guard: { leaseMs: 60_000, prevent: false },
    ...world,
  });
  const cn1 = base.instances["cn1"];
  const [host] = cn1?.hosts ?? [];
  if (cn1 === undefined || host === undefined) throw new Error("this fleet has an instance cn1");
  const names = ["cn1-a", "cn1-b"];
  const hosts = names.map((name) => ({ ...host, name }));
  const byHost = Object.fromEntries(names.map((name) => [name, { name: "cn1", host: name }]));
  return { ...base, instances: { ...base.instances, cn1: { ...cn1, hosts, byHost } } };
}

/** Not to be swept: an undo that fails once is looked at again by a person, and that person's time is not ours. */
export const failingUndo: Scenario = {
  name: "an undo that fails on one of two hosts",
  itinerary: fleet({}),
  doings: { "cn1-b/1": "deletes" },
  failingUndos: { "cn1-b": 1 },
  afterwards: [{ kind: "reconcile" }],
};

/** Every way that a rollout can go on and end, once. */
export const crashScenarios: readonly Scenario[] = [
  { name: "everything sealed", itinerary: fleet({}) },
  {
    name: "a deletion on one of two hosts, taken back there",
    itinerary: fleet({}),
    doings: { "cn1-b/1": "deletes" },
  },
  {
    name: "a failure in the second region, with everything taken back",
    itinerary: fleet({ onFail: "rollback-all" }),
    doings: { "cn2/1": "fails" },
  },
  {
    name: "a step that hangs in the first region",
    itinerary: fleet({}),
    doings: { "eu1/1": "hangs" },
  },
  {
    name: "a service that is broken and taken back",
    itinerary: fleet({}),
    doings: { "cn1-a/1": "breaks" },
  },
  {
    name: "temp files that do not come back by themselves",
    itinerary: fleet({ protect: regenerates }),
    doings: { "cn1-a/0": "deletes" },
  },
  {
    name: "temp files that come back by themselves",
    itinerary: fleet({ protect: regenerates }),
    doings: { "cn1-a/0": "deletes", "eu1/1": "deletes" },
    regenerates: true,
  },
  {
    name: "temp files that do not come back, left to a person",
    itinerary: fleet({ protect: regenerates, onFail: "halt" }),
    doings: { "cn1-b/1": "deletes" },
  },
  {
    name: "an idempotent step that fails twice",
    itinerary: fleet({
      steps: [changing(0), changing(1, { idempotent: true, retries: 1 }), restarting],
    }),
    doings: { "cn1-b/1": "fails" },
  },
  {
    name: "one bad instance is tolerated",
    itinerary: fleet({ maxBad: 1, regions: { eu: [["eu1"]], cn: [["cn1", "cn2"]] } }),
    doings: { "cn2/0": "fails" },
  },
  {
    name: "a sealed rollout that is undone",
    itinerary: fleet({}),
    afterwards: [{ kind: "undo" }],
  },
];
