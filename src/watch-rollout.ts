import { join, resolve } from "node:path";
import { redactor } from "./core/redact.ts";
import type { GuardDoor } from "./ports/guard.ts";
import type { Clock } from "./ports/clock.ts";
import type { JournalRecord } from "./ports/journal.ts";
import type { RolloutState } from "./core/state.ts";
import { probeKind } from "./probes/registry.ts";
import { type Looked, type Seen, type WatchEnd, watchInstances } from "./runner/watch-instances.ts";
import { markKey } from "./runner/work.ts";
import { stepKind } from "./steps/registry.ts";
import { secretsOf } from "./usable-secrets.ts";

/** A rollout that has instances which are done, to be looked at for a while. */
export interface WatchOrder {
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
  readonly forMs: number;
  /** Ends the watch at once, with what was seen until then. */
  readonly signal: AbortSignal;
  readonly tell: (seen: Seen) => void;
  readonly looked: (looked: Looked) => void;
}

interface WatchParts {
  readonly door: GuardDoor;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the journal. */
  readonly folder: string;
}

/** Names of the instances of a rollout that are done and good, in rollout order. */
export function watchedNames(state: RolloutState): readonly string[] {
  return [...state.instances.values()]
    .filter((it) => it.phase === "sealed")
    .map(({ name }) => name);
}

/** Looks at what a rollout has sealed, read-only: takes no lock, and writes into no journal. */
export async function watchRollout(
  { door, clock, env, folder }: WatchParts,
  order: WatchOrder,
): Promise<WatchEnd> {
  const { state, records } = order;
  const { itinerary } = state;
  const [first] = records;
  if (first?.event.kind !== "opened")
    throw new Error(`the journal of ${itinerary.rollout} does not begin with its opening`);
  const secrets = await secretsOf(itinerary, first.event.planFolder, env);
  const marks = new Map(
    records.flatMap(({ event }): [string, string][] => {
      if (event.kind !== "noted" || event.note.kind !== "mark") return [];
      const { instance, host, probe, mark } = event.note;
      return [[markKey(instance, host, probe), mark]];
    }),
  );
  return watchInstances({
    ...order,
    names: watchedNames(state),
    marks,
    parts: {
      itinerary,
      door,
      clock,
      stepKind,
      probeKind,
      secrets,
      redactor: redactor(secrets),
      files: () => [],
      holder: "",
      controllerSpool: join(resolve(folder), "spool"),
      sendHttp: () => Promise.reject(new Error("a watch does no step")),
      confirm: () => Promise.reject(new Error("a watch claims no host")),
    },
  });
}
