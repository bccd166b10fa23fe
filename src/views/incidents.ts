import type { Failure } from "../core/failure.ts";
import type { Bad, InstanceState, RolloutState } from "../core/state.ts";
import type { Evidence } from "./evidence.ts";
import { type SurfaceHealth, surfacesOf } from "./surfaces.ts";
import { msBetween } from "./times.ts";
import { counted } from "./wording.ts";

/** One instance that went wrong: what, since when, what was done about it, how users are. */
export interface Incident {
  readonly instance: string;
  readonly region: string;
  readonly timezone: string | null;
  /** null: neither good nor bad, it waits for a decision. */
  readonly as: Bad["as"] | null;
  readonly failure: Failure;
  /** The step that it failed at; null before the first and during the bake. */
  readonly step: { readonly name: string; readonly number: number } | null;
  /** When that step began; null where no step did it. */
  readonly harmAt: string | null;
  readonly detectedAt: string | null;
  /** When content and health were confirmed to be as before; null: not yet, or never lost. */
  readonly recoveredAt: string | null;
  /** Rolled back and verified. */
  readonly asBefore: boolean;
  readonly timeToDetectMs: number | null;
  readonly timeToRecoverMs: number | null;
  /** What was done about it, in order, as short sentences. */
  readonly done: readonly string[];
  readonly surfaces: readonly SurfaceHealth[];
}

/** In rollout order. Instances that were only taken back because of others come last. */
export function incidentsOf(
  state: RolloutState,
  evidenceOf: (instance: string) => Evidence,
): readonly Incident[] {
  const all = [...state.instances.values()].flatMap((it) => {
    const failure = it.bad?.failure ?? it.doubt;
    return failure === null ? [] : [incident(it, failure, { state, seen: evidenceOf(it.name) })];
  });
  const cause = (it: Incident): boolean => it.as !== "rolled back";
  return [...all.filter(cause), ...all.filter((it) => !cause(it))];
}

function incident(
  it: InstanceState,
  failure: Failure,
  { state, seen }: { readonly state: RolloutState; readonly seen: Evidence },
): Incident {
  const index = it.bad?.step ?? null;
  const name = index === null ? undefined : state.itinerary.plan.steps[index]?.name;
  const step = index === null || name === undefined ? null : { name, number: index + 1 };
  const harmAt = index === null ? null : (seen.stepStarted.get(index)?.at ?? null);
  const told = seen.failures.find((each) => sameFailure(each.failure, failure));
  // Text of RFC 3339 in UTC sorts as time does.
  const sign = harmAt === null ? undefined : seen.signs.find((at) => at >= harmAt);
  const detectedAt = [sign, told?.at].filter((at) => at !== undefined).sort()[0] ?? null;
  // Verified files are no recovery while an undo has failed.
  const recoveredAt = it.flaws.length === 0 ? seen.verifiedAt : null;
  return {
    instance: it.name,
    region: it.region,
    timezone: state.itinerary.regions.find((each) => each.name === it.region)?.timezone ?? null,
    as: it.bad?.as ?? null,
    failure,
    step,
    harmAt,
    detectedAt,
    recoveredAt,
    asBefore: it.phase === "rolled-back",
    timeToDetectMs: msBetween(harmAt, detectedAt),
    timeToRecoverMs: msBetween(detectedAt, recoveredAt),
    done: doneAbout(it, seen, state),
    surfaces: surfacesOf(seen.probes),
  };
}

function sameFailure(a: Failure, b: Failure): boolean {
  return a.code === b.code && a.message === b.message && a.host === b.host;
}

function doneAbout(it: InstanceState, seen: Evidence, state: RolloutState): readonly string[] {
  const done = seen.recoveries.map(({ path, did, verified }) => {
    const end = verified ? "was verified" : "could NOT be verified";
    return `recovery of ${path} ran (${did.join(", ")}) and ${end}`;
  });
  for (const { host, firedAt, complete } of seen.fired) {
    const end = complete ? "" : ", but did NOT come to its end";
    done.push(
      `${host ?? it.name} heard nothing for its lease and went back by itself at ${firedAt}${end}`,
    );
  }
  if (seen.reverted.length > 0) {
    const names = seen.reverted.map((index) => state.itinerary.plan.steps[index]?.name ?? "?");
    done.push(`undone, newest first: ${names.join(", ")}`);
  }
  if (seen.restored > 0)
    done.push(`${counted(seen.restored, "entry", "entries")} put back from snapshots`);
  if (seen.conflicts.length > 0)
    done.push(`${counted(seen.conflicts.length, "conflict")} left alone: ${seen.conflicts[0]}`);
  return [...done, ...ending(it)];
}

function lockOf({ freed }: InstanceState): string {
  return freed ? "a person gave its lock back" : "its lock is kept";
}

function ending(it: InstanceState): readonly string[] {
  switch (it.phase) {
    case "rolled-back":
      return ["content and health verified: as before"];
    case "rolled-back-unverified":
      return [`put back, but NOT verified: ${it.doubt?.message ?? "no reason is known"}`];
    case "rollback-failed":
      return [`the rollback FAILED: ${it.doubt?.message ?? "no reason is known"}`];
    case "left":
      return [`left as it is; ${lockOf(it)}`];
    case "unknown":
      return [`nothing more was done: what the last command did is not known; ${lockOf(it)}`];
    case "unfit":
      return ["nothing had to be done: it was not touched"];
    case "reverting":
    case "verifying":
      return ["the rollback is under way"];
    case "inconclusive":
    case "asking":
      return ["it waits for a decision, as it is"];
    case "unchecked":
    case "waiting":
    case "beginning":
    case "stepping":
    case "rewinding":
    case "stepped":
    case "baking":
    case "sealed":
      return [];
  }
}
