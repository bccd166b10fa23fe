import type { Answer } from "../core/answer.ts";
import { ProtocolError, textsOf } from "./frames.ts";
import { memberOf, type Root } from "./host-paths.ts";
import type { Candidate } from "./seen-trees.ts";
import { askGuard, frameOf, type Session } from "./session.ts";
import { command, shellBytes, type ShellText } from "./shell-text.ts";
import { stage, unstage } from "./stage.ts";

/** Names in one request: enough to make round trips rare, few enough for a shell's word list. */
const namesMax = 500;

type Answers = ReadonlyMap<Candidate, boolean>;

/**
 * Compares byte for byte what may have changed without a change of size: files and links that are
 * there in both, in trees whose content was kept. What could not be compared is not in the answer.
 */
export async function sameContent(
  session: Session,
  key: string,
  candidates: readonly Candidate[],
): Promise<Answer<Answers>> {
  const doubtful = candidates.filter(isDoubtful);
  if (doubtful.length === 0) return { kind: "result", value: new Map() };
  const members = new Map<Root, Set<ShellText>>();
  for (const { place } of doubtful) {
    const names = members.get(place.root) ?? new Set();
    members.set(place.root, names.add(memberOf(place)));
  }
  const staged = await stage(session, { key, members, place: "spool" });
  if (staged.kind !== "result") return staged;
  // No room to unpack: nothing was compared, and what was not compared counts as changed.
  if (staged.value.kind === "refused") return { kind: "result", value: new Map() };
  const answers = new Map<Candidate, boolean>();
  for (const group of groupsOf(doubtful)) {
    const { root, folder } = group[0]!.place;
    const names = group.map(({ place }) => shellBytes(place.name));
    const request = command("same", key, root.number, shellBytes(folder), ...names);
    const asked = await askGuard(session, request);
    if (asked.kind !== "result") return asked;
    if (asked.value.kind === "refused") break;
    const [marks = ""] = textsOf(frameOf(asked.value.frames, "SAME"), 1);
    if (marks.length !== group.length) throw new ProtocolError("answers for other names");
    for (const [index, candidate] of group.entries())
      if (marks[index] !== "?") answers.set(candidate, marks[index] === "=");
  }
  const cleared = await unstage(session);
  return cleared.kind === "result" ? { kind: "result", value: answers } : cleared;
}

function isDoubtful({ place, before, after }: Candidate): boolean {
  if (place.root.is !== "kept" || before === null || after === null) return false;
  if (before.type !== after.type || before.size !== after.size) return false;
  if (before.type !== "file" && before.type !== "link") return false;
  return (
    before.mtime !== after.mtime || before.ctime !== after.ctime || before.inode !== after.inode
  );
}

/** Neighbours in one folder, a request each. */
function groupsOf(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups: Candidate[][] = [];
  for (const candidate of candidates) {
    const last = groups.at(-1);
    const { root, folder } = candidate.place;
    const fits =
      last !== undefined &&
      last.length < namesMax &&
      last[0]!.place.root === root &&
      last[0]!.place.folder === folder;
    if (fits) last.push(candidate);
    else groups.push([candidate]);
  }
  return groups;
}
