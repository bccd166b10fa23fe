import type { Action } from "../core/action.ts";
import type { Note, Outcome } from "../core/event.ts";
import { HandrailError } from "../core/failure.ts";
import { afterOutcome } from "../core/instance-course.ts";
import type { Plan } from "../core/plan/plan.ts";
import { instanceOf, type RolloutState } from "../core/state.ts";
import { ActionEnded } from "./action-ended.ts";
import { askSealed, sealedNames, type Unwell } from "./ask-sealed.ts";
import { GuardPool } from "./guard-pool.ts";
import { Measuring } from "./measuring.ts";
import { LateWatch } from "./late-watch.ts";
import type { PerformerParts } from "./parts.ts";
import { performApply } from "./perform-apply.ts";
import { performBake } from "./perform-bake.ts";
import { claimHosts, performBegin } from "./perform-begin.ts";
import { performPreflight } from "./perform-preflight.ts";
import { performRelease } from "./perform-release.ts";
import { performRevert, performRewind, performStandDown } from "./perform-revert.ts";
import { performSnapshot } from "./perform-snapshot.ts";
import { sayWhyKept } from "./say-why-kept.ts";
import { performVerify } from "./perform-verify.ts";
import { Told } from "./told.ts";
import { markKey, type Work } from "./work.ts";

/** Has one action done. Everything that may go wrong on a host ends as an outcome; a bug throws. */
export interface Performer extends AsyncDisposable {
  perform(order: PerformOrder): Promise<Outcome>;
  /** What an earlier runner noted, for what must be remembered across runners. */
  recall(note: Note): void;
  /** What looks at sealed instances beside its actions; absent: the plan wants none. */
  readonly lateWatch?: LateWatch;
  /** Asks the probes of sealed instances again; gives those that do not serve their users now. */
  askSealed?(order: Omit<PerformOrder, "action">): Promise<readonly Unwell[]>;
}

export interface PerformOrder {
  readonly action: Action;
  /** With the action's intent already in it. */
  readonly state: RolloutState;
  readonly signal: AbortSignal;
  readonly note: (note: Note) => Promise<void>;
}

/** Waits before the same question is put again, in milliseconds; the last one repeats. */
const backoffMs = [0, 500, 2_000, 5_000];

