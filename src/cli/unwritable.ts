import { dirname } from "node:path";
import { troubleOf } from "../sources/read-bytes.ts";
import { shellWord } from "./called-as.ts";
import { UsageError } from "./refusal.ts";

const noFolder = "is in a folder that is not there";

/** Why a file can't be written, as the end of a sentence that begins with its name. */
export function writeTrouble(error: unknown): string {
  if (error instanceof Error && "code" in error) {
    if (error.code === "ENOENT") return noFolder;
    if (error.code === "EISDIR") return "is a folder, not a file";
  }
  return troubleOf(error).replace("can't be read", "can't be written");
}

/** The file that an option names can't be written. `file`: as typed; `trouble`: see `writeTrouble`. */
export function unwritable(option: string, file: string, trouble: string): UsageError {
  const make = trouble === noFolder ? `mkdir -p ${shellWord(dirname(file))}; or ` : "";
  return new UsageError(
    `${option}: "${file}" ${trouble}`,
    `${make}name another file with ${option}`,
  );
}
