import type { RolloutEvent } from "./event.ts";
import type { Failure } from "./failure.ts";
import { trouble } from "./instance-course.ts";
import type { LateHarm, TurnedLate } from "./late-harm.ts";
import { isOver } from "./over.ts";
import { chosenIn, withEntry } from "./persistent-map.ts";
import { type Bad, instanceOf, type InstanceState, type RolloutState } from "./state.ts";
import { underHalt } from "./take-back.ts";

/**
 * Sealed instances that are looked at while the rollout goes on, in rollout order. Nobody looks once
 * everything is done and only locks are given back, nor while a person wants no new work: looking
 * can lead to a rollback, and whoever stops a rollout wants it to rest.
 */
export function watchedIn(state: RolloutState): readonly string[] {
  if (state.itinerary.plan.rollout.watch === undefined || state.abort !== null) return [];
  if (state.parked !== null || (state.held !== null && state.mode === "forward")) return [];
  if (!mayTurnBad(state)) return [];
  return chosenIn(state.instances, isSealedWell).map((it) => it.name);
}

/** Does harm that is seen here now still count? */
export function canTurnBad(it: InstanceState, state: RolloutState): boolean {
  return isSealedWell(it) && mayTurnBad(state);
}

/** Is there still somebody who would do something about it? */
function mayTurnBad(state: RolloutState): boolean {
  if (state.closed !== null || (state.mode !== "forward" && state.mode !== "halting")) return false;
  return !isOver(state);
}

function isSealedWell(it: InstanceState): boolean {
  return it.phase === "sealed" && it.pending === null && it.bad === null;
}

/**
 * What is written where harm was seen; null: it is bad already, and nothing new. Of an instance that
 * can't turn bad any more, because the rollout is over, it is only told.
 */
export function lateHarmSeen(state: RolloutState, harm: LateHarm): RolloutEvent | null {
  const it = instanceOf(state, harm.instance);
  if (canTurnBad(it, state)) return { kind: "late-harm", harm, during: regionUnderWay(state) };
  if (it.phase !== "sealed" || it.bad !== null) return null;
  const text = `${harm.says}: seen when the rollout was over, so nothing comes of it; \`handrail undo\` takes it back`;
  return { kind: "noted", note: { kind: "remark", instance: it.name, text } };
}

type LateHarmEvent = Extract<RolloutEvent, { kind: "late-harm" }>;

/** Bad from now on, with what the plan's `onFail` asks for; its region is not whole any more. */
export function afterLateHarm(state: RolloutState, event: LateHarmEvent): RolloutState {
  const it = instanceOf(state, event.harm.instance);
  if (!canTurnBad(it, state)) return state;
  const { plan, receipted } = state.itinerary;
  const marked = trouble(it, badOf(event), { plan, receipted });
  const turned = state.halt === null ? marked : underHalt(marked, state.halt, state);
  return {
    ...state,
    // A runner that stays may see it while a person or a window is waited for.
    parked: null,
    instances: withEntry(state.instances, it.name, turned),
    regions: state.regions.map((region) =>
      region.name === it.region && region.stage === "sealed"
        ? { ...region, stage: "harmed" }
        : region,
    ),
  };
}

/** A broken contract is one whether the step or something that it set off broke it. */
function badOf(event: LateHarmEvent): Bad {
  const as = event.harm.is === "lost" ? "contract broken" : "failed";
  return { as, failure: lateFailure(event), step: null, late: { during: event.during } };
}

/** What such a record says is wrong with its instance. */
export function lateFailure({ harm, during }: LateHarmEvent): Failure {
  const { instance, host, is, says, path } = harm;
  return {
    code: "LATE_HARM",
    message: `${instance} was sealed, and turned bad ${whenWords(during)}: ${says}`,
    hint:
      is === "lost"
        ? "see what removes them after the fix is done (a cron job, the application itself)"
        : "see what changed there after the fix was done; its log and the probe's answers say more",
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path }),
  };
}

/** The region that is not done yet, also where it still waits to begin; null: all are. */
function regionUnderWay({ regions }: RolloutState): string | null {
  const open = regions.find(({ stage }) => stage !== "sealed" && stage !== "harmed");
  return open?.name ?? null;
}

/** Those of these who were sealed before they turned bad. */
export function turnedLate(all: readonly InstanceState[]): readonly TurnedLate[] {
  return all.flatMap(({ name, region, bad }) =>
    bad?.late === undefined ? [] : [{ instance: name, region, during: bad.late.during }],
  );
}

/** "; eu1 of region eu was sealed and turned bad while region us was under way"; empty: nobody. */
export function lateWords(late: readonly TurnedLate[]): string {
  return late
    .map(({ instance, region, during }) => {
      const when = whenWords(during);
      return `; ${instance} of region ${region} was sealed and turned bad ${when}`;
    })
    .join("");
}

function whenWords(during: string | null): string {
  return during === null ? "later" : `while region ${during} was under way`;
}

/**
 * Must it wait before it is touched for the first time? A region behind it was sealed, and is not
 * whole any more. What has begun is brought to its end.
 */
export function waitsForEarlier(it: InstanceState, state: RolloutState): boolean {
  if (it.touched > 0) return false;
  const at = state.regions.findIndex(({ name }) => name === it.region);
  return state.regions.slice(0, at).some(({ stage }) => stage === "harmed");
}
