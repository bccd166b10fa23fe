import { setTimeout as sleep } from "node:timers/promises";
import { evolve } from "../core/evolve.ts";
import type { RolloutState } from "../core/state.ts";
import type { Journals } from "../ports/journal.ts";
import { exitCodes } from "./exit-codes.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { listenForInterrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { liveView, pageFor } from "./onlookers.ts";
import { watchParent } from "./parent-watch.ts";
import { planWords } from "./plan-words.ts";

/** Between two looks at the journal. */
const pollMs = 500;

export interface WatchOrder {
  readonly journals: Journals;
  readonly found: FoundRollout;
  readonly args: { readonly color?: boolean | undefined };
  readonly program: string;
}

/**
 * Follows a rollout that another process carries, from its first record on, until it is over, its process
 * is gone or has left it waiting, the watcher has seen enough, or nobody reads. Only reads.
 */
export async function watch({ journals, found, args, program }: WatchOrder, io: Io) {
  using interrupts = listenForInterrupts({ process, watchParent });
  const enough = AbortSignal.any([interrupts.first, io.unread]);
  const { replay } = await import("../views/replay.ts");
  const view = await liveView(args, io, { carries: false });
  const records = [...found.records];
  let { state } = found;
  for (const { record, before, after } of replay(records)) view.record(record, before, after);
  let isRun = found.holder !== null;
  while (!enough.aborted && state.closed === null && isRun) {
    await sleep(pollMs, null, { signal: enough }).catch(ignoreAbort);
    // Asked before reading: what the last runner wrote before it left is read all the same.
    isRun = (await journals.holders()).some(({ rollout }) => rollout === found.id);
    for (const record of await journals.read(found.id, records.length)) {
      const before = state;
      state = evolve(before, record.event);
      view.record(record, before, state);
      records.push(record);
    }
  }
  await view.end();
  if (!isStanding(state) && isRun) {
    io.stdout.write(`\n${found.id} goes on: only the watching has ended.\n`);
    io.stdout.write(`  to hold it up: ${program} pause ${found.id}\n`);
    return exitCodes.done;
  }
  const { haltPanel } = await import("../views/halt-panel.ts");
  const words = { program, nowMs: Date.now(), attended: isRun, ...planWords(records, io) };
  io.stdout.write(haltPanel(state, records, { ...words, ...(await pageFor(args, io)) }));
  return exitCodes.done;
}

/** Over, or waiting: nothing happens by itself, unless its process stays. */
function isStanding(state: RolloutState): boolean {
  return state.closed !== null || state.parked !== null;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
