import type { Note } from "../core/event.ts";
import { watchedIn } from "../core/after-late-harm.ts";
import type { LateHarm } from "../core/late-harm.ts";
import { instanceOf, type RolloutState } from "../core/state.ts";
import { GuardPool } from "./guard-pool.ts";
import { type Glance, LateGlances } from "./late-glances.ts";
import { lookingDoor, lookingWork } from "./looking-work.ts";
import type { PerformerParts } from "./parts.ts";
import { Places } from "./places.ts";

/** What looks at sealed instances have found: the runner writes it down, and the brain says what comes of it. */
export type LateSight =
  | { readonly is: "harm"; readonly harm: LateHarm }
  /** Worth knowing, and changes nothing. */
  | { readonly is: "told"; readonly note: Note };

/** Instances that are looked at in one moment, where `concurrency` allows as many. */
const looksAtOnceMax = 20;

/** The first look after the seal, by which the next ones go. Sooner, whoever is about to end would be asked once more. */
const firstLookMs = 1_000;

/** Longest that one look at one instance takes its place. */
const lookMaxMs = 120_000;

/** An instance that can't be seen is looked at less and less often, up to so many intervals apart. */
const rarestLook = 8;

/**
 * Looks at what is sealed while the rollout goes on elsewhere: read-only, over connections of its own,
 * without a lock or a lease, and beside the runner, which never waits for it.
 */
export class LateWatch implements AsyncDisposable {
  readonly #parts: PerformerParts;
  readonly #marks: Map<string, string>;
  readonly #everyMs: number;
  readonly #pool: GuardPool;
  readonly #places: Places;
  readonly #watched = new Map<string, AbortController>();
  /** The names in it, as they were last asked for. */
  #names: readonly string[] = [];
  readonly #sights: LateSight[] = [];
  #bug: { readonly error: unknown } | null = null;

  /** `marks`: what probes remembered of the time before the first step, by `markKey`. */
  constructor(parts: PerformerParts, marks: Map<string, string>) {
    this.#parts = parts;
    this.#marks = marks;
    const { rollout } = parts.itinerary.plan;
    this.#everyMs = rollout.watch?.everyMs ?? 0;
    this.#pool = new GuardPool({ ...parts, door: lookingDoor(parts.door) });
    this.#places = new Places(Math.min(rollout.concurrency, looksAtOnceMax));
  }

  /** Looks from now on at what is to be looked at in this state, and at nothing else. */
  follow(state: RolloutState): void {
    const asked = watchedIn(state);
    // Asked at every turn of the loop, and mostly the same.
    if (asked.length === this.#names.length && asked.every((it, at) => it === this.#names[at]))
      return;
    this.#names = asked;
    const names = new Set(asked);
    for (const [name, end] of this.#watched) {
      if (names.has(name)) continue;
      this.#watched.delete(name);
      end.abort(nobodyAsks);
    }
    for (const name of names) {
      if (this.#watched.has(name)) continue;
      const end = new AbortController();
      this.#watched.set(name, end);
      // Not the whole state: each of many would be kept for as long as its instance is looked at.
      const { epoch } = state;
      const instances = new Map([[name, instanceOf(state, name)]]);
      this.#watch(name, { epoch, instances }, end.signal).catch((error: unknown) => {
        if (!end.signal.aborted) this.#bug ??= { error };
      });
    }
  }

  /** What was found since the last call. Throws what is a bug. */
  take(): readonly LateSight[] {
    if (this.#bug !== null) throw this.#bug.error;
    return this.#sights.splice(0);
  }

  /** Looks at nothing any more; what is under way is let go. */
  end(): void {
    for (const end of this.#watched.values()) end.abort(nobodyAsks);
    this.#watched.clear();
    this.#names = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#pool[Symbol.asyncDispose]();
  }

  /** Until harm is found there, or nobody asks any more. */
  async #watch(
    name: string,
    state: Pick<RolloutState, "epoch" | "instances">,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#parts;
    const glances = new LateGlances(this.#everyMs);
    let unseenInRow = 0;
    await clock.sleep(Math.min(firstLookMs, this.#everyMs), signal);
    for (;;) {
      const seen = await this.#places.within(signal, () =>
        this.#look(name, { state, signal, glances }),
      );
      if (signal.aborted) return;
      for (const note of seen.notes)
        this.#sights.push({ is: "told", note: { ...note, instance: name } });
      if (seen.harm !== null) {
        this.#sights.push({ is: "harm", harm: { ...seen.harm, instance: name } });
        return;
      }
      unseenInRow = seen.sawNothing ? unseenInRow + 1 : 0;
      const rarely = Math.min(2 ** unseenInRow, rarestLook);
      await clock.sleep(seen.sawNothing ? this.#everyMs * rarely : seen.nextInMs, signal);
    }
  }

  /** One look, and its end soon after nobody asks or its time is over, whatever the hosts do. */
  async #look(
    name: string,
    it: {
      readonly state: Pick<RolloutState, "epoch" | "instances">;
      readonly signal: AbortSignal;
      readonly glances: LateGlances;
    },
  ): Promise<Glance> {
    const { clock } = this.#parts;
    const over = new AbortController();
    const signal = AbortSignal.any([it.signal, over.signal]);
    const work = lookingWork(name, {
      parts: this.#parts,
      pool: this.#pool,
      state: it.state,
      marks: this.#marks,
      signal,
    });
    const looking = it.glances.next(work);
    const late = clock
      .sleep(lookMaxMs, signal)
      .then(() => it.glances.givenUp(`no look came to an end within ${lookMaxMs / 1_000} s`));
    // Whichever of them is not waited for any more may end in whatever way.
    for (const each of [looking, late]) each.catch(() => undefined);
    try {
      return await Promise.race([looking, late]);
    } finally {
      over.abort(nobodyAsks);
      // Its closing is bounded, and nobody need wait for it.
      void this.#pool.drop(name);
    }
  }
}

/** Made once: an abort without a reason makes an error with a stack each time. */
const nobodyAsks = new Error("nobody asks for this any more");
