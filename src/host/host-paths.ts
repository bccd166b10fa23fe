import { type PathText, pathText } from "../core/path-text.ts";
import { numberOf, ProtocolError, fieldsOf, type Frame } from "./frames.ts";
import { shellBytes, type ShellText } from "./shell-text.ts";

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

export function rootOf(frame: Frame): Root {
  const [number, is, path] = fieldsOf(frame).map((field) => field.toString("latin1"));
  if ((is !== "absent" && is !== "listed" && is !== "kept") || path?.startsWith("/") !== true)
    throw new ProtocolError("a protected path that is none");
  const top = path.slice(0, path.lastIndexOf("/"));
  return { number: numberOf(number), is, path, top: top === "" ? "/" : top };
}

/** The place of a name as manifests have it: "./NAME/…". */
export function placeBelow(root: Root, name: ShellText): Place {
  const cut = name.lastIndexOf("/");
  return { root, folder: name.slice(0, cut), name: name.slice(cut + 1) };
}

export function pathOf(place: Place): PathText {
  const above = place.root.top === "/" ? "" : place.root.top;
  return pathText(shellBytes(`${above}${place.folder.slice(1)}/${place.name}`));
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
