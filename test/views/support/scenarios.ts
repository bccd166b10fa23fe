import type { Action } from "../../../src/core/action.ts";
import type { Wish } from "../../../src/core/event.ts";
import type { LateHarm } from "../../../src/core/late-harm.ts";
import type { Failure } from "../../../src/core/failure.ts";
import type { SmallWorld } from "../../support/small-itinerary.ts";
import { almaItinerary, bigFleet, finished, goodCourse, incidentCourse, probe } from "./alma.ts";
import { type Course, madeUpRollout, type Told } from "./made-up-rollout.ts";

/** Text with everything that must never reach a terminal. */
export const hostile = "\x1b[2J\x1b]0;pwned\x07\u202etxt\u009b31m\r\nfake  cn01  sealed\x00\ud800";

const failure = (code: Failure["code"], message: string): Failure => ({
  code,
  message,
  hint: "look at the host",
  host: "cn01-a",
  detail: `first\n${hostile}`,
});

/** The good course, but for one action on cn01. */
function butFor(kind: Action["kind"], change: (course: Course, action: Action) => Course) {
  return (action: Action): Course =>
    action.instance === "cn01" && action.kind === kind
      ? change(goodCourse(action), action)
      : goodCourse(action);
}

/** The incident, and its rollback goes wrong. */
function incidentBut(kind: Action["kind"], change: (course: Course) => Course) {
  return (action: Action): Course =>
    action.instance === "cn01" && action.kind === kind
      ? change(incidentCourse(action))
      : incidentCourse(action);
}

interface Scenario {
  readonly perform: (action: Action) => Course;
  readonly world?: Partial<SmallWorld>;
  readonly wishes?: readonly (readonly [number, Wish])[];
  readonly harms?: readonly (readonly [number, LateHarm])[];
}

/** Everything goes well, and preflight has seen that the temp folder of cn01 is another one. */
function oddCourse(action: Action): Course {
  const course = goodCourse(action);
  if (action.kind !== "preflight") return course;
  const { instance } = action;
  const value = instance === "cn01" ? `own ${hostile}` : "shared ext4";
  const facts = [
    { about: "the mount of ${home}/tmp", value },
    { about: "what check says", value, inPreview: false },
  ] as const;
  return { ...course, notes: [[1, { kind: "host.facts", instance, host: instance, facts }]] };
}

const noisy = butFor("apply", (course, action) => ({
  ...course,
  notes: [
    ...course.notes,
    [20, { kind: "step.started", instance: "cn01", host: "cn01-b", step: 0, attempt: 2 }],
    [30, finished("cn01", 0, { exitCode: 3, output: `line 1\n${hostile}` })],
    [40, { kind: "remark", instance: "cn01", text: hostile }],
    [41, { kind: "mark", instance: "cn01", probe: "log", mark: hostile }],
    [42, { kind: "guard.armed", instance: "cn01", host: "cn01-b", step: 0, leaseMs: 60_000 }],
    [
      43,
      {
        kind: "guard.fired",
        instance: "cn01",
        host: "cn01-b",
        step: 0,
        firedAt: "2026-11-22T03:12:00.000Z",
        complete: false,
        restored: 2,
        conflicts: [`/srv/${hostile}`],
        failed: [],
      },
    ],
    [
      44,
      { kind: "guard.disarmed", instance: "cn01", host: "cn01-b", step: 0, because: "taken back" },
    ],
    [
      50,
      {
        kind: "retrying",
        instance: "cn01",
        host: "cn01-b",
        what: "apply",
        failure: failure("CONNECT_LOST", `lost ${hostile}`),
        inMs: 2_000,
      },
    ],
    [
      60,
      probe("cn01", { probe: "q", surface: "jobs", is: "error", while: "bake", because: hostile }),
    ],
    [
      70,
      {
        kind: "snapshot.taken",
        instance: "cn01",
        step: action.kind === "apply" ? action.step : 0,
        entries: 1,
        bytes: 0,
        durationMs: 3,
        losses: ["2 sockets"],
      },
    ],
  ],
}));

