import type { Action } from "../../../src/core/action.ts";
import type { Note, Outcome } from "../../../src/core/event.ts";
import type { Failure } from "../../../src/core/failure.ts";
import type { Itinerary } from "../../../src/core/itinerary.ts";
import { smallItinerary, type SmallWorld } from "../../support/small-itinerary.ts";
import type { Course } from "./made-up-rollout.ts";

const timezones: Readonly<Record<string, string>> = {
  apac: "Asia/Singapore",
  eu: "Europe/Berlin",
  na: "America/New_York",
  cn: "Asia/Shanghai",
};

/** The fleet of the incident: three regions in which all goes well, and cn. */
export function almaItinerary(world: Partial<SmallWorld> = {}): Itinerary {
  const itinerary = smallItinerary({
    regions: {
      apac: [["ap01"], ["ap02", "ap03"]],
      eu: [["eu01"], ["eu02", "eu03", "eu04"]],
      na: [["na01"], ["na02", "na03"]],
      cn: [["cn01"], ["cn02"]],
    },
    steps: [
      { name: "new jar", work: { kind: "copy", args: {} }, writes: ["/srv/alma/lib/app.jar"] },
      { name: "clear compiled pages", touches: ["ui"], undo: { kind: "run", args: "warm" } },
      { name: "redirect", work: { kind: "patch", args: {} } },
      { name: "restart", work: { kind: "service", args: {} }, touches: ["ui", "api"] },
    ],
    protect: [
      {
        path: "/srv/alma/tmp",
        policy: { kind: "regenerates", withinMs: 2_000, recover: ["restore", "restart-app"] },
      },
      { path: "/srv/alma/etc", policy: { kind: "keep-content" } },
    ],
    concurrency: 3,
    ...world,
  });
  return {
    ...itinerary,
    rollout: "kb-4711-20261123-0312-7f3a",
    digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    plan: {
      ...itinerary.plan,
      rollout: { ...itinerary.plan.rollout, retentionMs: 604_800_000 },
      name: "kb-4711-session-redirect",
      summary: "Expired sessions go to the login page again.",
      probes: [
        {
          name: "upload",
          surface: "ui",
          kind: "http",
          args: {},
          on: "controller",
          intervalMs: 1_000,
        },
        {
          name: "rest",
          surface: "api",
          kind: "http",
          args: {},
          on: "controller",
          intervalMs: 1_000,
        },
      ],
    },
    inventory: { name: "alma", production: true },
    regions: itinerary.regions.map((region) => ({
      ...region,
      timezone: timezones[region.name] ?? null,
    })),
  };
}

/** A fleet of this many instances in regions of equal size, in batches of 1, 5 and the rest. */
export function bigFleet(regions: number, perRegion: number): Itinerary {
  return almaItinerary({
    concurrency: 20,
    regions: Object.fromEntries(
      Array.from({ length: regions }, (_, region) => {
        const all = Array.from({ length: perRegion }, (_each, index) => bigName(region, index));
        return [`region-${region + 1}`, [all.slice(0, 1), all.slice(1, 6), all.slice(6)]];
      }),
    ),
  });
}

function bigName(region: number, index: number): string {
  return `r${String(region + 1).padStart(2, "0")}-i${String(index + 1).padStart(2, "0")}`;
}

const done: Outcome = { is: "done" };

/** Times of its own for each instance, so that rows are not all alike; always the same ones. */
function pace(instance: string): number {
  return 0.7 + (new TextEncoder().encode(instance).reduce((sum, byte) => sum + byte, 0) % 7) / 10;
}

