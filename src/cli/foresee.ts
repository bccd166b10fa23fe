import { createHash } from "node:crypto";
import type { FileSeen, FileToSee, Rights } from "../core/file-seen.ts";
import type { PlannedChange } from "../core/planned-change.ts";
import type { ForeseenChange, ForeseenEffect, ForeseenFile } from "../views/foreseen.ts";
import { counted, size } from "../views/wording.ts";
import { changeWords, type Compared, type Comparer } from "./compare-content.ts";
import type { TreeNow } from "./tree-now.ts";

/** Bytes of one file that a host sends, so that it can be shown line by line. */
export const shownBytesMax = 128 * 1024;

/** Files of one host that are looked at; a step has at most as many. */
const filesMax = 2000;

/** One change of a step, with its path as the plan writes it. */
export type WrittenChange = PlannedChange & { readonly written: string };

/** What has to be looked at on a host, so that these changes can be foreseen. Each path once. */
export function filesToSee(changes: readonly PlannedChange[]): readonly FileToSee[] {
  const files = new Map<string, FileToSee>();
  for (const change of changes) {
    for (const file of filesOf(change)) {
      const known = files.get(file.path);
      const same = known?.wanted?.sha256 === file.wanted?.sha256;
      files.set(file.path, {
        path: file.path,
        bytesMax: Math.max(file.bytesMax, known?.bytesMax ?? 0),
        wanted: known === undefined || same ? file.wanted : null,
      });
    }
  }
  return [...files.values()].slice(0, filesMax);
}

function filesOf(change: PlannedChange): readonly FileToSee[] {
  const { path } = change;
  switch (change.does) {
    case "put": {
      const shown = !change.content.includes(0) && change.content.length <= shownBytesMax;
      const sha256 = createHash("sha256").update(change.content).digest("hex");
      const wanted = { size: change.content.length, sha256 };
      return [{ path, bytesMax: shown ? shownBytesMax : 0, wanted }];
    }
    case "folder":
      return [{ path, bytesMax: 0, wanted: null }];
    case "edit":
      return [change.from, path].flatMap((each) =>
        each === null ? [] : [{ path: each, bytesMax: shownBytesMax, wanted: null }],
      );
    case "remove":
      return [{ path, bytesMax: 1, wanted: null }];
  }
}

export interface ForeseeOrder {
  /** How the host stands before the step; each change that is foreseen is made in it. */
  readonly tree: TreeNow;
  readonly compare: Comparer;
}

/** What one change would come to, and null where a folder that it would make is there already. */
export function foresee(change: WrittenChange, order: ForeseeOrder): ForeseenChange | null {
  switch (change.does) {
    case "put":
      return foreseePut(change, order);
    case "folder":
      return foreseeFolder(change, order);
    case "edit":
      return foreseeEdit(change, order);
    case "remove":
      return foreseeRemove(change, order);
  }
}

type Kind<Does> = Extract<WrittenChange, { does: Does }>;

function foreseePut(change: Kind<"put">, { tree, compare }: ForeseeOrder): ForeseenChange {
  const seen = tree.at(change.path);
  const bad = noPlainFile(seen) ?? tree.noFolderFor(change.path);
  const mode = change.mode.padStart(4, "0");
  const { content, owner } = change;
  if (bad !== null) return told(change, seen, bad);
  const before = seen.is === "file" ? seen : null;
  const now = { mode, owner: owner ?? before?.owner ?? null, ids: before?.ids ?? null };
  const after = { size: content.length, entries: 1, mode, owner: now.owner };
  tree.put(change.path, content, now);
  if (before === null) {
    const as = owner === null ? "" : `, owner ${owner}`;
    const says = `would be created (${compare.kindOf(content)}, mode ${mode}${as})`;
    return told(change, seen, { effect: "create", says }, { after });
  }
  const wanted = owner === null || isOwner(owner, before) ? null : owner;
  const compared = compare.files(before, content);
  return toldChange({ change, before, after, compared, mode, owner: wanted });
}

function foreseeEdit(change: Kind<"edit">, { tree, compare }: ForeseeOrder): ForeseenChange {
  const { path, from, mode } = change;
  const seen = tree.at(from ?? path);
  const there = from === null ? seen : tree.at(path);
  const bad = noPlainFile(seen) ?? noPlainFile(there) ?? tree.noFolderFor(path);
  if (bad !== null) return told(change, seen, bad);
  const source = seen.is === "file" ? seen : null;
  if (source !== null && source.content === null) {
    const why = source.why === "" ? "it was not read" : source.why;
    return told(change, seen, { effect: "unknown", says: `nobody compared it: ${why}` });
  }
  const edited = change.edit(source?.content ?? null);
  if (!edited.fits) {
    return told(change, seen, {
      effect: "fails",
      says: `the patch does not fit: it ${edited.why}`,
    });
  }
  if (edited.content === null) {
    tree.remove(path);
    return told(change, seen, { effect: "delete", says: "would be deleted" });
  }
  const rights: Rights = {
    mode: mode?.padStart(4, "0") ?? (from === null ? source?.mode : null) ?? "0644",
    owner: source?.owner ?? null,
    ids: source?.ids ?? null,
  };
  const after = { size: edited.content.length, entries: 1, mode: rights.mode, owner: rights.owner };
  tree.put(path, edited.content, rights);
  if (there.is !== "file" || source === null) {
    const origin = from === null ? "" : ` from ${from.slice(from.lastIndexOf("/") + 1)}`;
    const says = `would be created${origin} (${compare.kindOf(edited.content)}, mode ${rights.mode})`;
    return told(change, there, { effect: "create", says }, { after });
  }
  const compared = compare.files(source, edited.content);
  return toldChange({ change, before: source, after, compared, mode: rights.mode, owner: null });
}

