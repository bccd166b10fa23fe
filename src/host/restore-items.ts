import type { Answer } from "../core/answer.ts";
import { type PathText, pathText } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import type { RestoreItem, RestoreOrder, RestoreResult } from "../ports/guard.ts";
import { fieldsOf, type Frame, ProtocolError } from "./frames.ts";
import {
  foldersAbove,
  memberOf,
  pathOf,
  type Place,
  placeBelow,
  placeOf,
  type Root,
  rootsOf,
} from "./host-paths.ts";
import { askGuard, plainName, type Session } from "./session.ts";
import { command, shellBytes, type ShellText } from "./shell-text.ts";
import { stage, unstage } from "./stage.ts";

/** Names after one verb, and requests' length: a shell holds them all in memory. */
const namesMax = 400;
const requestMax = 256 * 1024;

/** Characters of what a host says about one path. */
const messageMax = 300;

type Verb = RestoreItem["how"] | "complete_folder" | "retime_folder";

interface Task {
  readonly verb: Verb;
  readonly place: Place;
}

/**
 * Puts items back in their order; then the folders that were made get their mode, owner and times,
 * and those whose content was changed get their times back, the deepest first.
 */
export async function restoreItems(
  session: Session,
  order: RestoreOrder,
): Promise<Answer<RestoreResult>> {
  const key = plainName(order.key);
  const known = await askGuard(session, command("roots", key, session.epoch));
  if (known.kind !== "result") return known;
  if (known.value.kind === "refused") return { kind: "result", value: known.value };
  const roots = rootsOf(known.value.frames, "ROOT");
  const tally = new Tally();
  const tasks: Task[] = [];
  for (const item of order.items) {
    const place = placeOf(item.path, roots);
    if (place === null) tally.fail(item.path, "the snapshot does not cover it");
    else tasks.push({ verb: item.how, place });
  }
  const staged = await stage(session, { key, members: membersOf(tasks), place: "near" });
  if (staged.kind !== "result") return staged;
  if (staged.value.kind === "refused") return { kind: "result", value: staged.value };
  const made = new Map<string, Place>();
  for (const phase of [() => tasks, () => closing(tasks, made)]) {
    for (const request of requestsOf(key, phase())) {
      const asked = await askGuard(session, request.text);
      if (asked.kind !== "result") return asked;
      if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
      readFrames(asked.value.frames, { roots, tally, made });
    }
  }
  const cleared = await unstage(session);
  if (cleared.kind !== "result") return cleared;
  return { kind: "result", value: tally.result(order.items) };
}

/** What did not go well, each path once. */
class Tally {
  readonly #conflicts = new Set<PathText>();
  readonly #failed = new Map<PathText, string>();

  conflict(path: PathText): void {
    this.#conflicts.add(path);
  }
  fail(path: PathText, message: string): void {
    this.#failed.set(path, message);
  }
  result(items: readonly RestoreItem[]): RestoreResult {
    const paths = [...new Set(items.map((item) => item.path))];
    // Folders on the way may have failed too; they come after what was asked for.
    const failed = [...paths.filter((path) => this.#failed.has(path)), ...this.#failed.keys()];
    const bad = (path: PathText) => this.#conflicts.has(path) || this.#failed.has(path);
    return {
      kind: "restored",
      restored: items.filter((item) => !bad(item.path)).length,
      conflicts: paths.filter((path) => this.#conflicts.has(path)),
      failed: [...new Set(failed)].map((path) => ({ path, message: this.#failed.get(path)! })),
    };
  }
}

/** What has to be unpacked: the items, and the folders around them for their mode, owner and times. */
function membersOf(tasks: readonly Task[]): ReadonlyMap<Root, ReadonlySet<ShellText>> {
  const members = new Map<Root, Set<ShellText>>();
  for (const { verb, place } of tasks) {
    if (place.root.is !== "kept") continue;
    const names = members.get(place.root) ?? new Set();
    members.set(place.root, names);
    for (const folder of foldersAbove(place)) names.add(folder);
    if (verb !== "remove") names.add(memberOf(place));
  }
  for (const [root, names] of members) if (names.size === 0) members.delete(root);
  return members;
}

/** Folders to finish, the deepest first: filling or emptying a folder has moved its times. */
function closing(tasks: readonly Task[], made: ReadonlyMap<string, Place>): readonly Task[] {
  const last = new Map<string, Task>();
  for (const [id, place] of made) last.set(id, { verb: "complete_folder", place });
  for (const { verb, place } of tasks) {
    if (verb === "metadata") continue;
    const folder = foldersAbove(place).at(-1);
    if (folder === undefined) continue;
    const above = placeBelow(place.root, folder);
    if (!last.has(idOf(above))) last.set(idOf(above), { verb: "retime_folder", place: above });
  }
  const depth = ({ place }: Task) => place.folder.split("/").length;
  return [...last.values()].toSorted((a, b) => depth(b) - depth(a));
}

/** Tasks in their order, neighbours with the same verb in the same folder together. */
function requestsOf(key: string, tasks: readonly Task[]): readonly { readonly text: ShellText }[] {
  const requests: { text: ShellText }[] = [];
  for (let at = 0; at < tasks.length;) {
    const { verb, place } = tasks[at]!;
    const names: Uint8Array[] = [];
    for (; at < tasks.length && names.length < namesMax; at++) {
      const next = tasks[at]!;
      const fits =
        next.verb === verb && next.place.root === place.root && next.place.folder === place.folder;
      if (!fits) break;
      names.push(shellBytes(next.place.name));
    }
    const within = command("within", key, place.root.number, shellBytes(place.folder));
    const text = `${within}; ${command(verb, ...names)}\n`;
    const last = requests.at(-1);
    if (last !== undefined && last.text.length + text.length < requestMax) last.text += text;
    else requests.push({ text });
  }
  return requests;
}

function readFrames(
  frames: readonly Frame[],
  into: {
    readonly roots: readonly Root[];
    readonly tally: Tally;
    readonly made: Map<string, Place>;
  },
): void {
  for (const frame of frames) {
    const fields = fieldsOf(frame);
    const [number, folder, name] = fields.map((field) => field.toString("latin1"));
    const root = into.roots.find((each) => String(each.number) === number);
    if (root === undefined || folder === undefined || name === undefined)
      throw new ProtocolError("a restored path of no tree");
    const place = { root, folder, name };
    if (frame.kind === "MADE") into.made.set(idOf(place), place);
    else if (frame.kind === "CONFLICT") into.tally.conflict(pathOf(place));
    else
      into.tally.fail(
        pathOf(place),
        printable(fields[3] ?? pathText(fields[2]!), { max: messageMax }),
      );
  }
}

function idOf(place: Place): string {
  return `${place.root.number} ${memberOf(place)}`;
}
