import type { Wish } from "../../src/core/event.ts";
import type { RolloutState } from "../../src/core/state.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { courseTrouble } from "./course-trouble.ts";
import type { DrawnHarm } from "./draw-late.ts";
import type { Death, Fate } from "./fate.ts";
import type { Doing } from "./receipt-model.ts";
import { seeded } from "./seeded.ts";
import { World } from "./world.ts";

/** A rollout of which everything is known beforehand, but for when its runner dies. */
export interface Scenario {
  readonly name: string;
  readonly itinerary: Itinerary;
  /** How it ends when nobody dies: of each instance, and of the whole. */
  readonly ends: Readonly<Record<string, string>> & { readonly all: string };
  /** By host: the steps whose undo has done its work there, once each; absent: nobody looks. */
  readonly undoes?: Readonly<Record<string, readonly number[]>>;
  /** What a step does on a host where it does not just work. */
  readonly doings?: Readonly<Record<string, Doing["kind"]>>;
  /** Does the application put its temp files back by itself? */
  readonly regenerates?: boolean;
  /** By host: the step whose undo fails there when it is tried for the first time. */
  readonly failingUndos?: Readonly<Record<string, number>>;
  /** By host: the step, from 1, whose switch can't be armed there when that is tried first. */
  readonly failingArms?: Readonly<Record<string, number>>;
  /** By host: what befalls it after its instance was sealed. */
  readonly lateHarms?: Readonly<Record<string, DrawnHarm>>;
  /** What a person asks for after its end, one after the other. */
  readonly afterwards?: readonly Wish[];
}

export interface SweptEnd {
  /** What a person would call the same end; null: it never came to one. */
  readonly end: End | null;
  readonly records: number;
  readonly deaths: number;
  /** Broken invariants. */
  readonly broken: readonly string[];
}

interface End {
  readonly closed: string | null;
  readonly parked: string | null;
  readonly halt: string | null;
  /** Name, phase, and how bad it is. */
  readonly instances: readonly (readonly [string, string, readonly unknown[] | null])[];
  readonly hosts: readonly {
    readonly name: string;
    readonly tree: readonly (readonly [string, string])[];
    readonly loaded: string;
    /** How often the undo of each step did its work. */
    readonly undone: readonly (readonly [number, number])[];
    readonly locked: boolean;
  }[];
}

/** Runners that one scenario may need. */
const runnersMax = 20;

/** Carries a scenario to its end; its runner dies at these records, and another takes over at once. */
export async function sweptEnd(
  scenario: Scenario,
  deaths: readonly Death[] = [],
): Promise<SweptEnd> {
  const world = new World(fateOf(scenario, deaths));
  let state: RolloutState | null = null;
  const wishes = [...(scenario.afterwards ?? [])];
  let isOpen = false;
  for (let runners = 0; runners < runnersMax; runners++) {
    state = await world.runOnce(!isOpen);
    isOpen ||= (await world.journals.list()).length > 0;
    if (state === null) continue;
    const wish = wishes.shift();
    if (wish === undefined) break;
    await world.ask(wish);
  }
  const events = await world.events;
  if (state === null) return { end: null, records: 0, deaths: world.crashes, broken: [] };
  const { broken } = courseTrouble(world.itinerary, events);
  const hosts = [...world.hosts.values()];
  return {
    end: {
      closed: state.closed,
      parked: state.parked?.kind ?? null,
      halt: state.halt?.sentence ?? null,
      instances: [...state.instances.values()].map((it) => [
        it.name,
        it.phase,
        it.bad === null ? null : [it.bad.as, it.bad.step, it.bad.failure.code],
      ]),
      hosts: hosts.map((host) => ({
        name: host.name,
        tree: [...host.tree].sort(([a], [b]) => (a < b ? -1 : 1)),
        loaded: host.loaded,
        undone: [...host.undone].sort(([a], [b]) => a - b),
        locked: host.lock !== null,
      })),
    },
    records: events.length,
    deaths: world.crashes,
    broken: [
      ...world.violations,
      ...world.late.violations,
      ...hosts.flatMap((host) => host.violations),
      ...broken,
    ],
  };
}

function fateOf(scenario: Scenario, deaths: readonly Death[]): Fate {
  return {
    chance: seeded(1),
    focus: "nothing",
    itinerary: scenario.itinerary,
    faultRate: 0,
    faults: new Set(),
    restartsMs: 400,
    undosFailUntilMs: 0,
    lateHarms: new Map(Object.entries(scenario.lateHarms ?? {})),
    looks: seeded(2),
    traits: (host) => ({
      regenerates: scenario.regenerates ?? false,
      churns: false,
      prevents: false,
      failsToUndo: scenario.failingUndos?.[host] ?? null,
      failsToArm: scenario.failingArms?.[host] ?? null,
    }),
    doing: (host, step) => ({
      step,
      kind: scenario.doings?.[`${host}/${step}`] ?? "good",
      takesMs: 600,
    }),
    death: (before) => deaths[before] ?? null,
  };
}
