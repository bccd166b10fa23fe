import { type Action, actionId } from "../core/action.ts";
import { decide } from "../core/decide.ts";
import { due } from "../core/due.ts";
import type { Note, RolloutEvent, Wish } from "../core/event.ts";
import { evolve } from "../core/evolve.ts";
import { HandrailError } from "../core/failure.ts";
import { lateHarmSeen } from "../core/after-late-harm.ts";
import { heldToEnvelope } from "../core/held-to-envelope.ts";
import { brokenPromises } from "../core/promises.ts";
import { recover } from "../core/recover.ts";
import { openRollout, type RolloutState } from "../core/state.ts";
import { toldTime } from "../core/told-time.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { Redactor } from "../core/redact.ts";
import type { Clock } from "../ports/clock.ts";
import type { AppendOptions, JournalRecord, JournalSession } from "../ports/journal.ts";
import { cleanEvent } from "./clean-event.ts";
import { afterUnwell } from "./ask-sealed.ts";
import { Deadlines } from "./deadlines.ts";
import type { Performer } from "./performer.ts";
import { beginsMore, staysAt, unparked, windowOpened } from "./stay.ts";

export interface RunnerParts {
  readonly itinerary: Itinerary;
  /** Everything that the journal holds so far, the `opened` record first. */
  readonly records: readonly JournalRecord[];
  readonly session: JournalSession;
  readonly performer: Performer;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly runner: string;
  /** Wishes from this process: signals and prompts. */
  readonly control: Control;
  /** Stays where a person or a window is waited for; default: leaves, and another goes on later. */
  readonly stays?: boolean | undefined;
  /** Called with each record once it is durable. */
  readonly onRecord?: (record: JournalRecord, before: RolloutState, after: RolloutState) => void;
}

/** Wishes from within this process, waiting for the loop. */
export interface Control {
  /** Those since the last call. */
  take(): readonly { readonly wish: Wish; readonly by: string; readonly reason: string }[];
  /** Resolves when there is something to take. */
  readonly waiting: () => Promise<void>;
}

/** How often wishes from other terminals are looked for; and where nothing else goes on. */
export const wishPollMs = 250;
const stayPollMs = 1_000;

