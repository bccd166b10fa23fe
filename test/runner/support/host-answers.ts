import type { Answer } from "../../../src/core/answer.ts";
import type { Change, Entry } from "../../../src/core/effects.ts";
import type { Failure, FailureCode } from "../../../src/core/failure.ts";
import type { Fired } from "../../../src/ports/dead-man-switch.ts";
import type { Comparison, Guard, HostFacts, RestoreResult } from "../../../src/ports/guard.ts";
import type { CommandResult, RunResult } from "../../../src/ports/guard-command.ts";

/** What a host can be asked. */
export type Question = Exclude<keyof Guard, "facts" | symbol>;
export type Answers = Partial<Pick<Guard, Question>>;

/** An answer that arrives. */
export async function says<T>(value: T): Promise<Answer<T>> {
  return { kind: "result", value };
}

/** A host that says no. */
export async function refuses(
  code: FailureCode,
): Promise<Answer<{ readonly kind: "refused"; readonly failure: Failure }>> {
  return says({ kind: "refused", failure: failureOf(code) });
}

/** A host that can't be asked this time. */
export async function isOff(is: "not-sent" | "unknown"): Promise<Answer<never>> {
  return { kind: is, failure: failureOf("CONNECT_LOST") };
}

/** A switch that was quicker than its runner. */
export async function hasFired(
  change: Partial<Fired> = {},
): Promise<Answer<{ readonly kind: "fired"; readonly fired: Fired }>> {
  const plain: Fired = {
    at: 1_700_000_000,
    complete: true,
    restored: 1,
    conflicts: nothing,
    failed: [],
    commands: [],
  };
  return says({ kind: "fired", fired: { ...plain, ...change } });
}

export function failureOf(code: FailureCode): Failure {
  return { code, message: `it said ${code}`, hint: "look at it" };
}

/** What a command printed, and how it ended; default: well. */
export function printed(stdout: string, change: Partial<CommandResult> = {}): CommandResult {
  return {
    exitCode: 0,
    timedOut: false,
    stdout: new TextEncoder().encode(stdout),
    stderr: new Uint8Array(),
    dropped: 0,
    durationMs: 1,
    ...change,
  };
}

/** A command under a receipt that ended so. */
export function ended(change: Partial<CommandResult> = {}): RunResult {
  return { kind: "finished", readOnly: { kind: "not-asked" }, ...printed("", change) };
}

/** A receipt that nobody ever wrote: what was asked for never began, and never will. */
export async function never(): Promise<Answer<{ readonly kind: "never" }>> {
  return says({ kind: "never" });
}

/** A restore that came to this; default: it put nothing back, and nothing stood in its way. */
export async function restored(
  change: Partial<Extract<RestoreResult, { kind: "restored" }>> = {},
): Promise<Answer<RestoreResult>> {
  return says({
    kind: "restored",
    restored: 0,
    conflicts: nothing,
    setAside: nothing,
    failedTotal: 0,
    failed: [],
    ...change,
  });
}

/** A comparison that finds these paths gone, and nothing else. */
export function gone(...paths: readonly string[]): Comparison {
  const changes = paths.map((path): Change => ({
    path,
    before: file,
    after: null,
    sameContent: null,
    churn: false,
  }));
  return { kind: "compared", changes, total: changes.length, entries: 3, watchedMs: 0 };
}

const file: Entry = {
  type: "file",
  mode: "0644",
  uid: 0,
  gid: 0,
  size: 1,
  mtime: "1700000000.000000000",
  ctime: "1700000000.000000000",
  inode: "1",
};

const facts: HostFacts = {
  uid: 0,
  kernel: "Linux",
  userland: "gnu",
  bootId: "boot",
  tools: [],
  time: 1_700_000_000,
  losses: [],
  preventionFault: "",
  logoutFault: "",
};

const nothing = { paths: [], total: 0 };

/** A host on which all goes well, and nothing is ever changed. */
export const plainGuard: Guard = {
  facts,
  ask: () => says(printed("")),
  claim: () => says({ kind: "granted" }),
  keep: () => says({ kind: "kept" }),
  look: () =>
    says({
      lock: null,
      spool: { exists: true, fault: "", freeBytes: null, freeInodes: null },
      trees: [],
    }),
  observe: () => says({ watchedMs: 0 }),
  snapshot: () =>
    says({
      kind: "complete",
      entries: 3,
      bytes: 3,
      durationMs: 1,
      losses: [],
      added: 3,
      drilled: 3,
    }),
  arm: () => says({ kind: "armed" }),
  disarm: () => says({ kind: "disarmed" }),
  run: () => says(ended()),
  settle: () => says(ended()),
  compare: () => says(gone()),
  restore: () => restored(),
  release: () => says({ left: 0 }),
  [Symbol.asyncDispose]: async () => undefined,
};
