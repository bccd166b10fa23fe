import type { App, OnRecord, RolloutEnd, RunOrder } from "../app.ts";
import { oneLine } from "../core/printable.ts";
import type { Io } from "./io.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { openApp, whoAsks } from "./open-app.ts";
import { type LookArgs, onlookersFor } from "./onlookers.ts";
import { UsageError } from "./refusal.ts";
import { programWords } from "./state-folder.ts";

export interface HereOrder {
  readonly args: LookArgs;
  /** Everything that can refuse it before a journal is opened: plan, intent. */
  readonly prepare: () => Promise<Prepared>;
}

export interface Prepared {
  /** Folder of the journal. */
  readonly state: string;
  readonly run: (app: App, order: RunOrder) => Promise<RolloutEnd>;
}

/**
 * Carries a rollout in this process, in full view, and gives the exit code. The first signal stops
 * it safely; the second leaves at once, with the guards on the hosts still armed.
 */
export async function runHere({ args, prepare }: HereOrder, io: Io): Promise<number> {
  await using onlookers = await onlookersFor(args, io);
  try {
    const { state, run } = await prepare();
    const program = programWords(state, io);
    const seen: Seen = { rollout: null };
    using interrupts = listenForInterrupts(process);
    sayInterrupts(interrupts, { seen, program, io, goPlain: () => onlookers.goPlain() });
    const onRecord: OnRecord = (record, before, after) => {
      seen.rollout = after.itinerary.rollout;
      onlookers.record(record, before, after);
    };
    await using app = await openApp(state, io);
    if (interrupts.first.aborted) throw new UsageError("interrupted, nothing was touched", "again");
    const end = await run(app, {
      onRecord,
      interrupted: interrupts.first,
      by: whoAsks(io),
      onTrouble: (sentence) => io.stderr.write(`${oneLine(sentence)}\n`),
    });
    const interruptedBy = interrupts.first.aborted ? String(interrupts.first.reason) : null;
    return await onlookers.finish(end, { program, interruptedBy });
  } catch (error) {
    await onlookers.refuse(error);
    throw error;
  }
}

interface Seen {
  rollout: string | null;
}

interface Saying {
  readonly seen: Seen;
  readonly program: string;
  readonly io: Io;
  readonly goPlain: () => Promise<void>;
}

/** Shows a cursor that a drawing has hidden: DECTCEM, as terminfo's `cnorm` on every terminal that we draw on. */
const showCursor = "\u001B[?25h";

function sayInterrupts(interrupts: Interrupts, { seen, program, io, goPlain }: Saying): void {
  interrupts.first.addEventListener("abort", () => {
    const words = "\nStopping safely: no new work, running steps end. Again: leave at once.\n";
    void goPlain().finally(() => io.stderr.write(words));
  });
  interrupts.second.addEventListener("abort", () => {
    if (io.stderr.isTTY === true) io.stderr.write(showCursor);
    io.stderr.write("\nLeft at once. What ran goes on under its receipt on the host.\n");
    io.stderr.write(`  next: ${program} resume ${seen.rollout ?? "ROLLOUT"}\n`);
    process.exit(interrupts.second.reason === "SIGTERM" ? 143 : 130);
  });
}
