import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NoticeLog, SettledNotice } from "../ports/notice-log.ts";
import { stateError } from "./state-error.ts";
import { makePrivateFolder, privateFileMode, syncFolder } from "./state-folder.ts";

/** A line of JSON for each settled notice, in `<state>/notices/ROLLOUT.jsonl`. */
export function openNoticeLog(folder: string): NoticeLog {
  const notices = join(folder, "notices");
  const fileOf = (rollout: string): string => join(notices, `${rollout}.jsonl`);
  const append = async (rollout: string, text: string): Promise<void> => {
    await using file = await open(fileOf(rollout), "a", privateFileMode);
    await file.appendFile(text);
    await file.datasync();
  };
  return {
    async begin(rollout) {
      try {
        makePrivateFolder(notices);
        await append(rollout, "");
        syncFolder(notices);
      } catch (error) {
        throw stateError(error, folder);
      }
    },
    async settled(rollout) {
      try {
        return idsIn(await readFile(fileOf(rollout), "utf8"));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw stateError(error, folder);
      }
    },
    async settle(rollout, notice: SettledNotice) {
      try {
        // A line of its own also after one that a crash has torn.
        await append(rollout, `\n${JSON.stringify(notice)}\n`);
      } catch (error) {
        throw stateError(error, folder);
      }
    },
  };
}

function idsIn(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").flatMap((line) => idIn(line)));
}

/** The id in a line; nothing where the line was torn: then the notice is told once more. */
function idIn(line: string): readonly string[] {
  if (line === "") return [];
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("id" in value)) return [];
    return typeof value.id === "string" ? [value.id] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
