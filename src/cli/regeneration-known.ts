import { existsSync } from "node:fs";
import { HandrailError } from "../core/failure.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { oneLine } from "../core/printable.ts";
import {
  type Regeneration,
  regenerationsIn,
  regenerationWords,
} from "../core/regeneration-history.ts";
import type { Journals } from "../ports/journal.ts";
import type { Io } from "./io.ts";
import { openApp } from "./open-app.ts";

/** Rollouts that are looked through, newest first: their journals may be long. */
const rolloutsMax = 20;

/**
 * What earlier rollouts of this journal measured of the plan's `regenerates` paths, for the end of a
 * preview; empty where the plan has none. A journal that is not there is never made, and one that can't
 * be read is told: it is no reason to refuse a preview.
 */
export async function regenerationText(
  itinerary: Itinerary,
  state: string,
  io: Io,
): Promise<string> {
  const { protect } = itinerary.plan;
  if (!protect.some(({ policy }) => policy.kind === "regenerates")) return "";
  const known = existsSync(state) ? await historyIn(state, io) : [];
  const lines =
    typeof known === "string"
      ? [`can't be told: ${oneLine(known)}`]
      : protect.flatMap(({ path, policy }) => {
          if (policy.kind !== "regenerates") return [];
          const places = Object.keys(itinerary.instances).map((instance) => ({ instance, path }));
          return [`${oneLine(path)}: ${regenerationWords(places, known)}`];
        });
  return [
    "",
    "How long paths took to come back, in earlier rollouts",
    ...lines.map(indented),
    "",
  ].join("\n");
}

const indented = (line: string): string => `  ${line}`;

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
