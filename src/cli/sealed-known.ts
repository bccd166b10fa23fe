import { existsSync } from "node:fs";
import { HandrailError } from "../core/failure.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { SealedBefore } from "../core/sealed-before.ts";
import type { Io } from "./io.ts";
import { openApp } from "./open-app.ts";

/**
 * Which rollouts of this journal stand on the targets, as a rollout that begins now would find; null:
 * nobody knows. A journal that is not there is never made.
 */
export async function sealedKnown(
  itinerary: Itinerary,
  state: string,
  io: Io,
): Promise<SealedBefore | null> {
  if (!existsSync(state)) return [];
  const { sealedBefore } = await import("../sealed-before.ts");
  try {
    await using app = await openApp(state, io);
    return await sealedBefore(await app.journals(), itinerary);
  } catch (error) {
    if (error instanceof HandrailError) return null;
    throw error;
  }
}
