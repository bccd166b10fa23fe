import { existsSync } from "node:fs";
import type { Io } from "./io.ts";
import { openApp } from "./open-app.ts";

/** Is this rollout in the journal of that folder? A folder that is not there is not made. */
export async function journalKnows(state: string, rollout: string, io: Io): Promise<boolean> {
  if (!existsSync(state)) return false;
  await using app = await openApp(state, io);
  const journals = await app.journals();
  return (await journals.list()).some((it) => it.rollout === rollout);
}