/** Everything goes well. */
export function goodCourse(action: Action): Course {
  const { instance } = action;
  const ms = (base: number): number => Math.round(base * pace(instance));
  const probes = (at: number, when: "before" | "after-step" | "bake" | "verify") =>
    [
      [ms(at), probe(instance, { probe: "upload", surface: "ui", is: "pass", while: when })],
      [ms(at) + 5, probe(instance, { probe: "rest", surface: "api", is: "pass", while: when })],
    ] as const;
  switch (action.kind) {
    case "preflight":
      return { takesMs: ms(120), notes: [], outcome: done };
    case "begin":
      return { takesMs: ms(150), notes: probes(100, "before"), outcome: done };
    case "snapshot":
      return {
        takesMs: ms(200),
        notes: [
          [
            ms(190),
            {
              kind: "snapshot.taken",
              instance,
              step: action.step,
              entries: 1204,
              bytes: 3_401_000,
              durationMs: ms(180),
              losses: [],
            },
          ],
        ],
        outcome: done,
      };
    case "apply": {
      const { step, attempt } = action;
      return {
        takesMs: ms(1_300),
        notes: [
          [10, { kind: "step.started", instance, step, attempt }],
          [ms(1_000), finished(instance, step, { attempt, durationMs: ms(990) })],
          [
            ms(1_100),
            {
              kind: "verdict",
              instance,
              step,
              verdict: {
                is: "kept",
                findings: [],
                counts: { created: 3, content: 1 },
                remarks: [],
              },
            },
          ],
          ...probes(1_200, "after-step"),
        ],
        outcome: done,
      };
    }
    case "bake":
      return {
        takesMs: ms(2_000),
        notes: [
          ...probes(1_000, "bake"),
          [
            ms(1_000) + 6,
            { kind: "bake.stage", instance, stage: "stable", leftMs: 900, ofMs: 900 },
          ],
          ...probes(1_900, "bake"),
        ],
        outcome: done,
      };
    case "revert":
      return {
        takesMs: ms(500),
        notes: [
          [ms(450), { kind: "restored", instance, step: action.step, restored: 3, conflicts: [] }],
        ],
        outcome: done,
      };
    case "verify":
      return { takesMs: ms(400), notes: probes(300, "verify"), outcome: done };
    case "stand-down":
    case "rewind":
      return { takesMs: ms(200), notes: [], outcome: done };
    case "release":
      return { takesMs: ms(50), notes: [], outcome: done };
  }
}

export const lateFailure: Failure = {
  code: "REGENERATION_LATE",
  message:
    'cn01: 3 entries below "/srv/alma/tmp" were deleted by step "clear compiled pages" and were not back within 2 s',
  hint: "the step must not delete them; see the verdict in the report",
  path: "/srv/alma/tmp",
};

/** The incident: on cn01 the second step deletes temp files that don't come back. */
export function incidentCourse(action: Action): Course {
  const { instance } = action;
  if (instance !== "cn01" || action.kind !== "apply" || action.step !== 1)
    return goodCourse(action);
  const { step, attempt } = action;
  const fail = { probe: "upload", surface: "ui", is: "fail", while: "after-step" } as const;
  return {
    takesMs: 5_200,
    notes: [
      [10, { kind: "step.started", instance, step, attempt }],
      [600, finished(instance, step, { attempt, durationMs: 590 })],
      [700, probe(instance, { ...fail, because: "status 500, expected 200" })],
      [710, probe(instance, { probe: "rest", surface: "api", is: "pass", while: "after-step" })],
      [
        2_800,
        {
          kind: "verdict",
          instance,
          step,
          verdict: {
            is: "broken",
            findings: [
              {
                path: "/srv/alma/tmp",
                policy: "regenerates within 2 s",
                code: "REGENERATION_LATE",
                message: '3 entries deleted below "/srv/alma/tmp", not back within 2 s',
                count: 3,
                examples: [
                  deleted("/srv/alma/tmp/work/upload", 0),
                  deleted("/srv/alma/tmp/work/session-\\x1b[2J", 812),
                  deleted("/srv/alma/tmp/work/session-b", 799),
                ],
              },
            ],
            counts: { deleted: 3 },
            remarks: [],
          },
        },
      ],
      [
        4_600,
        {
          kind: "recovery",
          instance,
          step,
          path: "/srv/alma/tmp",
          did: ["restore", "restart-app"],
          verified: true,
        },
      ],
      [5_000, probe(instance, { probe: "upload", surface: "ui", is: "pass", while: "after-step" })],
      [5_100, probe(instance, { probe: "rest", surface: "api", is: "pass", while: "after-step" })],
    ],
    outcome: { is: "failed", failure: lateFailure },
  };
}

interface SaidProbe {
  readonly probe: string;
  readonly surface: string;
  readonly is: "pass" | "fail" | "error";
  readonly while: "before" | "after-step" | "bake" | "verify";
  readonly because?: string;
}

/** A probe's answer as a note. */
export function probe(instance: string, said: SaidProbe): Note {
  return { kind: "probe", instance, because: "status 200", tookMs: 12, ...said };
}

/** The end of a step's command as a note. */
export function finished(
  instance: string,
  step: number,
  said: { attempt?: number; durationMs?: number; exitCode?: number; output?: string },
): Note {
  return {
    kind: "step.finished",
    instance,
    step,
    attempt: 1,
    exitCode: 0,
    timedOut: false,
    durationMs: 1_200,
    output: "",
    ...said,
  };
}

function deleted(path: string, size: number) {
  const before = {
    type: "file",
    mode: "0644",
    uid: 33,
    gid: 33,
    size,
    mtime: "1700000000.000000000",
    ctime: "1700000000.000000000",
    inode: "42",
  } as const;
  return {
    path,
    class: "deleted",
    size,
    change: { path, before, after: null, sameContent: null, churn: false },
  } as const;
}
