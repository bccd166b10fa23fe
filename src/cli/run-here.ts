import type { App, RolloutEnd, RunOrder } from "../app.ts";
import { oneLine } from "../core/printable.ts";
import type { Io } from "./io.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { openApp, toldWith, whoAsks } from "./open-app.ts";
import { type LookArgs, type Onlookers, onlookersFor } from "./onlookers.ts";
import { watchParent } from "./parent-watch.ts";
import { firstTrouble, UsageError } from "./refusal.ts";
import { programWords } from "./state-folder.ts";
import type { OnRecord } from "../steady-onlooker.ts";
import { stopReason } from "../stop-reason.ts";
import { span } from "../views/times.ts";

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
    const prepared = await prepare();
    const program = programWords(prepared.state, io);
    return await toldWith(program, () => carry(prepared, { program, onlookers, io }));
  } catch (error) {
    await onlookers.refuse(firstTrouble(error));
    throw error;
  }
}

interface Around {
  readonly program: string;
  readonly onlookers: Onlookers;
  readonly io: Io;
}

async function carry({ state, run }: Prepared, { program, onlookers, io }: Around) {
  const seen: Seen = { rollout: null, leaseMs: 0 };
  using interrupts = listenForInterrupts({ process, watchParent, unread: io.unread });
  sayInterrupts(interrupts, { seen, program, io, goPlain: () => onlookers.goPlain() });
  const onRecord: OnRecord = (record, before, after) => {
    seen.rollout = after.itinerary.rollout;
    seen.leaseMs = after.itinerary.plan.rollout.guard.leaseMs;
    onlookers.record(record, before, after);
  };
  await using app = await openApp(state, io);
  if (interrupts.first.aborted)
    throw new UsageError("interrupted, and nothing was touched", "the same again, when ready");
  const end = await run(app, {
    onRecord,
    interrupted: interrupts.first,
    by: whoAsks(io),
    onTrouble: (sentence) => io.stderr.write(`${oneLine(sentence)}\n`),
  });
  const interruptedBy = interrupts.first.aborted ? stopReason(interrupts.first).signal : null;
  return await onlookers.finish(end, { program, interruptedBy });
}

interface Seen {
  rollout: string | null;
  leaseMs: number;
}

interface Saying {
  readonly seen: Seen;
  readonly program: string;
  readonly io: Io;
  readonly goPlain: () => Promise<void>;
}

/** What becomes of a step that runs when nobody is there any more. */
function leaseWords(leaseMs: number): string {
  const within = leaseMs === 0 ? "soon" : `within ${span(leaseMs)}`;
  return `Unless somebody goes on ${within}, a host ends a step that still runs there, and takes it back.`;
}

/** 128 + the number of the signal, as shells give it. */
const secondCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Shows a cursor that a drawing has hidden: DECTCEM, as terminfo's `cnorm` on every terminal that we draw on. */
const showCursor = "\u001B[?25h";

function sayInterrupts(interrupts: Interrupts, { seen, program, io, goPlain }: Saying): void {
  interrupts.first.addEventListener("abort", () => {
    const { because } = stopReason(interrupts.first);
    const why = because === "" ? "" : `${because.charAt(0).toUpperCase()}${because.slice(1)}. `;
    const words = `\n${why}Stopping safely: no new work begins, running steps come to their end. Once more: leave at once.\n`;
    void goPlain().finally(() => io.stderr.write(words));
  });
  interrupts.second.addEventListener("abort", () => {
    if (io.stderr.isTTY === true) io.stderr.write(showCursor);
    io.stderr.write(`\nLeft at once, with the guards armed. ${leaseWords(seen.leaseMs)}\n`);
    // Without a record there is no rollout yet, and nothing to go on with.
    if (seen.rollout !== null) io.stderr.write(`  next: ${program} resume ${seen.rollout}\n`);
    process.exit(secondCodes[String(interrupts.second.reason)] ?? secondCodes["SIGINT"]);
  });
}
