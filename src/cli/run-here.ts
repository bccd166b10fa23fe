import type { App, OnRecord, RolloutEnd, RunOrder } from "../app.ts";
import { oneLine } from "../core/printable.ts";
import type { Io } from "./io.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { openApp, whoAsks } from "./open-app.ts";
import { type LookArgs, onlookersFor } from "./onlookers.ts";
import { programWords } from "./state-folder.ts";

export interface HereOrder {
  /** Folder of the journal. */
  readonly state: string;
  readonly args: LookArgs;
  readonly run: (app: App, order: RunOrder) => Promise<RolloutEnd>;
}

/**
 * Carries a rollout in this process, in full view, and gives the exit code. The first signal stops
 * it safely; the second leaves at once, with the guards on the hosts still armed.
 */
export async function runHere({ state, args, run }: HereOrder, io: Io): Promise<number> {
  using interrupts = listenForInterrupts(process);
  const program = programWords(state, io);
  await using onlookers = await onlookersFor(args, io, program);
  const seen: { rollout: string | null } = { rollout: null };
  const onRecord: OnRecord = (record, before, after) => {
    seen.rollout = after.itinerary.rollout;
    onlookers.record(record, before, after);
  };
  interrupts.first.addEventListener("abort", () => {
    io.stderr.write("\nStopping safely: no new work, running steps end. Again: leave at once.\n");
  });
  interrupts.second.addEventListener("abort", () => {
    io.stderr.write(`\nLeft at once. What ran goes on under its guard on the host.\n`);
    io.stderr.write(`  next: ${program} resume ${seen.rollout ?? "ROLLOUT"}\n`);
    process.exit(interrupts.second.reason === "SIGTERM" ? 143 : 130);
  });
  await using app = await openApp(state, io);
  try {
    const order: RunOrder = {
      onRecord,
      interrupted: interrupts.first,
      by: whoAsks(io),
      onTrouble: (sentence) => io.stderr.write(`${oneLine(sentence)}\n`),
    };
    const end = await run(app, order);
    const signal = interrupts.first.aborted ? String(interrupts.first.reason) : null;
    return await onlookers.finish(end, signal);
  } catch (error) {
    await onlookers.refuse(error);
    throw error;
  }
}
