import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
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
        return settledIn(await readFile(fileOf(rollout), "utf8"));
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

const line = z.object({
  id: z.string(),
  is: z.enum(["told", "given up"]),
  by: z.string(),
  tries: z.number(),
  at: z.string(),
});

/** The newest entry of each id: one that was given up may have been told later. */
function settledIn(text: string): ReadonlyMap<string, SettledNotice> {
  return new Map(
    text.split("\n").flatMap((each) => {
      const { data } = line.safeParse(jsonIn(each));
      return data === undefined ? [] : [[data.id, data] as const];
    }),
  );
}

/** null where a crash has torn the line: then the notice is told once more. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
