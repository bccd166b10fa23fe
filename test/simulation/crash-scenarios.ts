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
  const instances = Object.entries(base.instances).map(([name, instance]) => {
    const [host] = instance.hosts;
    if (host === undefined) throw new Error("an instance has at least one host");
    const names = name === "cn1" ? ["cn1-a", "cn1-b"] : [name];
    const hosts = names.map((it) => ({ ...host, name: it }));
    const byHost = Object.fromEntries(names.map((it) => [it, { name, host: it }]));
    return [name, { ...instance, hosts, byHost }] as const;
  });
  return { ...base, instances: Object.fromEntries(instances) };
}

/** Not to be swept: an undo that fails once is looked at again by a person, and that person's time is not ours. */
export const failingUndo: Scenario = {
  name: "an undo that fails on one of two hosts",
  ends: { all: "halted", eu1: "sealed", cn1: "rolled-back", cn2: "waiting" },
  itinerary: fleet({}),
  doings: { "cn1-b/1": "deletes" },
  failingUndos: { "cn1-b": 1 },
  afterwards: [{ kind: "reconcile" }],
};

/** Every way that a rollout can go on and end, once. */
export const crashScenarios: readonly Scenario[] = [
  {
    name: "everything sealed",
    ends: { all: "sealed", eu1: "sealed", cn1: "sealed", cn2: "sealed" },
    undoes: { eu1: [], "cn1-a": [], "cn1-b": [], cn2: [] },
    itinerary: fleet({}),
  },
  {
    name: "a deletion on one of two hosts, taken back there",
    ends: { all: "halted", eu1: "sealed", cn1: "rolled-back", cn2: "waiting" },
    undoes: { eu1: [], "cn1-a": [0, 1], "cn1-b": [0, 1], cn2: [] },
    itinerary: fleet({}),
    doings: { "cn1-b/1": "deletes" },
  },
  {
    name: "a failure in the second region, with everything taken back",
    ends: { all: "halted", eu1: "rolled-back", cn1: "rolled-back", cn2: "rolled-back" },
    undoes: { eu1: [0, 1], "cn1-a": [0, 1], "cn1-b": [0, 1], cn2: [0, 1] },
    itinerary: fleet({ onFail: "rollback-all" }),
    doings: { "cn2/1": "fails" },
  },
  {
    name: "a step that hangs in the first region",
    ends: { all: "halted", eu1: "rolled-back", cn1: "waiting", cn2: "waiting" },
    itinerary: fleet({}),
    doings: { "eu1/1": "hangs" },
  },
  {
    name: "a service that is broken and taken back",
    ends: { all: "halted", eu1: "sealed", cn1: "rolled-back", cn2: "waiting" },
    itinerary: fleet({}),
    doings: { "cn1-a/1": "breaks" },
  },
  {
    name: "temp files that do not come back by themselves",
    ends: { all: "halted", eu1: "sealed", cn1: "rolled-back", cn2: "waiting" },
    undoes: { eu1: [], "cn1-a": [0], "cn1-b": [], cn2: [] },
    itinerary: fleet({ protect: regenerates }),
    doings: { "cn1-a/0": "deletes" },
  },
  {
    name: "temp files that come back by themselves",
    ends: { all: "sealed", eu1: "sealed", cn1: "sealed", cn2: "sealed" },
    itinerary: fleet({ protect: regenerates }),
    doings: { "cn1-a/0": "deletes", "eu1/1": "deletes" },
    regenerates: true,
  },
  {
    name: "temp files that do not come back, left to a person",
    ends: { all: "halted", eu1: "sealed", cn1: "left", cn2: "waiting" },
    itinerary: fleet({ protect: regenerates, onFail: "halt" }),
    doings: { "cn1-b/1": "deletes" },
  },
  {
    name: "an idempotent step that fails twice",
    ends: { all: "halted", eu1: "sealed", cn1: "rolled-back", cn2: "waiting" },
    itinerary: fleet({
      steps: [changing(0), changing(1, { idempotent: true, retries: 1 }), restarting],
    }),
    doings: { "cn1-b/1": "fails" },
  },
  {
    name: "an idempotent step that works at its second attempt, and is undone",
    ends: { all: "undone", cn1: "rolled-back" },
    itinerary: fleet({
      regions: { cn: [["cn1"]] },
      steps: [changing(0), changing(1, { idempotent: true, retries: 1 })],
    }),
    doings: { "cn1-b/1": "stumbles" },
    afterwards: [{ kind: "undo" }],
  },
  {
    name: "a step that never began at its first attempt, works at its second, and is undone",
    ends: { all: "undone", cn1: "rolled-back" },
    itinerary: fleet({
      regions: { cn: [["cn1"]] },
      steps: [changing(0), changing(1, { idempotent: true, retries: 1 })],
    }),
    failingArms: { "cn1-a": 2 },
    afterwards: [{ kind: "undo" }],
  },
  {
    name: "a sealed instance that turns bad while the next region bakes",
    ends: { all: "halted", eu1: "rolled-back", cn1: "sealed", cn2: "waiting" },
    undoes: { eu1: [0, 1], "cn1-a": [], "cn1-b": [], cn2: [] },
    itinerary: fleet({
      watch: { everyMs: 5_000 },
      bakeMs: { settleMs: 0, stableMs: 20_000, retryMs: 2_000 },
    }),
    // Only a probe can see it, also one that has not seen how it was before.
    lateHarms: { eu1: { what: "breaks", afterMs: 4_000 } },
  },
  {
    name: "one bad instance is tolerated",
    ends: { all: "parked", eu1: "sealed", cn1: "sealed", cn2: "rolled-back" },
    itinerary: fleet({ maxBad: 1, regions: { eu: [["eu1"]], cn: [["cn1", "cn2"]] } }),
    doings: { "cn2/0": "fails" },
  },
  {
    name: "a sealed rollout that is undone",
    ends: { all: "undone", eu1: "rolled-back", cn1: "rolled-back", cn2: "rolled-back" },
    undoes: { eu1: [0, 1], "cn1-a": [0, 1], "cn1-b": [0, 1], cn2: [0, 1] },
    itinerary: fleet({}),
    afterwards: [{ kind: "undo" }],
  },
];