function foreseeFolder(change: Kind<"folder">, { tree }: ForeseeOrder): ForeseenChange | null {
  const seen = tree.at(change.path);
  if (seen.is === "folder") return null;
  const bad =
    seen.is === "absent" ? tree.noFolderFor(change.path) : (inTheWay(seen) ?? noFolder(seen));
  if (bad !== null) return told(change, seen, bad);
  tree.makeFolder(change.path);
  return told(change, seen, { effect: "create", says: "folder that would be made" });
}

function foreseeRemove(change: Kind<"remove">, { tree }: ForeseeOrder): ForeseenChange {
  const seen = tree.at(change.path);
  const bad = inTheWay(seen);
  if (bad !== null) return told(change, seen, bad);
  if (seen.is === "absent") {
    return told(change, seen, { effect: "nothing", says: "not there: nothing to remove" });
  }
  if (seen.is === "folder" && seen.mounts > 0) {
    const says = `${counted(seen.mounts, "file system is", "file systems are")} mounted in it, and nothing is removed`;
    return told(change, seen, { effect: "fails", says });
  }
  tree.remove(change.path);
  const names = seen.is === "folder" ? seen.names : [];
  return told(change, seen, { effect: "delete", says: goneWords(seen) }, { names });
}

function goneWords(seen: FileSeen): string {
  if (seen.is === "file") return `would be deleted (${size(seen.size)})`;
  if (seen.is === "link") return `would be deleted: a link; what it points to, ${seen.to}, stays`;
  if (seen.is !== "folder")
    return `would be deleted${seen.is === "other" ? ` (${seen.what})` : ""}`;
  const least = seen.unfinished ? "at least " : "";
  const inside = counted(Math.max(0, seen.entries - 1), "entry", "entries");
  return `would be deleted: a folder with ${least}${inside} and ${size(seen.bytes)}`;
}

interface Told {
  readonly effect: ForeseenEffect;
  readonly says: string;
}

/** Why nothing at that path can be known, or nothing done; null: nothing is in the way. */
function inTheWay(seen: FileSeen): Told | null {
  if (seen.is === "unknown") return { effect: "unknown", says: `can't be looked at: ${seen.why}` };
  if (seen.is !== "led") return null;
  return { effect: "fails", says: `passes through a symbolic link, ${seen.at}` };
}

function noPlainFile(seen: FileSeen): Told | null {
  if (seen.is === "link") {
    const says = "is a symbolic link; a file is not written through it or over it";
    return { effect: "fails", says };
  }
  if (seen.is === "folder" || seen.is === "other")
    return { effect: "fails", says: "is there and is not a plain file" };
  return inTheWay(seen);
}

function noFolder(seen: FileSeen): Told {
  const says =
    seen.is === "link"
      ? "is a symbolic link, and a folder is meant"
      : "is there and is not a folder";
  return { effect: "fails", says };
}

function told(
  { path, written }: WrittenChange,
  seen: FileSeen,
  { effect, says }: Told,
  more: Partial<ForeseenChange> = {},
): ForeseenChange {
  const before = stateOf(seen);
  return { path, written, effect, says, before, after: null, diff: null, names: [], ...more };
}

function toldChange(it: {
  readonly change: WrittenChange;
  readonly before: Extract<FileSeen, { is: "file" }>;
  readonly after: ForeseenFile;
  readonly compared: Compared;
  readonly mode: string;
  /** null: as it is. */
  readonly owner: string | null;
}): ForeseenChange {
  const { change, before, after, compared, mode, owner } = it;
  const rights = [
    ...(before.mode === mode ? [] : [`mode ${before.mode} → ${mode}`]),
    ...(owner === null ? [] : [`owner ${before.owner ?? "?"} → ${owner}`]),
  ];
  const { diff } = compared;
  if (compared.is === "unknown")
    return told(change, before, { effect: "unknown", says: compared.says }, { after });
  const isSame = compared.is === "same";
  if (isSame && rights.length === 0) {
    return told(change, before, { effect: "nothing", says: "already there, unchanged" }, { after });
  }
  const says = changeWords(compared, rights);
  return told(change, before, { effect: "change", says }, { after, diff });
}

function stateOf(seen: FileSeen): ForeseenFile | null {
  if (seen.is === "file") {
    const { mode, owner } = seen;
    return { size: seen.size, entries: 1, mode, owner };
  }
  if (seen.is === "folder") {
    const { entries, bytes, mode, owner } = seen;
    return { size: bytes, entries: Math.max(1, entries), mode, owner };
  }
  return seen.is === "link" || seen.is === "other"
    ? { size: 0, entries: 1, mode: null, owner: null }
    : null;
}

/** Is a file's owner the one that a plan names, by name or by number? Without a group, any. */
function isOwner(asked: string, { owner, ids }: Rights): boolean {
  const [names, numbers] = [owner ?? "", ids ?? ""].map((text) => text.split(":"));
  return asked.split(":").every((part, at) => part === names?.[at] || part === numbers?.[at]);
}
