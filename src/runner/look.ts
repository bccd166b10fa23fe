import { bakeCourse, type CourseOrder, notBeforeOf } from "../core/bake-course.ts";
import {
  type BakedProbe,
  type BakeOrder,
  type BakeStage,
  bakeStage,
  bakeStep,
  lastMomentMs,
  type Sample,
} from "../core/health.ts";
import type { Bake, ProbeSpec } from "../core/plan/plan.ts";
import type { Host } from "../core/plan/inventory.ts";
import { oneLine } from "../core/printable.ts";
import { substitute } from "../core/variables.ts";
import type { ProbeAnswer, ProbeContext, ProbeKind } from "../ports/probe-kind.ts";
import { ActionEnded } from "./action-ended.ts";
import { controllerHost, environmentOf, guardOf, markKey, type Work } from "./work.ts";

export type Occasion = "before" | "after-step" | "bake" | "verify" | "watch";

export type Health =
  | { readonly is: "healthy" }
  | {
      readonly is: "unhealthy" | "inconclusive";
      readonly because: string;
      /** Those that it comes from; empty: it is no probe's. */
      readonly probes: readonly string[];
    };

/** What a bake waits for beside health, asked for before each of its turns. */
export type Beyond = () => Promise<
  Pick<CourseOrder, "evidence" | "comparableSinceMs" | "wakeMs" | "watchedMs">
>;

/** A pause between two looks is longer by up to this share of it, where the plan says nothing else. */
const usualJitter = 0.1;

/** Longest that one answer of a probe is waited for, whatever the probe says of itself. */
export const probeAnswerMaxMs = 60_000;

/**
 * Watches the instance's probes until `bake` is passed, failed or undecided at its end. A plan
 * without probes is healthy by definition: the verdict on its files is all there is.
 */
export async function watchHealth(
  work: Work,
  bake: Bake,
  occasion: Occasion,
  beyond?: Beyond,
): Promise<Health> {
  const { clock, itinerary } = work.parts;
  const specs = itinerary.plan.probes;
  const samples: Sample[] = [];
  const startedMs = clock.now();
  const order = (): BakeOrder => ({
    bake,
    probes: specs.map(bakedProbe),
    startedMs,
    nowMs: clock.now(),
    samples,
  });
  let told: BakeStage | null = null;
  for (;;) {
    const more = await beyond?.();
    if (occasion === "bake" && samples.length > 0)
      told = await tellStage(work, told, staged(order(), more));
    const next = more === undefined ? bakeStep(order()) : bakeCourse({ ...order(), ...more });
    switch (next.kind) {
      case "wait":
        await clock.sleep(next.ms, work.signal);
        break;
      case "look": {
        const due = specs.filter((spec) => next.probes.includes(spec.name));
        const answers = await Promise.all(due.map((spec) => ask(work, spec)));
        for (const [index, spec] of due.entries())
          await take(work, { spec, answer: answers[index]!, occasion, samples });
        break;
      }
      case "passed":
        return { is: "healthy" };
      case "failed":
        return { is: "unhealthy", because: next.because, probes: next.probes };
      case "inconclusive":
        return { is: "inconclusive", because: next.because, probes: next.probes };
    }
  }
}

/** With what it waits for beside health, for whoever watches. */
function staged(order: BakeOrder, more: Awaited<ReturnType<Beyond>> | undefined): BakeOrder {
  return more === undefined ? order : { ...order, notBeforeMs: notBeforeOf({ ...order, ...more }) };
}

/** Notes a stage that was not told yet, with the time that is left of it. */
async function tellStage(
  work: Work,
  told: BakeStage | null,
  order: BakeOrder,
): Promise<BakeStage | null> {
  const now = bakeStage(order);
  if (now.stage === "settle" || (now.stage === told?.stage && now.endsMs === told.endsMs))
    return told;
  const { stableMs, retryMs } = order.bake;
  const ofMs = { retry: retryMs, stable: stableMs, evidence: lastMomentMs(order.bake) }[now.stage];
  const leftMs = Math.round(Math.max(0, now.endsMs - order.nowMs));
  if (ofMs > 0) await work.note({ kind: "bake.stage", stage: now.stage, leftMs, ofMs });
  return now;
}

function bakedProbe({ name, intervalMs, jitter, failAfter, errorAfter }: ProbeSpec): BakedProbe {
  return {
    name,
    intervalMs,
    jitterMs: intervalMs * (jitter ?? usualJitter),
    ...(failAfter === undefined ? {} : { failAfter }),
    ...(errorAfter === undefined ? {} : { errorAfter }),
  };
}

