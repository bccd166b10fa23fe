import {
  execFileSync as execWithoutLimit,
  type ExecFileSyncOptions,
  type ExecFileSyncOptionsWithStringEncoding,
  spawnSync as spawnWithoutLimit,
  type SpawnSyncOptions,
  type SpawnSyncOptionsWithStringEncoding,
  type SpawnSyncReturns,
} from "node:child_process";
import { fileURLToPath } from "node:url";
import { programPath } from "./parts.ts";

// Nothing else runs in the process of a test while it waits for a program, its own time limit neither:
// a shell that writes into a fifo would hold up the whole suite for ever.

/** Many times as long as anything takes here, on a busy machine too. */
const limitMs = 60_000;

/** As in node:child_process, but a program that takes too long is killed with all that it started. */
export function execFileSync(
  program: string,
  args: readonly string[],
  options: ExecFileSyncOptionsWithStringEncoding,
): string;
export function execFileSync(
  program: string,
  args: readonly string[],
  options?: ExecFileSyncOptions & { readonly encoding?: never },
): Buffer;
export function execFileSync(
  program: string,
  args: readonly string[],
  { timeout = limitMs, cwd, ...options }: ExecFileSyncOptions = {},
): string | Buffer {
  const began = performance.now();
  try {
    return execWithoutLimit(...bounded([program, ...args], { ms: timeout, cwd }), options);
  } catch (error) {
    if (performance.now() - began < timeout) throw error;
    throw late([program, ...args], { ms: timeout, cause: error });
  }
}

/**
 * As in node:child_process, but a program that takes too long is killed with all that it started. That
 * is an error, unless the caller gave a `timeout` and so expects it.
 */
export function spawnSync(
  program: string,
  args: readonly string[],
  options: SpawnSyncOptionsWithStringEncoding,
): SpawnSyncReturns<string>;
export function spawnSync(
  program: string,
  args: readonly string[],
  options?: SpawnSyncOptions & { readonly encoding?: never },
): SpawnSyncReturns<Buffer>;
export function spawnSync(
  program: string,
  args: readonly string[],
  { timeout, cwd, ...options }: SpawnSyncOptions = {},
): SpawnSyncReturns<string | Buffer> {
  const began = performance.now();
  const words = bounded([program, ...args], { ms: timeout ?? limitMs, cwd });
  const result = spawnWithoutLimit(...words, options);
  if (timeout === undefined && performance.now() - began >= limitMs)
    throw late([program, ...args], { ms: limitMs, cause: result });
  return result;
}

const timeout = programPath("timeout");

/**
 * By timeout(1), which ends the group of processes: node ends the program alone. It waits outside of the
 * folder, which the program may want to unmount.
 */
function bounded(
  words: readonly string[],
  { ms, cwd }: { readonly ms: number; readonly cwd: string | URL | undefined },
): [string, string[]] {
  if (timeout === null) throw new Error("the tests need timeout(1): install GNU coreutils");
  const folder = cwd instanceof URL ? fileURLToPath(cwd) : cwd;
  const into = folder === undefined ? [] : ["env", `--chdir=${folder}`];
  return [timeout, ["-s", "KILL", String(ms / 1_000), ...into, ...words]];
}

function late(
  words: readonly string[],
  { ms, cause }: { readonly ms: number; readonly cause: unknown },
): Error {
  return new Error(
    `did not end within ${ms / 1_000} s and was killed; look for what it may wait for, such as a fifo or its input: ${words.join(" ")}`,
    { cause },
  );
}
