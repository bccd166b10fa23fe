/** Why this can't be a path on a host, as the end of a sentence; null when it can. */
export function pathTrouble(path: string): string | null {
  if (!path.startsWith("/")) return "is not absolute";
  const parts = path.split("/");
  if (parts.includes("..")) return 'holds ".."';
  if (parts.includes(".")) return 'holds a part "."';
  if (path.includes("\0")) return "holds a zero byte";
  if (/^\/+$/.test(path)) return "is the whole file system";
  return null;
}

/** The same path without doubled slashes and a slash at the end. */
export function plainPath(path: string): string {
  return `/${path
    .split("/")
    .filter((part) => part !== "")
    .join("/")}`;
}

/** Is `path` the folder itself, or below it? Both plain. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}
