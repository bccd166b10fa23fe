import { existsSync } from "node:fs";
import { hostname } from "node:os";
import type { App } from "../app.ts";
import { thisUser } from "../this-user.ts";
import type { Io } from "./io.ts";
import { AtJournal, UsageError } from "./refusal.ts";
import { programWords, type StateArgs, stateNearby } from "./state-folder.ts";

/** The app over this journal, loaded late: `--help` needs nothing of it. */
export async function openApp(state: string, io: Io): Promise<App> {
  const { createApp } = await import("../app.ts");
  return createApp({ state, env: io.env });
}

/** The app over a journal that must be there: looking for one never makes one. */
export async function openExisting(state: string, io: Io): Promise<App> {
  if (existsSync(state)) return openApp(state, io);
  throw new UsageError(
    `there is no journal at "${state}"`,
    "go to the folder of the inventory, or name the journal's with --state DIR",
  );
}

export interface OpenedJournal {
  readonly app: App;
  /** Folder of the journal. */
  readonly folder: string;
  /** How to call handrail so that it finds this journal. */
  readonly program: string;
}

/**
 * Works with the journal that is there, and closes it; what goes wrong is told with its folder. With
 * `openApp` there need be none yet.
 */
export function atJournal<T>(
  args: StateArgs,
  io: Io,
  work: (opened: OpenedJournal) => Promise<T>,
  open = openExisting,
): Promise<T> {
  const folder = stateNearby(args, io);
  const program = programWords(folder, io);
  return toldWith(program, async () => {
    await using app = await open(folder, io);
    return await work({ app, folder, program });
  });
}

/** Whatever goes wrong in here is told with these words for calling handrail. */
export async function toldWith<T>(program: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AtJournal ? error : new AtJournal(program, error);
  }
}

/** Who sits here, for journals and locks: "deploy@laptop". */
export function whoAsks(io: Io): string {
  return `${io.env["SUDO_USER"] ?? thisUser().name}@${hostname()}`;
}
