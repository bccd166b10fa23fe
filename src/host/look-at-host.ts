import type { Answer } from "../core/answer.ts";
import type { Fingerprint, FingerprintPath } from "../core/fingerprint.ts";
import { type PathText, pathBytes } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import type { HostLook, LookOrder } from "../ports/guard.ts";
import { describeHost } from "./describe-host.ts";
import { type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { lockOf } from "./lock-of.ts";
import { filesSeen } from "./files-seen.ts";
import { refusalOf } from "./refusal.ts";
import { askGuard, frameOf, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Characters of one thing that a host says of its spool. */
const saidMax = 300;

type Tree = HostLook["trees"][number];

/** See Guard.look. A path that is spelled as none could be is told as a fault, and not asked for. */
export async function lookAtHost(session: Session, order: LookOrder): Promise<Answer<HostLook>> {
  const asked = order.paths.filter(({ path }) => spellingFault(path) === null);
  const words = asked.flatMap(({ path, content }) => [
    pathBytes(path),
    content ? "kept" : "listed",
  ]);
  const answer = await askGuard(session, command("look", ...words));
  if (answer.kind !== "result") return answer;
  if (answer.value.kind === "refused") return { kind: "not-sent", failure: answer.value.failure };
  const { frames } = answer.value;
  const lock = frames.find(({ kind }) => kind === "LOCK");
  const seen = treesOf(frames, session.host);
  if (seen.length !== asked.length)
    throw new ProtocolError("a look at other trees than were asked");
  const trees = new Map(asked.map(({ path }, at) => [path, seen[at]!]));
  const prints = order.prints === undefined ? null : await printsOf(session, order.prints);
  if (prints !== null && prints.kind !== "result") return prints;
  const { described, units = [] } = order;
  const portrait = described === undefined ? null : await describeHost(session, described, units);
  if (portrait !== null && portrait.kind !== "result") return portrait;
  const files = order.files === undefined ? null : await filesSeen(session, order.files);
  if (files !== null && files.kind !== "result") return files;
  const [walked] = textsOf(frameOf(frames, "WALKED"), 1);
  return {
    kind: "result",
    value: {
      walkedMs: numberOf(walked) * 10,
      ...(files === null ? {} : { files: files.value }),
      ...(prints === null ? {} : { prints: prints.value }),
      ...(portrait === null ? {} : { portrait: portrait.value }),
      lock: lock === undefined ? null : lockOf(lock, 0),
      spool: spoolOf(frameOf(frames, "SPOOL")),
      trees: order.paths.map(({ path }) => ({
        path,
        ...(trees.get(path) ?? misspelled(path, session.host)),
      })),
    },
  };
}

/** A word of at most 64 characters for each path, or nothing where the host can't tell. */
async function printsOf(
  session: Session,
  paths: readonly FingerprintPath[],
): Promise<Answer<readonly Fingerprint[]>> {
  const asked = paths.filter(({ path }) => spellingFault(path) === null);
  const words = asked.flatMap(({ path, extent }) => [pathBytes(path), extent]);
  const answer = await askGuard(session, command("fingerprint", ...words));
  if (answer.kind !== "result") return answer;
  if (answer.value.kind === "refused") return { kind: "not-sent", failure: answer.value.failure };
  const told = answer.value.frames.filter(({ kind }) => kind === "PRINT");
  if (told.length !== asked.length)
    throw new ProtocolError("prints of other paths than were asked");
  const prints = new Map(asked.map((it, at) => [it, textsOf(told[at]!, 1)[0]!]));
  return {
    kind: "result",
    value: paths.map((it) => {
      const print = prints.get(it) ?? "";
      return { ...it, print: /^(none|[0-9a-f]{64})$/.test(print) ? print : null };
    }),
  };
}

function spoolOf(frame: Frame): HostLook["spool"] {
  const [exists, fault, kibibytes, inodes] = textsOf(frame, 4);
  return {
    exists: exists === "yes",
    fault: said(fault!),
    freeBytes: kibibytes === "" ? null : numberOf(kibibytes) * 1024,
    freeInodes: inodes === "" ? null : numberOf(inodes),
  };
}

/** Each tree is one frame, and the fault that stands in its way, if there is one, comes before it. */
function treesOf(frames: readonly Frame[], host: string): readonly Omit<Tree, "path">[] {
  const trees: Omit<Tree, "path">[] = [];
  let fault: Frame | null = null;
  for (const frame of frames) {
    if (frame.kind === "FAULT") fault = frame;
    if (frame.kind !== "TREE") continue;
    const failure = fault === null ? null : refusalOf([{ ...fault, kind: "REFUSED" }], host);
    trees.push({ ...treeOf(frame), ...(failure === null ? {} : { fault: failure }) });
    fault = null;
  }
  return trees;
}

function treeOf(frame: Frame): Omit<Tree, "path"> {
  const [exists, complete, ...numbers] = textsOf(frame, 11);
  const [entries = 0, bytes = 0, ...lost] = numbers.map(numberOf);
  return {
    exists: exists === "yes",
    entries,
    bytes,
    losses: lost.flatMap((count, at) => (count === 0 ? [] : lossWords(at, count))),
    ...(complete === "yes" ? {} : { unfinished: true }),
  };
}

/** In the order in which guard-look.sh counts them: one, and several. */
const lossNames = [
  ["socket", "sockets"],
  ["file system mounted below", "file systems mounted below"],
  ["file with an access control list", "files with access control lists"],
  [
    "file with extended attributes or capabilities",
    "files with extended attributes or capabilities",
  ],
  ["sparse file, which would be filled", "sparse files, which would be filled"],
  ["path too long for a copy", "paths too long for a copy"],
  ["entry that belongs to another user", "entries that belong to other users"],
] as const;

function lossWords(at: number, count: number): readonly string[] {
  const names = lossNames[at];
  if (names === undefined) throw new ProtocolError("a loss without a name");
  return [`${count} ${names[count === 1 ? 0 : 1]}`];
}

function misspelled(path: PathText, host: string): Omit<Tree, "path"> {
  return {
    exists: false,
    entries: 0,
    bytes: 0,
    losses: [],
    fault: {
      code: "SNAPSHOT_REFUSED",
      message: `"${path}" can't be snapshotted on ${host}: ${spellingFault(path) ?? ""}`,
      hint: "write the path in full, beginning with / and without . or ..",
      host,
      path,
    },
  };
}

function said(text: string): string {
  return printable(text, { max: saidMax }).trim();
}
