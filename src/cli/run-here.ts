import type { App, RolloutEnd, RunOrder } from "../app.ts";
import type { RolloutState } from "../core/state.ts";
import { oneLine } from "../core/printable.ts";
import { signalCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { lockWait, type WaitArgs, waitMsOf, type WaitOrder } from "./lock-wait.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { openApp, toldWith, whoAsks } from "./open-app.ts";
import { type LookArgs, type Onlookers, onlookersFor } from "./onlookers.ts";
import { watchParent } from "./parent-watch.ts";
import { firstTrouble, UsageError } from "./refusal.ts";
import { programWords } from "./state-folder.ts";
import type { LockWait } from "../runner/lock-wait.ts";
import type { OnRecord } from "../steady-onlooker.ts";
import { staysAt } from "../runner/stay.ts";
import { stopReason } from "../stop-reason.ts";
import { asCalled } from "../views/as-called.ts";
import { span } from "../views/times.ts";

export interface HereOrder {
  readonly args: LookArgs & WaitArgs;
  /** Who looks on already; default: those that the arguments ask for. */
  readonly onlookers?: Onlookers;
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
export async function runHere({ args, prepare, ...given }: HereOrder, io: Io): Promise<number> {
  const waitMs = waitMsOf(args);
  await using made = given.onlookers === undefined ? await onlookersFor(args, io) : null;
  const onlookers = made ?? given.onlookers!;
  try {
    const prepared = await prepare();
    const program = programWords(prepared.state, io);
    return await toldWith(program, () =>
      carry(prepared, { program, onlookers, io, waitMs, stays: args.stay === true }),
    );
  } catch (error) {
    await onlookers.refuse(firstTrouble(error));
    throw error;
  }
}

interface Around {
  readonly program: string;
  readonly onlookers: Onlookers;
  readonly io: Io;
  readonly waitMs: number | null;
  readonly stays: boolean;
}

async function carry({ state, run }: Prepared, around: Around) {
  const { program, onlookers, io, waitMs, stays } = around;
  const seen: Seen = { rollout: null, leaseMs: 0, waits: false };
  using interrupts = listenForInterrupts({ process, watchParent, unread: io.unread });
  sayInterrupts(interrupts, { seen, program, io, goPlain: () => onlookers.goPlain() });
  const onRecord: OnRecord = (record, before, after) => {
    seen.rollout = after.itinerary.rollout;
    seen.waits = false;
    seen.leaseMs = after.itinerary.plan.rollout.guard.leaseMs;
    onlookers.record(record, before, after);
    if (stays && record.event.kind === "parked" && staysAt(after)) sayStays(after, { program, io });
  };
  await using app = await openApp(state, io);
  if (interrupts.first.aborted)
    throw new UsageError("interrupted, and nothing was touched", "the same again, when ready");
  const end = await run(app, {
    wait: waitMs === null ? null : waiting({ waitMs, onlookers, io, seen, interrupts }),
    onRecord,
    stays,
    interrupted: interrupts.first,
    by: whoAsks(io),
    onTrouble: (sentence) => io.stderr.write(`${oneLine(asCalled(sentence, program))}\n`),
  });
  const interruptedBy = interrupts.first.aborted ? stopReason(interrupts.first).signal : null;
  return await onlookers.finish(end, { program, interruptedBy });
}

/** Beside a tree it would be held back until the end, and the tree itself shows what is waited for. */
function sayStays(
  { itinerary: { rollout } }: RolloutState,
  { program, io }: Pick<Around, "program" | "io">,
): void {
  if (io.stdout.isTTY === true) return;
  io.stderr.write(`Stays until that has come, and then goes on. Ctrl-C leaves.\n`);
  io.stderr.write(`  next: ${program} status ${rollout}\n`);
}

function waiting({
  seen,
  interrupts,
  ...order
}: Omit<WaitOrder, "signal"> & { readonly seen: Seen; readonly interrupts: Interrupts }): LockWait {
  const wait = lockWait({ ...order, signal: interrupts.first });
  return {
    ...wait,
    onWait(failure, leftMs) {
      seen.waits = true;
      wait.onWait(failure, leftMs);
    },
  };
}

interface Seen {
  rollout: string | null;
  leaseMs: number;
  /** For another rollout: then nothing of this one is under way. */
  waits: boolean;
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

/** Shows a cursor that a drawing has hidden: DECTCEM, as terminfo's `cnorm` on every terminal that we draw on. */
const showCursor = "\u001B[?25h";

function sayInterrupts(interrupts: Interrupts, { seen, program, io, goPlain }: Saying): void {
  interrupts.first.addEventListener("abort", () => {
    // Whoever only waits has nothing to stop; how the wait ended is told at its end.
    if (seen.waits) return;
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
    process.exit(signalCode(String(interrupts.second.reason)));
  });
}
