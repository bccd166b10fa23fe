import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SshSettings } from "../ssh-settings.ts";

/**
 * Longest temp folder for which the master's socket still fits into a socket address: 104 bytes on
 * macOS, of which "/handrail-XXXXXX/s" and the 17 bytes that ssh appends while it binds take 35.
 */
const folderLengthMax = 60;

/** One connection's own folder, closed to other users: socket, config and logs. */
export interface PrivateFolder extends AsyncDisposable {
  readonly path: string;
  readonly socket: string;
  readonly config: string;
  readonly masterLog: string;
  channelLog(number: number): string;
}

export async function makePrivateFolder(
  settings: SshSettings,
  config: string,
): Promise<PrivateFolder> {
  // ssh hands `-F` to jump hosts' ssh without quotes, and expands `%` and `$` in socket paths.
  const temp = settings.tempFolder;
  const fits = /^[\w./-]+$/.test(temp) && temp.length <= folderLengthMax;
  const path = await mkdtemp(join(fits ? temp : "/tmp", "handrail-"));
  const folder: PrivateFolder = {
    path,
    socket: join(path, "s"),
    config: join(path, "config"),
    masterLog: join(path, "master.log"),
    channelLog: (number) => join(path, `channel-${number}.log`),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
  await writeFile(folder.config, config, { mode: 0o600 });
  return folder;
}