/** Carries a rollout from wherever its journal stands to its close, or to where a person is needed. */
export async function runRollout(parts: RunnerParts): Promise<RolloutState> {
  const { session, performer, clock } = parts;
  let state = openRollout(parts.itinerary);
  for (const { event } of parts.records) {
    state = evolve(state, event);
    if (event.kind === "noted") performer.recall(event.note);
  }
  const underWay = new Map<string, UnderWay>();
  const deadlines = new Deadlines(parts.itinerary, clock);
  let writing: Promise<void> = Promise.resolve();
  let full: HandrailError | null = null;

  /** One record at a time: what is decided next sees everything that was written before. */
  function record(raw: RolloutEvent, options?: AppendOptions): Promise<void> {
    const write = writing.then(async () => {
      const event = cleanEvent(raw, parts.redactor);
      const before = state;
      const after = evolve(before, event);
      const broken = brokenPromises(before, event, after);
      if (broken.length > 0) throw new Error(`a promise would be broken: ${broken.join("; ")}`);
      const written = await session.append(event, options);
      state = after;
      parts.onRecord?.(written, before, after);
    });
    writing = write.catch(() => undefined);
    return write;
  }

  /** A full disk stops the rollout safely: what runs is brought to its end, nothing new begins. */
  function onFull(error: unknown): false {
    if (!(error instanceof HandrailError) || error.failure.code !== "STATE_FULL") throw error;
    full ??= error;
    return false;
  }

  async function noted(note: Note): Promise<void> {
    await record({ kind: "noted", note }).catch(onFull);
  }

  async function holdBecauseFull(error: HandrailError): Promise<void> {
    await record({
      kind: "asked",
      wish: { kind: "interrupt", signal: "STATE_FULL" },
      by: "the full disk",
      reason: error.failure.message,
    });
  }

  function begin(action: Action): void {
    const abort = new AbortController();
    const work = performer
      .perform({
        action,
        state,
        signal: abort.signal,
        note: noted,
      })
      .then((outcome): RolloutEvent => ({ kind: "outcome", action, outcome }));
    const ending = isCancellable(action)
      ? cancellable({ work, action, signal: abort.signal, clock })
      : work;
    const ended = deadlines.guard(action, ending, abort);
    // Whoever waits for it sees a rejection; one that comes after the loop has left has no one.
    ended.catch(() => undefined);
    underWay.set(actionId(action), { action, abort, ended });
  }

  async function hear(): Promise<void> {
    for (const { id, wish, by, reason } of await session.wishes())
      await record({ kind: "asked", wish, by, reason }, { wish: id });
    for (const asked of parts.control.take()) await record({ kind: "asked", ...asked });
    const overdue = deadlines.progress(state);
    if (overdue !== null)
      await record({
        kind: "asked",
        wish: { kind: "deadline", failure: overdue },
        by: "the progress deadline",
        reason: overdue.message,
      });
    // Looking on can begin again at any time, so it does not hold up a person who asks for an end.
    const ends = state.abort !== null || (state.held !== null && state.mode !== "halting");
    if (ends) for (const it of underWay.values()) if (isCancellable(it.action)) it.abort.abort();
  }

  /** What was found on sealed instances; nothing is decided in between. */
  async function hearLate(): Promise<void> {
    for (const sight of performer.lateWatch?.take() ?? []) {
      const event: RolloutEvent | null =
        sight.is === "harm" ? lateHarmSeen(state, sight.harm) : { kind: "noted", note: sight.note };
      if (event !== null) await record(event).catch(onFull);
    }
  }

  /** Nobody watched in between: what is sealed is asked again before anything new begins. */
  let unwatched = parts.records.some(({ event }) => event.kind === "taken-up");

  /** Holds the rollout where one of them fails. Wishes are heard all the while. */
  async function askAgain(): Promise<void> {
    unwatched = false;
    if (performer.askSealed === undefined) return;
    const over = new AbortController();
    const asking = performer.askSealed({ state, signal: over.signal, note: noted });
    for (;;) {
      const unwell = await firstOf([asking], parts);
      if (unwell === null) await hear();
      // Whoever goes on later asks again; what is still asked is forgotten.
      unwatched = state.abort !== null || state.held !== null;
      if (unwatched) {
        over.abort();
        asking.catch(() => undefined);
        return;
      }
      if (unwell === null) continue;
      if (unwell.length === 0) return;
      for (const event of afterUnwell(state, unwell)) await record(event).catch(onFull);
      return;
    }
  }

  /** What must be written now: what the clock has to say comes before what follows from it. */
  const owed = (): RolloutEvent | null => toldTime(state, clock.wall()) ?? due(state);

  await record({ kind: "taken-up", runner: parts.runner, epoch: session.epoch });
  for (const event of recover(state)) await record(event);
  try {
    for (;;) {
      await hear();
      await hearLate();
      for (let event = owed(); event !== null; event = owed()) {
        if (unwatched && beginsMore(event)) await askAgain();
        else await record(event);
      }
      if (state.closed !== null) return state;
      if (state.parked !== null && underWay.size === 0) {
        if (parts.stays !== true || !staysAt(state)) return state;
        unwatched = true;
        const opened = windowOpened(state, clock.wall());
        if (opened !== null) await record(opened);
      }
      performer.lateWatch?.follow(parts.stays === true ? unparked(state) : state);
      const actions = decide(state);
      if (unwatched && actions.some(({ kind }) => kind === "begin")) {
        await askAgain();
        continue;
      }
      for (const action of actions) {
        // Nothing is begun whose intent is not on the disk.
        const written = await record({ kind: "intent", action }).then(() => true, onFull);
        if (!written) break;
        begin(action);
      }
      if (full !== null && state.held === null) await holdBecauseFull(full);
      else if (full !== null && underWay.size === 0 && state.parked === null) throw full;
      const event = await firstOf(
        [...underWay.values()].map((it) => it.ended),
        parts,
        state.parked === null ? wishPollMs : stayPollMs,
      );
      if (event === null) continue;
      deadlines.saw(event);
      if ("action" in event) underWay.delete(actionId(event.action));
      // What is still being written belongs to what it is held against.
      await writing;
      // What was found by now counts, also where this is the last that was waited for.
      await hearLate();
      for (const each of heldToEnvelope(state, event)) await record(each);
    }
  } finally {
    performer.lateWatch?.end();
    // Reached with work under way only by a bug or a lost journal: commands go on under their receipts.
    for (const it of underWay.values()) it.abort.abort();
  }
}

interface UnderWay {
  readonly action: Action;
  readonly abort: AbortController;
  readonly ended: Promise<RolloutEvent>;
}

/** The first of these to end; null when it is time to listen for wishes. */
async function firstOf<T>(
  ended: readonly Promise<T>[],
  { clock, control }: RunnerParts,
  pollMs = wishPollMs,
): Promise<T | null> {
  const pause = new AbortController();
  const tick = clock.sleep(pollMs, pause.signal).then(
    () => null,
    () => null,
  );
  const wish = control.waiting().then(() => null);
  const first = await Promise.race([...ended, tick, wish]);
  pause.abort(nobodyWaits);
  return first;
}

/** Made once: an abort without a reason makes an error with a stack each time, four times a second. */
const nobodyWaits = new Error("nobody waits for this any more");

/** Read-only and begun again at no cost: may simply be forgotten. */
function isCancellable(action: Action): boolean {
  return action.kind === "bake" || action.kind === "preflight";
}

/** What looks on, and was told that nobody asks any more, gets so long to let go of its hosts. */
export const letGoMaxMs = 5_000;

interface Cancellable {
  readonly work: Promise<RolloutEvent>;
  readonly action: Action;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Its end, or "forgotten" soon after the signal, also where a host keeps it from hearing that. */
function cancellable({ work, action, signal, clock }: Cancellable): Promise<RolloutEvent> {
  const forgotten: RolloutEvent = { kind: "forgotten", action };
  const over = new AbortController();
  const givenUp = Promise.withResolvers<RolloutEvent>();
  const giveUp = (): void => {
    clock.sleep(letGoMaxMs, over.signal).then(
      () => givenUp.resolve(forgotten),
      () => undefined,
    );
  };
  signal.addEventListener("abort", giveUp, { once: true });
  const ended = work.then(
    (event) => (signal.aborted ? forgotten : event),
    (error: unknown) => {
      if (signal.aborted) return forgotten;
      throw error;
    },
  );
  const heard = ended.finally(() => {
    signal.removeEventListener("abort", giveUp);
    over.abort(nobodyWaits);
  });
  return Promise.race([heard, givenUp.promise]);
}
