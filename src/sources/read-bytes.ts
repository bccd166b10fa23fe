import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Bytes of a file, or why they can't be had, as the end of a sentence that begins with its name. */
export type BytesRead =
  | { readonly bytes: Uint8Array; readonly mode: string }
  | { readonly trouble: string };

/** Reads a regular file of at most `bytesMax` bytes. Pipes and devices are refused, never waited for. */
export async function readBytes(path: string, bytesMax: number): Promise<BytesRead> {
  try {
    // O_NONBLOCK, so that opening a pipe that nobody writes to comes back.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isDirectory()) return { trouble: "is a folder, not a file" };
    if (!stat.isFile()) return { trouble: "is not a regular file" };
    if (stat.size > bytesMax) {
      return { trouble: `has ${stat.size} bytes; at most ${bytesMax} are read` };
    }
    const bytes = await file.readFile();
    if (bytes.length > bytesMax) return { trouble: `grew while it was read` };
    return { bytes, mode: (stat.mode & 0o7777).toString(8).padStart(4, "0") };
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}

/** A file system error as the end of a sentence. */
export function troubleOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
      return "is not there";
    case "ENOTDIR":
      return "is below something that is not a folder";
    case "EACCES":
    case "EPERM":
      return "can't be read: permission denied";
    case "ELOOP":
      return "is a symbolic link that leads in a circle";
    case "ENAMETOOLONG":
      return "has too long a name";
    default:
      return `can't be read (${code || String(error)})`;
  }
}
