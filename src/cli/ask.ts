import type { Wish } from "../core/event.ts";
import { evolve } from "../core/evolve.ts";
import { beginsWork } from "../core/wish.ts";
import type { App } from "../app.ts";
import { answerFor, heardOut, meaningOf } from "./answered-wish.ts";
import { exitCodes } from "./exit-codes.ts";
import { findRollout, type FoundRollout } from "./find-rollout.ts";
import { listenForInterrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { lockWait, type WaitArgs, waitMsOf } from "./lock-wait.ts";
import { type LookArgs, type Onlookers, onlookersFor } from "./onlookers.ts";
import { asCalled } from "../views/as-called.ts";
import { watchParent } from "./parent-watch.ts";
import { atJournal, whoAsks } from "./open-app.ts";
import { firstTrouble } from "./refusal.ts";
import { type Prepared, runHere } from "./run-here.ts";
import type { StateArgs } from "./state-folder.ts";

export interface AskArgs extends StateArgs {
  readonly rollout: string;
  readonly reason?: string | undefined;
}

export interface AskOrder {
  /**
   * What is asked of the rollout; throws or rejects where it must not be asked. Whether it means
   * anything is looked up afterwards in the verb table: see answered-wish.ts.
   */
  readonly wish: (found: FoundRollout, app: App) => Wish | Promise<Wish>;
  /** Does the way forward need the plan's secrets? Default: no, a way back must not fail for them. */
  readonly needsSecrets?: true;
  /** What to say once it is recorded, before what comes of it. */
  readonly said: string;
  /** Is nothing but this to happen now? Default: no, a rollout that is taken up also goes on. */
  readonly onlyThis?: true;
}

/** Records what a person asks of a rollout. Whoever runs it acts on it, now or at the next resume. */
export function ask(args: AskArgs, order: AskOrder, io: Io): Promise<number> {
  return atJournal(args, io, async ({ app, program }) => {
    const { found, says, leads } = await leaveWish(app, { args, order, io });
    const who = found.holder === null ? null : found.holder.holder;
    io.stdout.write(`${found.id}: ${order.said}: ${says}\n`);
    io.stdout.write(
      who === null
        ? `Nobody runs it now. Next: ${asCalled(leads, program)}\n`
        : `It is run by ${who}, who acts on it.\n`,
    );
    return exitCodes.done;
  });
}

/**
 * The same, and carries the rollout on in this process where nobody else does. Where somebody does,
 * the wish reaches them, and this process is done.
 */
export async function askAndCarryOn(
  args: AskArgs & LookArgs & WaitArgs,
  order: AskOrder,
  io: Io,
): Promise<number> {
  const waitMs = waitMsOf(args);
  if (waitMs === null) return carryOnHere(args, { order, onlookers: null }, io);
  // They look on from the wait to the end: what programs read is one document.
  await using onlookers = await onlookersFor(args, io);
  try {
    await waitBefore(args, { waitMs, onlookers }, io);
  } catch (error) {
    await onlookers.refuse(firstTrouble(error));
    throw error;
  }
  return await carryOnHere(args, { order, onlookers }, io);
}

async function carryOnHere(
  args: AskArgs & LookArgs & WaitArgs,
  it: Carrying,
  io: Io,
): Promise<number> {
  const { order, onlookers } = it;
  const { found, says, folder, program } = await leftIn(args, it, io);
  if (found.holder !== null) {
    io.stderr.write(`${found.id}: ${order.said}: ${says}.\n`);
    io.stderr.write(`It is run by ${found.holder.holder}, who acts on it.\n`);
    io.stderr.write(`  next: ${program} status ${found.id} --watch\n`);
    return exitCodes.done;
  }
  const { id } = found;
  const run: Prepared["run"] = (app, here) =>
    app.carryOn({ ...here, rollout: id, needsSecrets: order.needsSecrets === true });
  const prepare = () => Promise.resolve({ state: folder, run });
  return runHere({ args, prepare, ...(onlookers === null ? {} : { onlookers }) }, io);
}

interface Carrying {
  readonly order: AskOrder;
  /** Those that look on already; null: nobody yet. */
  readonly onlookers: Onlookers | null;
}

/** Waits for other rollouts before anything is asked of this one: a wish that is left is acted on. */
async function waitBefore(
  args: AskArgs,
  { waitMs, onlookers }: { readonly waitMs: number; readonly onlookers: Onlookers },
  io: Io,
): Promise<void> {
  using interrupts = listenForInterrupts({ process, watchParent, unread: io.unread });
  const wait = lockWait({ waitMs, onlookers, io, signal: interrupts.first });
  await atJournal(args, io, async ({ app }) => {
    const { id, state, holder } = await findRollout(await app.journals(), args.rollout);
    // Whoever runs it has its locks, and is asked without waiting.
    if (holder !== null) return;
    const { inventory, instances, plan } = state.itinerary;
    await app.awaitLocks(
      {
        inventory: inventory.name,
        rollout: id,
        instances: Object.values(instances),
        concurrency: plan.rollout.concurrency,
      },
      wait,
    );
  });
}

interface Left extends LeftWish {
  readonly folder: string;
  readonly program: string;
}

/** Leaves the wish; programs that read `--json` are told of a refusal too. */
async function leftIn(args: AskArgs & LookArgs & WaitArgs, it: Carrying, io: Io): Promise<Left> {
  const { order } = it;
  try {
    return await atJournal(args, io, async ({ app, folder, program }) => ({
      ...(await leaveWish(app, { args, order, io })),
      folder,
      program,
    }));
  } catch (error) {
    await using made = it.onlookers === null ? await onlookersFor(args, io) : null;
    await (made ?? it.onlookers)?.refuse(firstTrouble(error));
    throw error;
  }
}

/** Once this wish is heard, another person may still be waited for: who resumes would be told so. */
function leadsOn(found: FoundRollout, asked: { readonly wish: Wish; readonly by: string }): string {
  const state = evolve(found.state, { kind: "asked", ...asked, reason: "" });
  const wish: Wish = { kind: "resume" };
  const { next } = answerFor({ ...found, state }, { wish, by: asked.by });
  return next ?? `handrail resume ${found.id}`;
}

export interface LeftWish {
  readonly found: FoundRollout;
  /** What comes of it, about "it". */
  readonly says: string;
  /** What to type next where nobody runs it: to go on, or what else it waits for. */
  readonly leads: string;
}

export interface Leaving {
  readonly args: AskArgs;
  readonly order: AskOrder;
  readonly io: Io;
  /** Who asks; default: who sits here. */
  readonly by?: string;
}

/** Leaves the wish for whoever runs the rollout; rejects where it would mean nothing, or must not be. */
export async function leaveWish(app: App, leaving: Leaving): Promise<LeftWish> {
  const { args, order, io, by = whoAsks(io) } = leaving;
  const journals = await app.journals();
  const found = await heardOut(journals, await findRollout(journals, args.rollout));
  const wish = await order.wish(found, app);
  const says = meaningOf(found, { wish, by });
  const leave = (it: Wish): Promise<void> =>
    journals.ask(found.id, { wish: it, by, reason: args.reason ?? "" });
  if (order.onlyThis === true && found.holder === null && beginsWork(found.state))
    await leave({ kind: "pause" });
  await leave(wish);
  return { found, says, leads: leadsOn(found, { wish, by }) };
}