export function createPerformer(parts: PerformerParts): Performer {
  const pool = new GuardPool(parts);
  const marks = new Map<string, string>();
  /** Instances whose hosts know this runner's epoch: an older runner is refused there from then on. */
  const claimed = new Set<string>();
  const told = new Told();
  const measuring = new Measuring(parts);
  const isWatched = parts.itinerary.plan.rollout.watch !== undefined;
  const lateWatch = isWatched ? new LateWatch(parts, marks) : null;

  function workOn(name: string, order: Omit<PerformOrder, "action">): Work {
    const { state, signal, note } = order;
    const instance = parts.itinerary.instances[name];
    if (instance === undefined) throw new Error(`${name} is not on the target list`);
    const it = instanceOf(state, name);
    return {
      parts,
      pool,
      instance,
      state: it,
      epoch: state.epoch,
      signal,
      marks,
      heard: it.inDoubt,
      later: state.mode === "undoing" && !state.over ? "keep" : "replace",
      isArmed: (host, step) => told.isArmed({ instance: name, host, step }),
      found: (attempt) => told.found({ ...attempt, instance: name }),
      note: async (body) => {
        const whole: Note = { ...body, instance: name };
        measuring.recall(whole);
        if (told.isNew(whole)) await note(whole);
      },
    };
  }

  async function perform({ action, ...order }: PerformOrder): Promise<Outcome> {
    const { state, signal } = order;
    const work = workOn(action.instance, order);
    // Whoever gives up on an action must not find its channel still busy with it.
    const giveUp = (): void => void pool.drop(action.instance);
    signal.addEventListener("abort", giveUp, { once: true });
    const outcome = await outcomeOf(work, { action, state, claimed, measuring });
    signal.removeEventListener("abort", giveUp);
    await tellRetry(work, { action, outcome, state });
    await sayWhyKept(work, { action, outcome, state });
    const silent = outcome.is === "unreachable" || outcome.is === "unknown";
    // A channel that lost one answer can't be trusted with the next question.
    // One that was given up on has closed its own by then; what is open now is its successor's.
    if (!signal.aborted && (silent || endsInstance(action, outcome, parts.itinerary.plan)))
      await pool.drop(action.instance);
    return outcome;
  }

  return {
    perform,
    ...(lateWatch === null ? {} : { lateWatch }),
    recall(note) {
      told.isNew(note);
      measuring.recall(note);
      if (note.kind === "mark") marks.set(markKey(note.instance, note.host, note.probe), note.mark);
    },
    askSealed: (order) =>
      askSealed({
        names: sealedNames(order.state),
        concurrency: parts.itinerary.plan.rollout.concurrency,
        signal: order.signal,
        workOn: (name) => workOn(name, order),
        leave: (name) => pool.drop(name),
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([pool[Symbol.asyncDispose](), lateWatch?.[Symbol.asyncDispose]()]);
    },
  };
}

interface ActionOrder {
  readonly action: Action;
  readonly state: RolloutState;
  readonly claimed: Set<string>;
  readonly measuring: Measuring;
}

async function outcomeOf(work: Work, order: ActionOrder): Promise<Outcome> {
  const { action, claimed } = order;
  const wait = waitBefore(work.state.tries);
  try {
    if (wait > 0) await work.parts.clock.sleep(wait, work.signal);
    if (changesHosts(work, action) && !claimed.has(action.instance)) {
      await claimHosts(work);
      claimed.add(action.instance);
    }
    // Its answer may be lost, and the lock given back all the same.
    if (action.kind === "release") claimed.delete(action.instance);
    await doAction(work, order);
    return { is: "done" };
  } catch (error) {
    if (error instanceof ActionEnded) return asHeard(error.outcome, work);
    if (error instanceof HandrailError) return { is: "failed", failure: error.failure };
    throw error;
  }
}

/** The same question will be put again: people should see that, and why. */
async function tellRetry(
  work: Work,
  it: { readonly action: Action; readonly outcome: Outcome; readonly state: RolloutState },
): Promise<void> {
  const { action, outcome } = it;
  if (outcome.is === "done") return;
  const { plan, receipted } = it.state.itinerary;
  const after = afterOutcome(work.state, action, outcome, { plan, receipted });
  if (after.tries <= work.state.tries) return;
  const { failure } = outcome;
  const inMs = waitBefore(after.tries);
  await work.note({ kind: "retrying", what: wordsOf(action, plan), failure, inMs });
}

function waitBefore(tries: number): number {
  return backoffMs[Math.min(tries, backoffMs.length - 1)] ?? 0;
}

function wordsOf(action: Action, plan: Plan): string {
  if (!("step" in action)) return action.kind;
  const name = `step "${plan.steps[action.step]?.name ?? action.step + 1}"`;
  return action.kind === "apply" ? name : `${action.kind} of ${name}`;
}

/**
 * Before the first of these, a runner makes itself known to the hosts: after a crash, and for an undo.
 * What is given up by a person is stood down first, and may be somebody else's by now.
 */
function changesHosts({ state }: Work, { kind }: Action): boolean {
  return changing.has(kind) || (kind === "release" && state.freed);
}

const changing: ReadonlySet<Action["kind"]> = new Set<Action["kind"]>([
  "begin",
  "snapshot",
  "apply",
  "stand-down",
  "rewind",
  "verify",
]);

/** "Unreachable" promises that nothing was done; after a first host heard of it, that is not so. */
function asHeard(outcome: Outcome, work: Work): Outcome {
  return outcome.is === "unreachable" && work.heard ? { ...outcome, is: "unknown" } : outcome;
}

function doAction(work: Work, { action, state, measuring }: ActionOrder): Promise<void> {
  switch (action.kind) {
    case "preflight":
      return performPreflight(work);
    case "begin":
      return performBegin(work);
    case "snapshot":
      return performSnapshot(work, action.step);
    case "apply":
      return performApply(work, action.step, action.attempt);
    case "stand-down":
      return performStandDown(work, action.step);
    case "rewind":
      return performRewind(work, action.step);
    case "bake":
      return performBake(work, { state, measuring });
    case "revert":
      return performRevert(work, action.step);
    case "verify":
      return performVerify(work);
    case "release":
      return performRelease(work);
  }
}

/** Preflight goes over the whole fleet, and a release is the last that an instance hears of us. */
function endsInstance(action: Action, outcome: Outcome, plan: Plan): boolean {
  if (action.kind === "preflight" || action.kind === "release") return true;
  // Nobody else renews the lease of a switch that is still armed.
  if (outcome.is !== "done") return false;
  // After its last step it waits for its batch: a connection held meanwhile would be one of hundreds.
  if (action.kind === "apply") return action.step === plan.steps.length - 1;
  return action.kind === "bake" || action.kind === "verify" || action.kind === "stand-down";
}
