import { type PathText, pathText } from "../path-text.ts";

/**
 * A path as a plan or a step writes it ("/srv/app//tmp/"), as the one text by which a host's answers
 * name it ("/srv/app/tmp"). Bytes that a `PathText` must escape are escaped here, so this is for
 * text from the plan only, never for a path that a host gave.
 */
export function treePath(text: string): PathText {
  const segments = text.split("/").filter((segment) => segment !== "" && segment !== ".");
  return pathText(new TextEncoder().encode(`/${segments.join("/")}`));
}

/** The folder that this path lies in; null above the root. */
export function parentOf(path: PathText): PathText | null {
  if (path === "/") return null;
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** Sorts by code units, so a folder always comes before what is in it, on every machine alike. */
export function byPath(left: { readonly path: PathText }, right: { readonly path: PathText }) {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}
