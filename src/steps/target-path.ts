import { z } from "zod";

/** The longest path that Linux takes, with its final zero (PATH_MAX, limits.h). */
const pathBytesMax = 4095;
const nameBytesMax = 255;

/** A path on a host as plans write it: variables may stand in it, so only a part can be checked. */
export const targetPath = z
  .string()
  .min(1, { error: "must not be empty" })
  .refine((path) => !path.includes("\0"), { error: "must not hold a zero byte" });

/**
 * What is wrong with a path on a host, as the end of a sentence; null when nothing is. A path that
 * still begins with a variable passes: it is looked at again with the variable's value.
 */
export function pathTrouble(path: string): string | null {
  if (path.includes("\0")) return "holds a zero byte";
  if (!path.startsWith("/") && !path.startsWith("${")) return "is not absolute";
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.includes("..")) return 'holds ".."';
  if (parts.some((part) => byteLength(part) > nameBytesMax)) {
    return `has a part longer than ${nameBytesMax} bytes`;
  }
  if (byteLength(path) > pathBytesMax) return `is longer than ${pathBytesMax} bytes`;
  return null;
}

/** The same path without doubled slashes, `.` parts and a slash at the end; "/" stays. */
export function plainPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/** `folder` and what is below it as one path. */
export function below(folder: string, path: string): string {
  return folder === "/" ? `/${path}` : `${folder}/${path}`;
}

/** The folders on the way from `folder` down to what is at `path` below it, outermost first. */
export function foldersBetween(folder: string, path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => below(folder, parts.slice(0, index + 1).join("/")));
}

/** The text with every variable replaced by something harmless, to check the rest around it. */
export function withoutVariables(text: string): string {
  return text.replace(/(:?)\$\{[^}]*\}/g, (_, colon: string) => (colon === "" ? "x" : ":1"));
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
