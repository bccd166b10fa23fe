import type { Answer } from "../core/answer.ts";
import type { Change, RestoreItem, SnapshotPath } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";

export type { RestoreItem, SnapshotPath } from "../core/effects.ts";

/**
 * The guard is what works on a host: a POSIX shell program sent over one channel. It never decides:
 * it snapshots, runs under a receipt, compares and restores when asked, and answers with facts.
 *
 * Contract for every implementation, the simulator's model too:
 * - `snapshot` MUST be complete and durable when it answers, or absent. Asked again with the same
 *   key, it answers for the snapshot that is there and changes nothing.
 * - `run` MUST start its command at most once per key for ever, with a durable receipt before the
 *   command's first byte. Asked again with the same key it follows or reports, never starts.
 * - `run` MUST refuse (SNAPSHOT_MISSING) when the snapshot that `snapshot` names is not there.
 * - `restore` MUST be idempotent, MUST NOT overwrite what it was not told to, and MUST NOT read,
 *   write or delete outside the tree, whatever links stand in the way.
 * - A lost connection MUST NOT end or tear a running command: it goes on under its receipt.
 */
export interface GuardDoor {
  /** Connects to the host and brings the guard up. Trouble before the guard speaks is `not-sent`. */
  open(host: Host, options: GuardOptions): Promise<Answer<Guard>>;
}

export interface GuardOptions {
  /** The rollout on whose behalf this is: names the folder in the spool. */
  readonly rollout: string;
  readonly signal?: AbortSignal;
  /** Of the runner that asks: a host that has seen a newer one refuses. Absent for a mere look. */
  readonly epoch?: number;
  /** For a step that overrides the inventory's `become`; null: no become. */
  readonly become?: string | null;
}

export interface Guard extends AsyncDisposable {
  readonly facts: HostFacts;
  /** Read-only: nothing is written anywhere, no lock, no spool. Killed with its channel. */
  ask(order: AskOrder): Promise<Answer<CommandResult>>;
  /** Takes the lock of this host and spool for the rollout; granted again to the same rollout. */
  claim(order: ClaimOrder): Promise<Answer<Claim>>;
  snapshot(order: SnapshotOrder): Promise<Answer<SnapshotResult>>;
  run(order: RunOrder): Promise<Answer<RunResult>>;
  /**
   * Makes sure that the command of this key runs no more and never will: waits `waitMs` for a running
   * one, then ends its process group; a key that never began can't begin afterwards. Rollback asks
   * this before it puts anything back, so that a late command can't change what was restored.
   */
  settle(order: SettleOrder): Promise<Answer<RunResult | { readonly kind: "never" }>>;
  /** What differs from the snapshot now. Reads only. */
  compare(order: CompareOrder): Promise<Answer<Comparison>>;
  restore(order: RestoreOrder): Promise<Answer<RestoreResult>>;
  /**
   * The rollout is over for this host: gives the lock back, and keeps snapshots and receipts until
   * `keepUntil` (seconds since 1970), or removes everything at once when that is null. Also sweeps
   * what earlier rollouts left past their time. Safe to repeat.
   */
  release(order: ReleaseOrder): Promise<Answer<{ readonly left: number }>>;
}

export interface HostFacts {
  readonly uid: number;
  readonly kernel: string;
  /** "gnu" or "busybox": decided by what the tools do, not by their names. */
  readonly userland: string;
  readonly bootId: string;
  /** Tools among those asked about that are there, e.g. "patch", "systemctl", "setsid". */
  readonly tools: readonly string[];
  /** Seconds since 1970 by the host's clock. */
  readonly time: number;
}

export interface AskOrder {
  /** Text of a POSIX sh script, run under `set -eu` as the guard's user. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly timeoutMs: number;
  /** Bytes kept of each stream; the rest is counted and dropped. */
  readonly outputMax: number;
}

export interface CommandResult {
  /** 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes that were dropped over `outputMax`. */
  readonly dropped: number;
  readonly durationMs: number;
}

export interface ClaimOrder {
  /** Who and why, for the message that another rollout gets. One line. */
  readonly holder: string;
  /** Raised by each new runner of the rollout; a lower one than the host has seen is refused. */
  readonly epoch: number;
}

export type Claim =
  | { readonly kind: "granted" }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface SnapshotOrder {
  /** Names the snapshot below the rollout's folder, e.g. "ap01.3": letters, digits, `.`, `_`, `-`. */
  readonly key: string;
  readonly paths: readonly SnapshotPath[];
  /** Bytes that must stay free on the spool's file system after the snapshot. */
  readonly reserveBytes: number;
}

export type SnapshotResult =
  | {
      readonly kind: "complete";
      readonly entries: number;
      /** Bytes of file content covered. */
      readonly bytes: number;
      readonly durationMs: number;
      /** What the host's tools could not keep, in words, e.g. "2 sockets". */
      readonly losses: readonly string[];
    }
  /** Nothing was kept and nothing was changed: no space, unreadable file, a link where a tree should be … */
  | { readonly kind: "refused"; readonly failure: Failure };

export interface RunOrder {
  /** Names the receipt for ever, e.g. "ap01.3.1" (instance, step, attempt). */
  readonly key: string;
  /** The snapshot that must be there; null for work that needs none (an undo). */
  readonly snapshot: string | null;
  /** Text of the program. */
  readonly script: string;
  /** Program and leading arguments, e.g. ["sh", "-eu"]; the script's path and `args` follow. */
  readonly interpreter: readonly string[];
  readonly args: readonly string[];
  /** Set for the program only; never written to the host's disk. */
  readonly env: Readonly<Record<string, string>>;
  /** Put beside the program before it starts, in the folder named by $HANDRAIL_FILES. */
  readonly files: readonly StagedFile[];
  /** Working directory; "/" when null. */
  readonly cwd: string | null;
  readonly timeoutMs: number;
  readonly outputMax: number;
}

export interface StagedFile {
  /** A plain name without "/", unique within the order. */
  readonly name: string;
  readonly content: Uint8Array;
}

export type RunResult =
  | ({ readonly kind: "finished" } & CommandResult)
  /** Began, ended without leaving an exit code (killed, reboot): what it did is not known. */
  | { readonly kind: "interrupted"; readonly failure: Failure }
  /** Never began: staging failed, snapshot missing, fenced off. */
  | { readonly kind: "refused"; readonly failure: Failure };

export interface SettleOrder {
  /** The key of a `run`. */
  readonly key: string;
  readonly waitMs: number;
}

export interface CompareOrder {
  /** The snapshot to compare with. */
  readonly key: string;
  /** At most so many changes are listed; beyond that only counted. */
  readonly changesMax: number;
}

export type Comparison =
  | {
      readonly kind: "compared";
      readonly changes: readonly Change[];
      /** All changes, listed or not. */
      readonly total: number;
      readonly entries: number;
    }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface RestoreOrder {
  /** The snapshot to put back from. */
  readonly key: string;
  readonly items: readonly RestoreItem[];
}

export type RestoreResult =
  | {
      readonly kind: "restored";
      readonly restored: number;
      /** Something else stands there now, and was left alone. */
      readonly conflicts: readonly PathText[];
      readonly failed: readonly { readonly path: PathText; readonly message: string }[];
    }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface ReleaseOrder {
  readonly keepUntil: number | null;
}
