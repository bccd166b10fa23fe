import type { RolloutEvent } from "../../../src/core/event.ts";
import type { Itinerary } from "../../../src/core/itinerary.ts";
import { redactor } from "../../../src/core/redact.ts";
import type { RolloutState } from "../../../src/core/state.ts";
import {
  type MemoryJournals,
  memoryJournals,
  type MemoryOptions,
} from "../../../src/journals/memory.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { JournalSession } from "../../../src/ports/journal.ts";
import { openControl } from "../../../src/runner/control.ts";
import type { Performer } from "../../../src/runner/performer.ts";
import { runRollout, type RunnerParts } from "../../../src/runner/run-rollout.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";

export interface OneRollout {
  readonly itinerary: Itinerary;
  readonly perform: Performer["perform"];
  readonly recall?: Performer["recall"];
  readonly askSealed?: Performer["askSealed"];
  readonly lateWatch?: Performer["lateWatch"];
  readonly stays?: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly control?: RunnerParts["control"];
  readonly onRecord?: RunnerParts["onRecord"];
  /** What stands between an append and the disk. */
  readonly hooks?: MemoryOptions["hooks"];
  /** What stands between the runner and the journal. */
  readonly through?: (session: JournalSession, clock: Clock) => JournalSession;
  readonly virtual?: VirtualClock;
  /** Where the rollout is kept that this runner takes over; default: it opens a new one. */
  readonly from?: MemoryJournals;
}

export interface Ended {
  /** null: its runner did not come as far. */
  readonly state: RolloutState | null;
  readonly events: readonly RolloutEvent[];
  /** Where it is kept, for whoever takes it over. */
  readonly journals: MemoryJournals;
  /** What its runner left with; null: with the state. */
  readonly error: unknown;
}

const longestMs = 100 * 3_600_000;

/** Carries one rollout by the real loop over a journal in memory; only what is done is the test's. */
export async function carried(order: OneRollout): Promise<Ended> {
  const { itinerary, perform, recall = () => undefined, secrets = {}, hooks = {}, from } = order;
  const { virtual = new VirtualClock(), through = (session) => session } = order;
  const clock = virtual.seenBy({ value: true });
  const { rollout, digest } = itinerary;
  const runner = { runner: "r", holder: "somebody" };
  const journals = from ?? memoryJournals({ clock, hooks });
  const held = from
    ? await from.takeUp(rollout, runner)
    : await journals.open({ rollout, inventory: "small", digest, runner });
  if (held.kind !== "held") throw new Error("somebody else holds the rollout");
  const { session } = held;
  if (!from)
    await session.append({ kind: "opened", itinerary, by: "me", tool: "0", planFolder: "/" });
  const run = runRollout({
    itinerary,
    records: await journals.read(rollout, 0),
    session: through(session, clock),
    clock,
    redactor: redactor(secrets),
    runner: "r",
    control: order.control ?? openControl(),
    stays: order.stays,
    performer: {
      perform,
      recall,
      ...(order.askSealed === undefined ? {} : { askSealed: order.askSealed }),
      ...(order.lateWatch === undefined ? {} : { lateWatch: order.lateWatch }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    ...(order.onRecord === undefined ? {} : { onRecord: order.onRecord }),
  });
  const ended = await virtual.drive(run, longestMs).then(
    (state) => ({ state, error: null }),
    (error: unknown) => ({ state: null, error }),
  );
  journals.lose(rollout);
  const events = (await journals.read(rollout, 0)).map(({ event }) => event);
  return { ...ended, events, journals };
}
