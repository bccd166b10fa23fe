import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { App } from "../app.ts";
import type { Io } from "./io.ts";
import { UsageError } from "./refusal.ts";

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

/** Who sits here, for journals and locks: "deploy@laptop". */
export function whoAsks(io: Io): string {
  return `${io.env["SUDO_USER"] ?? userInfo().username}@${hostname()}`;
}