/** A fix with which every probe passes, and a metric is worse. */
const worse = butFor("bake", (course) => {
  const verdict = {
    metric: "ui.wait",
    is: "harm",
    because: hostile,
    few: false,
    chance: 1,
  } as const;
  return {
    ...course,
    notes: [
      [1, { kind: "baseline", instance: "cn01", metric: "ui.wait", values: [1], missed: hostile }],
      [
        2,
        {
          kind: "bake.evidence",
          instance: "cn01",
          metric: "ui.requests",
          seen: 12,
          written: "ui.requests >= 100",
          number: 100,
          enough: false,
        },
      ],
      [3, { kind: "baseline.compared", instance: "cn01", mode: "shadow", ...verdict }],
      [
        4,
        {
          kind: "control.compared",
          instance: "cn01",
          mode: "gate",
          batch: 0,
          instances: ["cn01"],
          changed: { instances: 1, mean: 9 },
          control: { instances: 1, mean: null },
          ...verdict,
        },
      ],
    ],
    outcome: { is: "failed", failure: failure("METRIC_WORSE", `ui.wait is worse ${hostile}`) },
  };
});

const failed = (code: Failure["code"], message: string) => (course: Course) =>
  ({ ...course, outcome: { is: "failed", failure: failure(code, message) } }) as const;

/** While cn is under way. */
const lateMs = 55_000;
const watched = { watch: { everyMs: 30_000 } } as const;
const lateLoss: LateHarm = {
  instance: "ap01",
  is: "lost",
  says: `2 entries are gone below "/srv/alma/tmp" (keep): /srv/alma/tmp/${hostile}`,
  path: "/srv/alma/tmp",
  count: 2,
  examples: [`/srv/alma/tmp/${hostile}`, "/srv/alma/tmp/b"],
};

