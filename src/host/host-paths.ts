import { type PathText, pathBytes, pathText } from "../core/path-text.ts";
import { numberOf, ProtocolError, fieldsOf, type Frame } from "./frames.ts";
import { shellBytes, shellText, type ShellText } from "./shell-text.ts";

/** A protected path as a snapshot holds it. */
export interface Root {
  readonly number: number;
  readonly is: "absent" | "listed" | "kept";
  readonly path: ShellText;
  /** The folder that holds it. */
  readonly top: ShellText;
}

/** One path as the guard takes it: a bare name in a folder, "." or "./…", below the root's top. */
export interface Place {
  readonly root: Root;
  readonly folder: ShellText;
  readonly name: ShellText;
}

/** Frames of `kind` that begin with a root's number, what it is, and its path. */
export function rootsOf(frames: readonly Frame[], kind: string): readonly Root[] {
  return frames.filter((frame) => frame.kind === kind).map(rootOf);
}

export function rootOf(frame: Frame): Root {
  const [number, is, path] = fieldsOf(frame).map((field) => field.toString("latin1"));
  if ((is !== "absent" && is !== "listed" && is !== "kept") || path?.startsWith("/") !== true)
    throw new ProtocolError("a protected path that is none");
  const top = path.slice(0, path.lastIndexOf("/"));
  return { number: numberOf(number), is, path, top: top === "" ? "/" : top };
}

/** Where a path lies: in the innermost tree around it, one with content if there is a choice. */
export function placeOf(path: PathText, roots: readonly Root[]): Place | null {
  const bytes = shellText(pathBytes(path));
  const around = roots.filter((root) => bytes === root.path || bytes.startsWith(`${root.path}/`));
  const kept = around.filter((root) => root.is !== "listed");
  const best = (kept.length > 0 ? kept : around).toSorted(
    (a, b) => b.path.length - a.path.length,
  )[0];
  return best === undefined ? null : placeBelow(best, relative(best, bytes));
}

/** The place of a name as manifests have it: "./NAME/…". */
export function placeBelow(root: Root, name: ShellText): Place {
  const cut = name.lastIndexOf("/");
  return { root, folder: name.slice(0, cut), name: name.slice(cut + 1) };
}

/** "./NAME/…": how manifests, archives and lists name it. */
export function memberOf(place: Place): ShellText {
  return `${place.folder}/${place.name}`;
}

export function pathOf(place: Place): PathText {
  const above = place.root.top === "/" ? "" : place.root.top;
  return pathText(shellBytes(`${above}${memberOf(place).slice(1)}`));
}

/** The folders between the root's top and this place, the outermost first: "./a", "./a/b". */
export function foldersAbove(place: Place): readonly ShellText[] {
  const parts = place.folder.split("/").slice(1);
  return parts.map((_, index) => [".", ...parts.slice(0, index + 1)].join("/"));
}

/** Can this path be protected, by its spelling alone? null: yes; else why not. */
export function spellingFault(path: PathText): string | null {
  if (!path.startsWith("/")) return "it is not absolute";
  if (path === "/") return "it is the root of everything";
  if (
    path
      .split("/")
      .slice(1)
      .some((part) => part === "" || part === "." || part === "..")
  )
    return 'it has an empty part, "." or ".."';
  return null;
}

function relative(root: Root, path: ShellText): ShellText {
  return `./${path.slice(root.top === "/" ? 1 : root.top.length + 1)}`;
}
