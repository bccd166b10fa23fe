import type { FileSeen, Rights } from "../core/file-seen.ts";
import { parentOf, treePath } from "../core/verdict/tree-path.ts";

/** How the files of a host stand as the steps of a plan go on: as they were seen, and as steps left them. */
export interface TreeNow {
  at(path: string): FileSeen;
  /** Why a file can't be put at this path, with the folder that is missing; null: its folder is there. */
  noFolderFor(path: string): { readonly effect: "fails"; readonly says: string } | null;
  put(path: string, content: Uint8Array, rights: Rights): void;
  makeFolder(path: string): void;
  remove(path: string): void;
}

/** Begins with what was seen there, by the path as it was asked for. */
export function treeNow(seen: ReadonlyMap<string, FileSeen>): TreeNow {
  const now = new Map([...seen].map(([path, it]) => [treePath(path), it]));

  function at(path: string): FileSeen {
    return (
      now.get(treePath(path)) ?? { is: "unknown", why: "there were too many files to look at" }
    );
  }

  return {
    at,
    noFolderFor(path) {
      const it = at(path);
      const tree = treePath(path);
      if (it.is !== "absent" || it.missing === tree) return null;
      const folder = parentOf(tree) ?? "/";
      if (now.get(folder)?.is === "folder") return null;
      return { effect: "fails", says: "there is no folder for it" };
    },
    put(path, content, rights) {
      const file = { is: "file", size: content.length, same: null, content, why: "" } as const;
      now.set(treePath(path), { ...file, ...rights });
    },
    makeFolder(path) {
      const rights = { mode: "0755", ids: null, owner: null };
      const nothing = { entries: 1, bytes: 0, unfinished: false, mounts: 0, names: [] };
      now.set(treePath(path), { is: "folder", ...nothing, ...rights });
    },
    remove(path) {
      const tree = treePath(path);
      for (const each of [tree, ...now.keys()])
        if (each === tree || each.startsWith(`${tree}/`))
          now.set(each, { is: "absent", missing: tree });
    },
  };
}