/** By name: every way in which a rollout may go that a view must be able to tell. */
const all: Readonly<Record<string, Scenario>> = {
  "goes well": { perform: goodCourse },
  incident: { perform: incidentCourse },
  "incident, everything taken back": { perform: incidentCourse, world: { onFail: "rollback-all" } },
  "incident, left as it is": { perform: incidentCourse, world: { onFail: "halt" } },
  "incident, asks": { perform: incidentCourse, world: { onFail: "ask" } },
  "incident, asked and rolled back": {
    perform: incidentCourse,
    world: { onFail: "ask" },
    wishes: [[90_000, { kind: "decide", instance: "cn01", choice: "rollback" }]],
  },
  "incident, tolerated": { perform: incidentCourse, world: { maxBad: 1 } },
  "incident, tolerated and excluded": {
    perform: incidentCourse,
    world: { maxBad: 1 },
    wishes: [[90_000, { kind: "decide", instance: "cn01", choice: "exclude" }]],
  },
  "worse than others": {
    perform: worse,
    world: {
      bakeMs: {
        settleMs: 1_000,
        stableMs: 2_000,
        retryMs: 5_000,
        until: {
          timeMs: 60_000,
          and: { metric: "ui.requests", is: ">=", number: 100, written: "ui.requests >= 100" },
        },
        deadlineMs: 300_000,
      },
    },
  },
  "harm after the seal": { perform: goodCourse, world: watched, harms: [[lateMs, lateLoss]] },
  "harm after the seal, tolerated": {
    perform: goodCourse,
    world: { ...watched, maxBad: 1 },
    harms: [[lateMs, lateLoss]],
  },
  "odd one out": { perform: oddCourse, world: { onOutlier: "warn" } },
  "odd one out, asked about": { perform: oddCourse, world: { onOutlier: "ask" } },
  "odd one out, gone to last": {
    perform: oddCourse,
    world: { onOutlier: "last" },
  },
  "odd one out, stopped for": { perform: oddCourse, world: { onOutlier: "stop" } },
  "outside the envelope": {
    perform: butFor("apply", (course) => ({
      ...course,
      outcome: {
        is: "inconclusive",
        failure: failure("OUTSIDE_ENVELOPE", "3 not back below ${home}/tmp, none on ap01"),
      },
    })),
  },
  "rollback fails": {
    perform: incidentBut("revert", failed("UNDO_FAILED", "the undo exited with 1")),
  },
  "rollback not verified": {
    perform: incidentBut("verify", failed("ROLLBACK_UNVERIFIED", "users are not served")),
  },
  "waits for approval": { perform: goodCourse, world: { approve: ["cn"] } },
  "approved later": {
    perform: goodCourse,
    world: { approve: ["cn"] },
    wishes: [[120_000, { kind: "approve", region: "cn" }]],
  },
  "an emergency": {
    perform: goodCourse,
    world: {
      regions: { cn: [["cn01"]] },
      emergency: { bake: { stableMs: 500 }, approvers: ["deploy", "ann"], starter: true },
    },
    wishes: [
      [
        5_000,
        {
          kind: "approve-emergency",
          at: "2026-11-23T03:12:45Z",
          digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
      ],
    ],
  },
  "waits for its window": { perform: goodCourse, world: { windows: ["cn"] } },
  "goes on outside its window": {
    perform: goodCourse,
    world: { windows: ["cn"] },
    wishes: [[120_000, { kind: "override-window", region: "cn" }]],
  },
  "approved too long ago": {
    perform: goodCourse,
    world: {
      approve: ["cn"],
      approvals: { cn: { by: 2, from: ["ann", "deploy"], expiresMs: 20_000, starter: true } },
    },
    wishes: [[5_000, { kind: "approve", region: "cn", at: "2026-11-23T03:12:45Z" }]],
  },
  refused: { perform: butFor("preflight", failed("CHECK_FAILED", `not prepared ${hostile}`)) },
  inconclusive: {
    perform: butFor("bake", (course) => ({
      ...course,
      outcome: { is: "inconclusive", failure: failure("PROBE_INCONCLUSIVE", "could not tell") },
    })),
  },
  "inconclusive and accepted": {
    perform: butFor("bake", (course) => ({
      ...course,
      outcome: { is: "inconclusive", failure: failure("PROBE_INCONCLUSIVE", "could not tell") },
    })),
    wishes: [[120_000, { kind: "decide", instance: "cn01", choice: "accept" }]],
  },
  unreachable: {
    perform: butFor("apply", (course) => ({
      ...course,
      outcome: { is: "unknown", failure: failure("CONNECT_LOST", "the connection was lost") },
    })),
  },
  paused: { perform: goodCourse, wishes: [[20_000, { kind: "pause" }]] },
  "paused and resumed": {
    perform: goodCourse,
    wishes: [
      [20_000, { kind: "pause" }],
      [60_000, { kind: "resume" }],
    ],
  },
  interrupted: {
    perform: goodCourse,
    wishes: [[20_000, { kind: "interrupt", signal: "SIGTERM" }]],
  },
  aborted: { perform: goodCourse, wishes: [[20_000, { kind: "abort", rollback: true }]] },
  overdue: {
    perform: goodCourse,
    wishes: [
      [
        20_000,
        { kind: "deadline", failure: failure("DEADLINE_PROGRESS", "30 min without progress") },
      ],
    ],
  },
  undone: { perform: goodCourse, wishes: [[200_000, { kind: "undo" }]] },
  "a wish that names nothing": {
    perform: goodCourse,
    wishes: [[20_000, { kind: "decide", instance: "nobody", choice: "accept" }]],
  },
  noisy: { perform: noisy },
};

export type ScenarioName = string;

/** Names of all scenarios, for tables. */
export const scenarioNames: readonly ScenarioName[] = Object.keys(all);

const played = new Map<string, readonly Told[]>();

/** The whole rollout of this name, played once. */
export function scenario(name: ScenarioName): readonly Told[] {
  const known = played.get(name);
  if (known !== undefined) return known;
  const it = all[name];
  if (it === undefined) throw new Error(`no scenario "${name}"`);
  const told = madeUpRollout({
    itinerary: almaItinerary(it.world ?? {}),
    perform: it.perform,
    wishes: it.wishes ?? [],
    harms: it.harms ?? [],
  });
  played.set(name, told);
  return told;
}

let big: readonly Told[] | undefined;

/** 300 instances in 6 regions, and all goes well. */
export function bigScenario(): readonly Told[] {
  big ??= madeUpRollout({ itinerary: bigFleet(6, 50), perform: goodCourse });
  return big;
}
