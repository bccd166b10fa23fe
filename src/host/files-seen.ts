import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { FileSeen, FileToSee, Rights } from "../core/file-seen.ts";
import { type PathText, pathText } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import { fieldsOf, type Frame, numberOf, ProtocolError } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { askGuard, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Characters of a word that a host says of a file, and bytes of one name. */
const saidMax = 100;
const nameMax = 4096;

/** Asks what stands at these paths, and what is in it; see guard-contents.sh. Reads only. */
export async function filesSeen(
  session: Session,
  files: readonly FileToSee[],
): Promise<Answer<readonly FileSeen[]>> {
  const asked = files.filter(({ path }) => spellingFault(path) === null);
  const words = asked.flatMap(({ path, bytesMax, wanted }) => [
    bytesMax,
    wanted?.size ?? "",
    wanted?.sha256 ?? "",
    path,
  ]);
  const answer = await askGuard(session, command("contents", ...words));
  if (answer.kind !== "result") return answer;
  if (answer.value.kind === "refused") return { kind: "not-sent", failure: answer.value.failure };
  const told = answer.value.frames.filter(({ kind }) => kind === "STANDS");
  if (told.length !== asked.length)
    throw new ProtocolError("a look at other files than were asked");
  const seen = new Map(asked.map((it, at) => [it, seenOf(told[at]!, it)]));
  return {
    kind: "result",
    value: files.map(
      (it): FileSeen =>
        seen.get(it) ?? { is: "unknown", why: spellingFault(it.path) ?? "it was not looked at" },
    ),
  };
}

function seenOf(frame: Frame, asked: FileToSee): FileSeen {
  const fields = fieldsOf(frame);
  const [is, at] = [fields[0]?.toString("latin1") ?? "", pathOf(fields[1])];
  switch (is) {
    case "absent":
      return { is, missing: at };
    case "led":
      return { is, at };
    case "late":
      return { is: "unknown", why: "there was no time for it" };
    case "blocked":
      return { is: "unknown", why: `"${at}" is no folder` };
    case "hidden":
      return { is: "unknown", why: `"${at}" can't be looked into` };
    case "link":
      return { is, to: at };
    case "other":
      return { is, what: printable(at, { max: saidMax }) };
    case "file":
      return fileOf(fields, asked);
    case "folder":
      return folderOf(fields);
    default:
      throw new ProtocolError("a file of which it says not what it is");
  }
}

function fileOf(fields: readonly Buffer[], { bytesMax }: FileToSee): FileSeen {
  const [size, same, sent, hex] = textsFrom(fields, 5, 4);
  const bytes = numberOf(size);
  const isSent = sent === "yes";
  const content = isSent ? bytesOf(hex!) : null;
  if (isSent && (bytes > bytesMax || content!.length !== bytes))
    throw new ProtocolError("a file of another size than it says");
  return {
    is: "file",
    ...rightsOf(fields),
    size: bytes,
    same: same === "yes" ? true : same === "no" ? false : null,
    content,
    why: content !== null ? "" : whyNot(sent!, bytes, bytesMax),
  };
}

function whyNot(sent: string, size: number, bytesMax: number): string {
  if (sent === "failed") return "it could not be read";
  if (bytesMax === 0) return "";
  return size > bytesMax ? "it is too large" : "enough was read of this host already";
}

function folderOf(fields: readonly Buffer[]): FileSeen {
  const [entries, bytes, complete, mounts, names] = textsFrom(fields, 5, 5);
  return {
    is: "folder",
    ...rightsOf(fields),
    entries: numberOf(entries),
    bytes: numberOf(bytes),
    unfinished: complete !== "yes",
    mounts: numberOf(mounts),
    names: namesOf(bytesOf(names!)),
  };
}

function namesOf(bytes: Buffer): readonly PathText[] {
  const names: PathText[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new ProtocolError("a name without an end");
    names.push(pathOf(bytes.subarray(at, end)));
    at = end + 1;
  }
  return names;
}

function rightsOf(fields: readonly Buffer[]): Rights {
  const [mode, ids, owner] = textsFrom(fields, 2, 3);
  return {
    mode: /^[0-7]{1,4}$/.test(mode!) ? mode!.padStart(4, "0") : "????",
    ids: /^\d{1,10}:\d{1,10}$/.test(ids!) ? ids! : null,
    owner: printable(owner!, { max: saidMax }),
  };
}

function textsFrom(fields: readonly Buffer[], from: number, count: number): readonly string[] {
  if (fields.length < from + count) throw new ProtocolError("a file with too few words");
  return fields.slice(from, from + count).map((field) => field.toString("latin1"));
}

function bytesOf(hex: string): Buffer {
  const bytes = Buffer.from(hex, "hex");
  if (bytes.length * 2 !== hex.length) throw new ProtocolError("content that is no hex");
  return bytes;
}

function pathOf(bytes: Uint8Array | undefined): PathText {
  return pathText((bytes ?? new Uint8Array()).subarray(0, nameMax));
}
