import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { ReferencedFile } from "../core/itinerary.ts";
import { readBytes, troubleOf } from "./read-bytes.ts";

/** One referenced file or folder may hold at most so many bytes: it is sent to every host. */
export const referencedBytesMax = 512 * 1024 * 1024;

/** And a folder at most so many files. */
export const referencedFilesMax = 10_000;

export interface LoadedFile extends ReferencedFile {
  readonly content: Uint8Array;
}

/** Files by the path written in the plan; and, by the same path, what is wrong with the others. */
export interface LoadedFiles {
  readonly files: Readonly<Record<string, readonly LoadedFile[]>>;
  /** Ends of sentences that begin with the path. */
  readonly troubles: ReadonlyMap<string, string>;
}

/** Reads what a plan refers to: files, and folders with everything below. Paths start at `folder`. */
export async function readReferenced(
  folder: string,
  paths: Iterable<string>,
): Promise<LoadedFiles> {
  const files: Record<string, readonly LoadedFile[]> = {};
  const troubles = new Map<string, string>();
  for (const path of new Set(paths)) {
    const read = await readOne(resolve(folder, path));
    if (typeof read === "string") troubles.set(path, read);
    else files[path] = read;
  }
  return { files, troubles };
}

async function readOne(path: string): Promise<readonly LoadedFile[] | string> {
  try {
    if (!(await stat(path)).isDirectory()) {
      const read = await readBytes(path, referencedBytesMax);
      if ("trouble" in read) return read.trouble;
      return [loaded(basename(path), read)];
    }
    return await readFolder(path);
  } catch (error) {
    return troubleOf(error);
  }
}

async function readFolder(folder: string): Promise<readonly LoadedFile[] | string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length > referencedFilesMax) {
    return `has more than ${referencedFilesMax} files`;
  }
  const files: LoadedFile[] = [];
  let left = referencedBytesMax;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const below = path.slice(folder.length).replace(/^\/+/, "");
    if (entry.isDirectory()) continue;
    if (!entry.isFile()) return `holds "${below}", which is not a regular file`;
    const read = await readBytes(path, left);
    if ("trouble" in read) return `holds "${below}", which ${read.trouble}`;
    left -= read.bytes.length;
    files.push(loaded(below, read));
  }
  if (files.length === 0) return "is a folder without files";
  // The order of a folder differs from machine to machine; the digest must not.
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function loaded(
  path: string,
  read: { readonly bytes: Uint8Array; readonly mode: string },
): LoadedFile {
  const sha256 = createHash("sha256").update(read.bytes).digest("hex");
  return { path, mode: read.mode, sha256, size: read.bytes.length, content: read.bytes };
}
