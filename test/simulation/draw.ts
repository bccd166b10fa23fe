import type { Itinerary } from "../../src/core/itinerary.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import type { OutlierPolicy } from "../../src/core/plan/plan.ts";
import type { Fault } from "./faults.ts";
import type { Doing } from "./receipt-model.ts";
import type { Chance } from "./seeded.ts";

/**
 * What a world is rich in: some faults need several rare things at once, and would hardly ever be met
 * by chance alone.
 */
export type Focus = "nothing" | "recoveries" | "people" | "lapses";

export function drawFocus(chance: Chance): Focus {
  return chance.pick(["nothing", "nothing", "recoveries", "people", "lapses"] as const);
}

/** A small fleet and a plan with one to three steps. */
export function drawItinerary(chance: Chance, focus: Focus): Itinerary {
  const regions: Record<string, string[][]> = {};
  const regionCount = 1 + chance.below(3);
  for (let r = 0; r < regionCount; r++) {
    const batches = 1 + chance.below(3);
    regions[`r${r}`] = Array.from({ length: batches }, (_, b) =>
      Array.from({ length: 1 + chance.below(3) }, (__, i) => `r${r}b${b}i${i}`),
    );
  }
  const changing = Array.from({ length: 1 + chance.below(3) }, (_, step) => ({
    work: { kind: "sim", args: { step, does: "step" } },
    undo: chance.is(0.5) ? { kind: "sim", args: { step, does: "undo" } } : null,
    timeoutMs: 20_000,
    ...(chance.is(focus === "lapses" ? 0.7 : 0.3)
      ? { idempotent: true, retries: chance.below(2) }
      : {}),
  }));
  const restart = { kind: "sim", args: { step: -1, does: "restart" } };
  const steps = chance.is(0.4)
    ? [...changing, { work: restart, action: "restart", prevent: false, timeoutMs: 20_000 }]
    : changing;
  const recovers = focus === "recoveries";
  const policy = chance.is(recovers ? 0 : 0.5)
    ? ({ kind: "keep" } as const)
    : ({
        kind: "regenerates",
        withinMs: 1_000,
        recover: chance.pick(
          recovers
            ? [["restore", "restart"], ["restart"]]
            : [["restore"], ["restore", "restart"], []],
        ),
      } as const);
  const base = smallItinerary({
    regions,
    steps,
    maxBad: chance.is(0.7) ? 0 : chance.below(3),
    concurrency: 1 + chance.below(4),
    onFail: chance.pick(["rollback", "rollback", "rollback-region", "rollback-all", "halt", "ask"]),
    approve: chance.is(0.2) ? ["r0"] : [],
    protect: [{ path: "/srv/app/tmp", policy }],
    actions: { restart },
    guard: {
      leaseMs: chance.pick(focus === "lapses" ? [3_000, 8_000] : [3_000, 20_000, 60_000]),
      prevent: chance.is(0.5),
    },
    retentionMs: 7 * 24 * 3_600_000,
    envelope: "pause",
    probes: [{ name: "ui", surface: "ui", kind: "sim", args: {}, on: "host", intervalMs: 1_000 }],
  });
  return withHosts(base, chance);
}

/** Hosts, by name and step, on which a step deletes what nobody demands back. */
export function drawDrops(
  chance: Chance,
  { itinerary, focus }: { readonly itinerary: Itinerary; readonly focus: Focus },
): ReadonlySet<string> {
  // There deletions are to be recovered from, and here none is.
  if (focus === "recoveries" || !chance.is(0.35)) return new Set();
  const rates = itinerary.plan.steps.map(() => chance.pick([0, 0.15, 0.15, 0.5, 1]));
  const places = Object.values(itinerary.instances).flatMap(({ hosts }) =>
    hosts.flatMap(({ name }) => rates.map((rate, step) => ({ place: `${name}/${step}`, rate }))),
  );
  return new Set(places.filter(({ rate }) => chance.is(rate)).map(({ place }) => place));
}

/** What a plan says of odd ones, and the host that is one; null: none is. */
export function drawOdd(
  chance: Chance,
  { instances }: Itinerary,
): { readonly onOutlier: OutlierPolicy; readonly odd: string | null } {
  const names = Object.values(instances).flatMap(({ hosts }) => hosts.map(({ name }) => name));
  const onOutlier = chance.pick(["warn", "ask", "ask", "stop"] as const);
  const odd = chance.is(0.2) ? chance.pick(names) : null;
  // Drawn last, so that the other worlds are as they were.
  return { onOutlier: onOutlier === "warn" && chance.is(0.8) ? "last" : onOutlier, odd };
}

/** The same plan, but for a policy that lets go whatever is below the temp folder. */
export function lettingGo(itinerary: Itinerary): Itinerary {
  const protect = itinerary.plan.protect.map(({ path }) => ({
    path,
    policy: { kind: "may-change" } as const,
  }));
  return { ...itinerary, plan: { ...itinerary.plan, protect } };
}

export function withOutlierPolicy(itinerary: Itinerary, onOutlier: OutlierPolicy): Itinerary {
  const rollout = { ...itinerary.plan.rollout, onOutlier };
  return { ...itinerary, plan: { ...itinerary.plan, rollout } };
}

/** Some instances run on two hosts. */
function withHosts(base: Itinerary, chance: Chance): Itinerary {
  const instances = Object.fromEntries(
    Object.entries(base.instances).map(([name, instance]) => {
      const [host] = instance.hosts;
      if (host === undefined) throw new Error("an instance has at least one host");
      const names = chance.is(0.2) ? [`${name}-a`, `${name}-b`] : [name];
      const hosts = names.map((it) => ({ ...host, name: it }));
      const byHost = Object.fromEntries(names.map((it) => [it, { name, host: it }]));
      return [name, { ...instance, hosts, byHost }];
    }),
  );
  return { ...base, instances };
}

/** What a step does on one host. */
export function drawDoing(
  chance: Chance,
  {
    step,
    badRate,
    focus,
    faults,
  }: {
    readonly step: number;
    readonly badRate: number;
    readonly focus: Focus;
    readonly faults: ReadonlySet<Fault>;
  },
): Doing {
  // Where probes lie, what only they could see is sealed: that is what a probe is for.
  const seen = faults.has("probes lie") ? "fails" : "breaks";
  const kind = chance.is(badRate)
    ? focus === "recoveries"
      ? "deletes"
      : chance.pick(["deletes", "deletes", "fails", "hangs", "stumbles", seen] as const)
    : "good";
  return { step, kind, takesMs: 20 + chance.below(4_000) };
}
