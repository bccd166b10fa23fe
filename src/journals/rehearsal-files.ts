import { createHash, randomUUID } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Remembered, rememberedSchema } from "../core/rehearsal/remembered.ts";
import { stateError } from "./state-error.ts";
import {
  makePrivateFolder,
  prepareStateFolder,
  privateFileMode,
  syncFolder,
} from "./state-folder.ts";

/** Plans of which rehearsals are kept, hosts of one plan, and bytes of one host. */
const digestsMax = 20;
const hostsMax = 500;
const bytesMax = 1024 * 1024;

/**
 * Keeps what a rehearsal found in the state folder, whole or not at all: a file of its own for each
 * host, so that two rehearsals at once lose nothing of each other. What was known of that host and
 * that plan before is replaced; the plans that were rehearsed longest ago are forgotten. Errors are
 * state errors.
 */
export async function rememberRehearsals(
  state: string,
  found: readonly Remembered[],
): Promise<void> {
  if (found.length === 0) return;
  try {
    prepareStateFolder(state);
    for (const it of found) {
      const folder = join(shelf(state), it.digest);
      makePrivateFolder(folder);
      await writeWhole(folder, fileOf(it), JSON.stringify(it));
    }
    await forgetOldest(shelf(state), digestsMax);
    for (const digest of new Set(found.map((it) => it.digest)))
      await forgetOldest(join(shelf(state), digest), hostsMax);
  } catch (error) {
    throw stateError(error, state);
  }
}

export interface Recalled {
  /** Oldest first. */
  readonly found: readonly Remembered[];
  /** Files that can't be read, or are none of ours: something is not told. */
  readonly unreadable: number;
}

/** What is known of a plan with this digest. Makes nothing; empty where nothing was ever kept. */
export async function recallRehearsals(state: string, digest: string): Promise<Recalled> {
  const folder = join(shelf(state), digest);
  try {
    const names = (await namesIn(folder)).filter((name) => name.endsWith(".json"));
    const all = await Promise.all(
      names.slice(0, hostsMax).map(async (name) => parsed(join(folder, name), digest)),
    );
    const found = all.filter((it) => it !== null);
    return {
      found: found.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)),
      unreadable: names.length - found.length,
    };
  } catch (error) {
    throw stateError(error, state);
  }
}

function shelf(state: string): string {
  return join(state, "rehearsals");
}

/** Names of hosts and instances may be anything that a file's name can't. */
function fileOf({ instance, host }: Remembered): string {
  const named = createHash("sha256").update(JSON.stringify([instance, host]));
  return `${named.digest("hex").slice(0, 32)}.json`;
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const draft = join(folder, `.${name}.${randomUUID().slice(0, 8)}`);
  try {
    await using file = await open(draft, "wx", privateFileMode);
    await file.writeFile(`${text}\n`);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, join(folder, name));
  syncFolder(folder);
}

/** null: no rehearsal of that plan, or one that another rehearsal has just made room of. */
async function parsed(path: string, digest: string): Promise<Remembered | null> {
  const { size } = await stat(path).catch(orGone({ size: 0 }));
  if (size === 0 || size > bytesMax) return null;
  const text = await readFile(path, "utf8").catch(orGone(""));
  const result = rememberedSchema.safeParse(dataOf(text));
  return result.success && result.data.digest === digest ? result.data : null;
}

/** null: no JSON, which is no rehearsal either. */
function dataOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(orGone<string[]>([]));
}

/** Gives this where a file is not there, or not any more; other errors stay errors. */
function orGone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return value;
    throw error;
  };
}

/** Two at once may forget the same thing: what is gone already is no trouble. */
async function forgetOldest(folder: string, max: number): Promise<void> {
  const names = await namesIn(folder);
  if (names.length <= max) return;
  const aged = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs: ms } = await stat(join(folder, name)).catch(orGone({ mtimeMs: 0 }));
      return { name, ms };
    }),
  );
  const oldest = aged.toSorted((one, other) => one.ms - other.ms).slice(0, names.length - max);
  for (const { name } of oldest) await rm(join(folder, name), { recursive: true, force: true });
}
