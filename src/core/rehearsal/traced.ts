import { type PathText, pathBytes, pathText } from "../path-text.ts";

/** Characters of a command that are shown. */
const commandMax = 200;

/**
 * Which command deleted each of these paths, by the lines of `strace -f -y` (strace(1)); a path of
 * which the trace says nothing is left out. What was in a folder that was moved away is told by the
 * folder. The trace comes from a hostile place: what can't be read in it is passed over.
 */
export function deletionsIn(
  trace: string,
  paths: ReadonlySet<PathText>,
): Readonly<Record<PathText, string>> {
  const commands = new Map<string, string>();
  const deleted = new Map<PathText, string>();
  for (const line of trace.split("\n")) {
    const [, pid, call, words] = /^(\d+) +([a-z0-9]+)\((.*)\) += 0$/.exec(line) ?? [];
    if (pid === undefined || call === undefined || words === undefined) continue;
    if (call === "execve") commands.set(pid, commandIn(words));
    else {
      const path = pathIn(call, words);
      const command = commands.get(pid);
      if (path !== null && command !== undefined) deleted.set(path, command);
    }
  }
  const told: Record<PathText, string> = {};
  for (const path of paths) {
    const command = nearest(deleted, path);
    if (command !== null) told[path] = command;
  }
  return told;
}

function nearest(deleted: ReadonlyMap<PathText, string>, path: PathText): string | null {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const command = deleted.get(at);
    if (command !== undefined) return command;
  }
  return null;
}

/** The second argument of execve(2): its words, as a person reads them. */
function commandIn(words: string): string {
  const list = /^"(?:[^"\\]|\\.)*", \[(.*)\], /.exec(words)?.[1] ?? "";
  const text = [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word).join(" ");
  return text.length > commandMax ? `${text.slice(0, commandMax)}…` : text;
}

/** The first path that a call takes away, whole. */
function pathIn(call: string, words: string): PathText | null {
  const at = call.endsWith("at") || call === "renameat2";
  const [, folder, name] = at
    ? (/^(?:AT_FDCWD|\d+)<((?:[^<>\\]|\\.)*)>, "((?:[^"\\]|\\.)*)"/.exec(words) ?? [])
    : ["", "", /^"((?:[^"\\]|\\.)*)"/.exec(words)?.[1]];
  if (name === undefined) return null;
  const bytes = unescaped(name);
  const whole =
    bytes[0] === 0x2f ? bytes : new Uint8Array([...unescaped(`${folder ?? ""}/`), ...bytes]);
  const text = pathText(whole);
  if (!text.startsWith("/")) return null;
  return `/${text
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12 };

/** Bytes of a string as strace prints it: octal, and the escapes of C. */
function unescaped(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [piece, octal, other] of text.matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (other !== undefined) bytes.push(escapes[other] ?? other.charCodeAt(0));
    else bytes.push(...pathBytes(piece));
  }
  return Uint8Array.from(bytes);
}
