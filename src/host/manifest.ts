import { Buffer } from "node:buffer";
import type { Entry, EntryType } from "../core/effects.ts";
import { ProtocolError } from "./frames.ts";

/** One line of a comparison: a path below the folder that holds the protected path. */
export interface ManifestLine {
  readonly side: "before" | "after";
  /** As bytes, one character each: "./NAME/…". */
  readonly name: string;
  readonly entry: Entry;
}

const types: Readonly<Record<string, EntryType>> = {
  f: "file",
  d: "folder",
  l: "link",
  p: "fifo",
  s: "socket",
  b: "device",
  c: "device",
  D: "device",
};

const fieldsBeforeName = 9;

/** Lines as the guard's `differences` prints them. Anything else throws a ProtocolError. */
export function manifestLines(text: Uint8Array): readonly ManifestLine[] {
  return Buffer.from(text)
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")
    .map(manifestLine);
}

function manifestLine(line: string): ManifestLine {
  const fields: string[] = [];
  let at = 1;
  for (let count = 0; count < fieldsBeforeName; count++) {
    const end = line.indexOf(" ", at);
    if (end < 0) throw new ProtocolError("a line of a manifest with too few fields");
    fields.push(line.slice(at, end));
    at = end + 1;
  }
  const [kind, , mode, uid, gid, size, inode, mtime, ctime] = fields;
  const type = types[kind ?? ""];
  const sign = line[0];
  if (type === undefined || (sign !== "-" && sign !== "+"))
    throw new ProtocolError("a line of a manifest that says nothing known");
  return {
    side: sign === "-" ? "before" : "after",
    // A newline in a name: a zero byte from find -printf, "//n" from stat -c.
    name: line.slice(at).replaceAll("\0", "\n").replaceAll("//n", "\n"),
    entry: {
      type,
      mode: digits(mode, /^[0-7]{1,5}$/).padStart(4, "0"),
      uid: Number(digits(uid, /^[0-9]{1,10}$/)),
      gid: Number(digits(gid, /^[0-9]{1,10}$/)),
      size: type === "file" || type === "link" ? Number(digits(size, /^[0-9]{1,16}$/)) : 0,
      inode: digits(inode, /^[0-9]{1,20}$/),
      mtime: timeText(mtime),
      ctime: timeText(ctime),
    },
  };
}

function digits(text: string | undefined, shape: RegExp): string {
  if (text === undefined || !shape.test(text))
    throw new ProtocolError("a field of a manifest that is no number");
  return text;
}

/** find prints seconds, stat a date in UTC; both with a fraction. */
function timeText(text: string | undefined): string {
  const seconds = /^(-?[0-9]{1,19})(?:\.([0-9]*))?$/.exec(text ?? "");
  if (seconds !== null) return `${seconds[1]}.${nanoseconds(seconds[2])}`;
  const date =
    /^(-?[0-9]{1,6}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]*))?$/.exec(
      text ?? "",
    );
  const time = date === null ? Number.NaN : Date.parse(`${date[1]}T${date[2]}Z`);
  if (date === null || Number.isNaN(time))
    throw new ProtocolError("a field of a manifest that is no time");
  return `${time / 1000}.${nanoseconds(date[3])}`;
}

function nanoseconds(fraction: string | undefined): string {
  return (fraction ?? "").padEnd(9, "0").slice(0, 9);
}