/** Notes every change of a probe's answer; a bake that is simply healthy stays short to read. */
async function take(
  work: Work,
  look: {
    readonly spec: ProbeSpec;
    readonly answer: ProbeAnswer & { readonly askedMs: number };
    readonly occasion: Occasion;
    readonly samples: Sample[];
  },
): Promise<void> {
  const { spec, answer, occasion, samples } = look;
  const last = samples.findLast((sample) => sample.probe === spec.name);
  samples.push({
    probe: spec.name,
    askedMs: answer.askedMs,
    is: answer.is,
    because: answer.because,
    spread: work.parts.clock.chance?.() ?? 0,
  });
  if (last?.is === answer.is) return;
  await work.note({
    kind: "probe",
    probe: spec.name,
    surface: spec.surface,
    is: answer.is,
    because: answer.because,
    tookMs: Math.round(answer.tookMs),
    while: occasion,
  });
}

/** Remembers what probes need to know of the time before; asked once, before the first step. */
export async function markProbes(work: Work): Promise<void> {
  for (const spec of work.parts.itinerary.plan.probes) {
    const kind = kindOf(work, spec);
    if (kind.mark === undefined) continue;
    for (const host of placesOf(work, spec)) {
      const key = markKey(work.instance.name, host?.name, spec.name);
      const mark = await kind.mark(argsOf(work, spec, kind, host), contextOf(work, host, null));
      work.marks.set(key, mark);
      await work.note({
        kind: "mark",
        probe: spec.name,
        mark,
        ...(host === null ? {} : { host: host.name }),
      });
    }
  }
}

/** A probe placed on the host is asked on every host of the instance, and the worst answer counts. */
export async function ask(
  work: Work,
  spec: ProbeSpec,
): Promise<ProbeAnswer & { readonly askedMs: number }> {
  const { clock } = work.parts;
  const askedMs = clock.now();
  let worst: ProbeAnswer | null = null;
  for (const host of placesOf(work, spec)) {
    const answer = await askAt(work, spec, host);
    const { because } = answer;
    const named =
      work.instance.hosts.length > 1 && host !== null ? `${host.name}: ${because}` : because;
    if (worst === null || rank[answer.is] > rank[worst.is]) worst = { ...answer, because: named };
  }
  if (worst === null) throw new Error(`probe "${spec.name}" has no place to be asked from`);
  return { ...worst, askedMs };
}

/** What is asked, of a probe or of a metric. */
export type Question = Pick<ProbeSpec, "name" | "kind" | "args" | "on">;

/** One answer from one host, or from the controller; its words are short, and hold no secret. */
export async function askAt(work: Work, spec: Question, host: Host | null): Promise<ProbeAnswer> {
  const kind = kindOf(work, spec);
  const mark = work.marks.get(markKey(work.instance.name, host?.name, spec.name)) ?? null;
  const context = contextOf(work, host, mark);
  const answer = await answerOf(work, kind, argsOf(work, spec, kind, host), context);
  return { ...answer, because: oneLine(work.parts.redactor.text(answer.because), { max: 500 }) };
}

const rank = { pass: 0, error: 1, fail: 2 } as const;

async function answerOf(
  work: Work,
  kind: ProbeKind,
  args: unknown,
  context: ProbeContext,
): Promise<ProbeAnswer> {
  const over = new AbortController();
  const late = work.parts.clock.sleep(probeAnswerMaxMs, over.signal).then(
    (): ProbeAnswer => ({
      is: "error",
      because: `no answer within ${probeAnswerMaxMs / 1_000} s`,
      tookMs: probeAnswerMaxMs,
    }),
    () => answer,
  );
  const answer = kind
    .ask(args, context)
    .catch((error: unknown): ProbeAnswer => {
      // A host that can't be asked says nothing of its users: that is what `error` means.
      if (error instanceof ActionEnded && error.outcome.is !== "done")
        return { is: "error", because: error.outcome.failure.message, tookMs: 0 };
      throw error;
    })
    .finally(() => over.abort());
  return Promise.race([answer, late]);
}

/** From where it is asked: each host of the instance, or the controller (null). */
export function placesOf(work: Work, spec: Question): readonly (Host | null)[] {
  return spec.on === "host" ? work.instance.hosts : [null];
}

function kindOf(work: Work, spec: Question): ProbeKind {
  const kind = work.parts.probeKind(spec.kind);
  if (kind === null) throw new Error(`no probe kind is named "${spec.kind}"`);
  return kind;
}

function argsOf(work: Work, spec: Question, kind: ProbeKind, host: Host | null): unknown {
  return kind.substitutes ? substitute(spec.args, environmentOf(work, host)) : spec.args;
}

function contextOf(work: Work, host: Host | null, mark: string | null): ProbeContext {
  return {
    place: host === null ? "controller" : "host",
    env: environmentOf(work, host),
    mark,
    run: async (order) => (await guardOf(work, host ?? controllerHost(work))).ask(order),
    signal: work.signal,
  };
}
