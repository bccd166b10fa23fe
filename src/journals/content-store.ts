import { hash, randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { damaged, overLimit } from "./journal-error.ts";
import { makePrivateFolder, privateFileMode, syncFolder } from "./state-folder.ts";

/** Bytes of one file that a plan refers to. */
const contentMaxBytes = 512 * 1024 * 1024;

/** Keeps the content durably, once, and gives its sha256 in hex. */
export async function keepContent(folder: string, content: Uint8Array): Promise<string> {
  if (content.length > contentMaxBytes) {
    throw overLimit(`a file has ${content.length} bytes`, `${contentMaxBytes} bytes`);
  }
  const sha256 = hash("sha256", content);
  if ((await contentAt(folder, sha256)) !== null) return sha256;
  const shelf = shelfOf(folder, sha256);
  makePrivateFolder(shelf);
  const draft = join(shelf, `${randomUUID()}.draft`);
  try {
    await using file = await open(draft, "wx", privateFileMode);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, join(shelf, sha256));
  syncFolder(shelf);
  return sha256;
}

/** The content of that name, verified; JOURNAL_DAMAGED when it is gone or not what was kept. */
export async function recallContent(folder: string, sha256: string): Promise<Uint8Array> {
  const content = isDigest(sha256) ? await contentAt(folder, sha256) : null;
  if (content === null) {
    throw damaged(`content ${sha256}`, `it is not in "${folder}", or not what was kept`);
  }
  return content;
}

/** null: not there, or torn by a crash or an edit. */
async function contentAt(folder: string, sha256: string): Promise<Uint8Array | null> {
  try {
    const content = await readFile(join(shelfOf(folder, sha256), sha256));
    return hash("sha256", content) === sha256 ? new Uint8Array(content) : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function shelfOf(folder: string, sha256: string): string {
  return join(folder, "content", sha256.slice(0, 2));
}
