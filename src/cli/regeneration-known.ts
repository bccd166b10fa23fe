import { existsSync } from "node:fs";
import { HandrailError } from "../core/failure.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { oneLine } from "../core/printable.ts";
import {
  type Regeneration,
  type RegenerationKnown,
  regenerationKnown,
  regenerationsIn,
} from "../core/regeneration-history.ts";
import type { Journals } from "../ports/journal.ts";
import type { Io } from "./io.ts";
import { openApp } from "./open-app.ts";

/** Rollouts that are looked through, newest first: their journals may be long. */
const rolloutsMax = 20;

export interface KnownRegenerations {
  /** In the plan's order; empty where it has no `regenerates` path, or the journal can't be read. */
  readonly found: readonly RegenerationKnown[];
  /** Why the journal can't be read; null: it can, or there is none. */
  readonly trouble: string | null;
}

/**
 * What earlier rollouts of this journal measured of the plan's `regenerates` paths. A journal that is
 * not there is never made, and one that can't be read is told: it is no reason to refuse a preview.
 */
export async function regenerationsKnown(
  { plan, instances }: Itinerary,
  state: string,
  io: Io,
): Promise<KnownRegenerations> {
  const paths = plan.protect.filter(({ policy }) => policy.kind === "regenerates");
  if (paths.length === 0) return { found: [], trouble: null };
  const history = existsSync(state) ? await historyIn(state, io) : [];
  if (typeof history === "string") return { found: [], trouble: oneLine(history) };
  const names = Object.keys(instances);
  return { found: paths.map(({ path }) => regenerationKnown(path, names, history)), trouble: null };
}

async function historyIn(state: string, io: Io): Promise<readonly Regeneration[] | string> {
  try {
    await using app = await openApp(state, io);
    return await historyOf(await app.journals());
  } catch (error) {
    if (error instanceof HandrailError) return error.failure.message;
    throw error;
  }
}

async function historyOf(journals: Journals): Promise<readonly Regeneration[]> {
  const all: Regeneration[] = [];
  for (const { rollout } of (await journals.list()).slice(0, rolloutsMax)) {
    const records = await journals.read(rollout, 0);
    all.push(...regenerationsIn(records.map(({ event }) => event)));
  }
  return all;
}
