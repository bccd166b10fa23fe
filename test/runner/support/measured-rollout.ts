import { z } from "zod";
import type { Note, RolloutEvent } from "../../../src/core/event.ts";
import type { MetricComparison, MetricSpec } from "../../../src/core/plan/metric.ts";
import type { Bake, ProbeSpec } from "../../../src/core/plan/plan.ts";
import type { RolloutState } from "../../../src/core/state.ts";
import type { GuardDoor } from "../../../src/ports/guard.ts";
import type { ProbeAnswer, ProbeKind } from "../../../src/ports/probe-kind.ts";
import { createPerformer } from "../../../src/runner/performer.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";
import { smallItinerary } from "../../support/small-itinerary.ts";
import { plainGuard, says } from "./host-answers.ts";
import type { MemoryJournals } from "../../../src/journals/memory.ts";
import { carried, type Ended } from "./one-rollout.ts";
import { quietParts } from "./quiet-parts.ts";

/** What an instance is like when it is asked. */
export interface Asked {
  readonly instance: string;
  /** Has its step run? */
  readonly changed: boolean;
  readonly atMs: number;
  /** How often this instance was asked before, by this question. */
  readonly times: number;
}

export interface MeasuredWorld {
  /** Sizes of the batches of each region. */
  readonly regions: Readonly<Record<string, readonly number[]>>;
  readonly metrics: readonly MetricSpec[];
  readonly bake?: Bake;
  readonly maxBad?: number;
  /** The number that an instance gives, and how long that takes; null: it can't tell. */
  readonly gives: (asked: Asked) => { readonly value?: number; readonly tookMs?: number } | null;
  /** What its one probe says; default: pass. */
  readonly health?: (asked: Asked) => ProbeAnswer["is"];
  /** Hosts that can't be reached by whoever only looks. */
  readonly unreachable?: readonly string[];
  /** Kills the runner right after a record is durable: for how long nobody runs it then; null: goes on. */
  readonly dies?: (event: RolloutEvent, atMs: number) => number | null;
}

export interface MeasuredEnd {
  readonly state: RolloutState;
  readonly events: readonly RolloutEvent[];
  readonly notes: readonly Note[];
  readonly tookMs: number;
  /** Runners that it took. */
  readonly runners: number;
  /** By instance: how often it was asked for a metric. */
  readonly asked: ReadonlyMap<string, number>;
}

/** `eu1`, `eu2` …: as many as there are in all batches, in order. */
function named(region: string, sizes: readonly number[]): readonly (readonly string[])[] {
  let count = 0;
  return sizes.map((size) => Array.from({ length: size }, () => `${region}${++count}`));
}

const alive: ProbeSpec = {
  name: "alive",
  surface: "ui",
  kind: "scripted",
  args: "health",
  on: "controller",
  intervalMs: 1_000,
  jitter: 0,
};

/** Runners that one rollout may need. */
const runnersMax = 50;

export const plainBake: Bake = { settleMs: 1_000, stableMs: 10_000, retryMs: 5_000 };

/** A metric of the scripted kind, asked from the controller each second. */
export function metricOf(
  more: Partial<Omit<MetricSpec, "compare">> & { readonly compare?: Partial<MetricComparison> },
): MetricSpec {
  const { compare, ...rest } = more;
  return {
    name: "latency",
    surface: "ui",
    probe: null,
    kind: "scripted",
    args: "metric",
    on: "controller",
    intervalMs: 1_000,
    of: "value",
    as: "gauge",
    better: "lower",
    ...rest,
    compare:
      compare === undefined
        ? null
        : {
            with: "control",
            among: "region",
            byPart: 0.5,
            byAtLeast: 0,
            samples: 5,
            mode: "gate",
            whenTooFew: "ask",
            ...compare,
          },
  };
}

/** One rollout by the real loop and the real performer, on hosts that do nothing, in simulated time. */
export async function measuredRollout(world: MeasuredWorld): Promise<MeasuredEnd> {
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const regions = Object.entries(world.regions).map(([name, sizes]) => [name, named(name, sizes)]);
  const itinerary = smallItinerary({
    regions: Object.fromEntries(regions),
    bakeMs: world.bake ?? plainBake,
    probes: [alive],
    protect: [],
    metrics: world.metrics,
    maxBad: world.maxBad ?? 0,
    concurrency: 100,
  });
  const changed = new Set<string>();
  const asked = new Map<string, number>();
  const door: GuardDoor = {
    async open({ name }) {
      return says({
        ...plainGuard,
        run: (order) => {
          changed.add(name);
          return plainGuard.run(order);
        },
      });
    },
  };
  const probeKind: ProbeKind = {
    name: "scripted",
    args: z.unknown(),
    substitutes: false,
    place: "controller",
    places: ["controller"],
    unproved: () => null,
    async ask(args, { env }) {
      const instance = String(env["name"]);
      const times = asked.get(`${instance} ${String(args)}`) ?? 0;
      asked.set(`${instance} ${String(args)}`, times + 1);
      const it = { instance, changed: changed.has(instance), atMs: virtual.nowMs, times };
      if (args === "health") {
        const is = world.health?.(it) ?? "pass";
        return { is, because: `it said ${is}`, tookMs: 1 };
      }
      const given = world.gives(it);
      if (given === null) return { is: "error", because: "no data", tookMs: 1 };
      return { is: "pass", because: "it gave a number", tookMs: 1, ...given };
    },
  };
  const startedMs = virtual.nowMs;
  let awayMs: number | null = null;
  const run = async (from?: MemoryJournals): Promise<Ended> => {
    const life = { value: true };
    const performer = createPerformer({
      itinerary,
      door,
      clock: virtual.seenBy(life),
      probeKind: () => probeKind,
      ...quietParts,
    });
    const ended = await carried({
      itinerary,
      virtual,
      perform: (order) => performer.perform(order),
      recall: (note) => performer.recall(note),
      hooks: {
        afterDurable(_rollout, { event }) {
          const ms = world.dies?.(event, virtual.nowMs) ?? null;
          if (ms === null) return;
          awayMs = ms;
          throw new Error("the runner was killed");
        },
      },
      ...(from === undefined ? {} : { from }),
    });
    life.value = false;
    return ended;
  };
  let ended = await run();
  let runners = 1;
  while (ended.state === null) {
    if (awayMs === null || runners > runnersMax) throw ended.error;
    if (awayMs > 0) await virtual.drive(clock.sleep(awayMs), virtual.nowMs + awayMs);
    awayMs = null;
    runners += 1;
    ended = await run(ended.journals);
  }
  const measured = [...asked].flatMap(([key, times]): [string, number][] =>
    key.endsWith(" metric") ? [[key.slice(0, -" metric".length), times]] : [],
  );
  return {
    state: ended.state,
    events: ended.events,
    notes: ended.events.flatMap((event) => (event.kind === "noted" ? [event.note] : [])),
    tookMs: virtual.nowMs - startedMs,
    runners,
    asked: new Map(measured),
  };
}
