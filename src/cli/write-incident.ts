import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { redactor } from "../core/redact.ts";
import { makePrivateFolder, privateFileMode } from "../journals/state-folder.ts";
import { counted } from "../views/wording.ts";
import { incidentPack } from "../views/incident-pack/incident-pack.ts";
import { exitCodes } from "./exit-codes.ts";
import type { FoundRollout } from "./find-rollout.ts";
import type { Io } from "./io.ts";
import { knownSecrets } from "./known-secrets.ts";
import { toldNotices } from "./notice-rows.ts";
import { UsageError } from "./refusal.ts";
import { writeTrouble } from "./unwritable.ts";
import { pathWord } from "./state-folder.ts";

export interface IncidentOrder {
  /** As typed. */
  readonly folder: string;
  /** How to call handrail so that it finds this journal. */
  readonly program: string;
  /** Of the journal: beside it stands which notices were taken. */
  readonly journal: string;
  readonly io: Io;
}

/**
 * Writes the incident pack of a rollout into a folder that is new or empty, and says what is in it.
 * For its owner alone: they name people and hosts. Refuses a rollout in which nothing went wrong, and a folder that holds anything.
 */
export async function writeIncident(
  found: FoundRollout,
  { folder, program, journal, io }: IncidentOrder,
): Promise<number> {
  const { id, state, records, holder } = found;
  const strike = redactor(knownSecrets(state.itinerary.plan.secrets, io.env));
  const pack = incidentPack(state, strike.redactDeep(records), {
    program,
    attended: holder !== null,
    notices: strike.redactDeep(await toldNotices(found, journal)),
  });
  if (pack.kind === "none")
    throw new UsageError(
      `there is no incident in ${id} to write about: ${pack.why}`,
      `handrail report ${id} tells what happened in it`,
    );
  const path = resolve(io.cwd, folder);
  await makeEmpty(path, folder);
  for (const [name, text] of pack.files) await writeNew(join(path, name), text);
  const { statements, interim } = pack.index;
  io.stdout.write(
    [
      ...(interim
        ? [`INTERIM: ${id} is not over, and the drafts say so. Write them anew later.`]
        : []),
      `Written to ${folder}: ${[...pack.files.keys()].join(", ")}`,
      `${counted(statements.length, "statement")} from ${counted(records.length, "record")} of the journal; ${counted(pack.toFill, "place")} to fill`,
      `  next: grep -rn "to fill" ${pathWord(path, io)}`,
      "",
    ].join("\n"),
  );
  return exitCodes.done;
}

async function makeEmpty(path: string, folder: string): Promise<void> {
  try {
    makePrivateFolder(path);
    const [first] = await readdir(path);
    if (first === undefined) return;
  } catch (error) {
    throw unusable(folder, error);
  }
  throw new UsageError(
    `"${folder}" is not empty, and drafts of two states would be mixed in it`,
    "name a folder that is not there yet, or move away what is in this one",
  );
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode: privateFileMode });
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): UsageError {
  if (!(error instanceof Error)) throw error;
  return new UsageError(
    `the drafts can't be written: "${path}" ${writeTrouble(error)}`,
    "name another folder with --incident DIR",
  );
}
