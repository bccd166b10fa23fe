import { createInterface } from "node:readline/promises";
import { changedIn } from "../core/changed-in.ts";
import { quoted } from "../core/plan/quoted.ts";
import { oneLine } from "../core/printable.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { canAsk, type Io } from "./io.ts";
import type { LaterRollout } from "./later-rollouts.ts";
import { UsageError } from "./refusal.ts";
import { previewOf, printPreview } from "./show-preview.ts";
import { pathWord } from "./state-folder.ts";

export interface IntentArgs {
  readonly plan: string;
  readonly inventory?: string | undefined;
  readonly approve?: string | undefined;
  readonly color?: boolean | undefined;
  readonly state?: string | undefined;
  /** Why it is an emergency; absent and null: it is none. */
  readonly reason?: string | null;
}

/**
 * Production asks for intent. The digest that somebody approved must be that of this very plan;
 * without one, a person at a terminal reads the preview and types the names of the regions. Without
 * either, nothing starts, and nothing is ever asked where nobody could answer.
 */
export async function proveIntent(loaded: LoadedPlan, args: IntentArgs, io: Io): Promise<void> {
  const { digest, regions } = await previewOf(loaded);
  const other = args.inventory === undefined ? "" : ` --inventory ${pathWord(args.inventory, io)}`;
  const preview = `handrail preview ${pathWord(args.plan, io)}${other}`;
  if (args.approve !== undefined) {
    if (args.approve.toLowerCase() === digest) return;
    if (isBeginning(args.approve, digest)) {
      throw new UsageError(
        `--approve takes the whole digest, and ${quoted(args.approve)} is only the beginning of it`,
        `all of it stands at the head of: ${preview}`,
      );
    }
    throw new UsageError(
      `--approve names another plan: this one has the digest ${digest}, and ${quoted(args.approve)} was approved`,
      `look at what changed with: ${preview}`,
    );
  }
  if (!loaded.inventory.production) return;
  if (!canAsk(io)) {
    throw new UsageError(
      `inventory ${quoted(loaded.inventory.name)} is production, and nobody is at a terminal to confirm`,
      `read the digest from: ${preview}, and give it to apply with --approve DIGEST`,
    );
  }
  await printPreview(loaded, { args, io, output: io.stderr });
  const names = regions.map(({ name }) => name);
  await typeRegions("This is production. To begin", names, io);
}

export interface UndoIntent {
  readonly found: FoundRollout;
  /** Rollouts whose changes go with it. */
  readonly later: readonly LaterRollout[];
  /** Is what was changed after its steps replaced too? */
  readonly over: boolean;
}

/**
 * An undo changes production as an apply does, and asks for the same intent: the digest that the
 * rollout has, or the names of the regions, typed by a person who was told what goes back.
 */
export async function proveUndo(
  undo: UndoIntent,
  args: { readonly approve?: string | undefined },
  io: Io,
): Promise<void> {
  const { id, state } = undo.found;
  const { digest, inventory } = state.itinerary;
  const lines = await goesBack(undo);
  if (args.approve !== undefined && args.approve.toLowerCase() !== digest) {
    if (isBeginning(args.approve, digest)) {
      throw new UsageError(
        `--approve takes the whole digest, and ${quoted(args.approve)} is only the beginning of it`,
        `all of it stands at the head of: handrail report ${id}`,
      );
    }
    throw new UsageError(
      `--approve names another rollout: ${id} has the digest ${digest}, and ${quoted(args.approve)} was approved`,
      `look at what it did: handrail report ${id}`,
    );
  }
  const isTyped = inventory.production && args.approve === undefined;
  if (isTyped && !canAsk(io)) {
    throw new UsageError(
      `inventory ${quoted(inventory.name)} is production, and nobody is at a terminal to confirm the undo`,
      `read the digest of the rollout from: handrail report ${id}, and give it with --approve DIGEST`,
    );
  }
  if (isTyped || undo.later.length > 0) for (const line of lines) io.stderr.write(`${line}\n`);
  if (!isTyped) return;
  const regions = new Set(changedIn(state).map(({ region }) => region));
  // Nothing stands any more: only locks and snapshots are given back.
  if (regions.size > 0) await typeRegions("This is production. To take it back", [...regions], io);
}

/** What an undo would do, for the one who is asked whether to. */
async function goesBack({ found, later, over }: UndoIntent): Promise<readonly string[]> {
  const { listed } = await import("../views/wording.ts");
  const { id, state } = found;
  const byRegion = Map.groupBy(changedIn(state), ({ region }) => region);
  const plan = oneLine(state.itinerary.plan.name);
  return [
    `Undo of ${id} (plan ${plan}) takes back:`,
    ...[...byRegion].map(
      ([region, all]) =>
        `  ${region}: ${listed(
          all.map(({ name }) => name),
          namesMax,
        )}`,
    ),
    ...later.map((it) => `It REPLACES what ${it.id} changed on ${listed(it.instances)}.`),
    over
      ? "What was changed after its steps is replaced too, and kept on the host."
      : "What was changed after its steps stays, and is named.",
  ];
}

/** Names of one region that are listed. */
const namesMax = 12;

/** Waits for the names of all regions; anything else ends it here. `what`: "To begin". */
async function typeRegions(what: string, names: readonly string[], io: Io): Promise<void> {
  const prompt = createInterface({ input: io.stdin, output: process.stderr });
  const interrupted = new AbortController();
  prompt.on("SIGINT", () => interrupted.abort());
  prompt.on("close", () => interrupted.abort());
  try {
    const question = `\n${what}, type the names of the regions (${names.join(" ")}): `;
    const typed = await prompt.question(question, { signal: interrupted.signal });
    const words = typed.split(/[\s,]+/).filter((word) => word !== "");
    if (words.length === names.length && names.every((name) => words.includes(name))) return;
    throw new UsageError(
      `that is not ${names.map((name) => quoted(name)).join(", ")}; nothing was touched`,
      "start again, and type every region's name",
    );
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    throw new UsageError(
      "nothing was confirmed, and nothing was touched",
      "start again when ready",
    );
  } finally {
    prompt.close();
  }
}

/** The shortened form that people know of commits: here it would approve what nobody looked at. */
function isBeginning(given: string, digest: string): boolean {
  return given.length >= 4 && digest.startsWith(given.toLowerCase());
}
