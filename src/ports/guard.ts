import type { Answer } from "../core/answer.ts";
import type { Change, RestoreRule, SnapshotPath } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { FileSeen, FileToSee } from "../core/file-seen.ts";
import type { Fingerprint, FingerprintPath } from "../core/fingerprint.ts";
import type { HostPortrait } from "../core/host-portrait.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { CommandResult, RunOrder, RunResult, SettleOrder } from "./guard-command.ts";
import type { HostLock } from "../core/host-lock.ts";
import type { ArmOrder, ArmResult, DisarmResult, Listed } from "./dead-man-switch.ts";

export type { RestoreRule, SnapshotPath } from "../core/effects.ts";

/**
 * The guard is what works on a host: a POSIX shell program sent over one channel. It never decides:
 * it snapshots, runs under a receipt, compares and restores when asked, and answers with facts.
 *
 * Contract for every implementation, the simulator's model too:
 * - `snapshot` MUST be complete and durable when it answers, or absent. Asked again with the same
 *   key, it answers for the snapshot that is there and changes nothing.
 * - `run` MUST start its command at most once per key for ever, with a durable receipt before the
 *   command's first byte. Asked again with the same key it follows or reports, never starts.
 * - `run` MUST refuse (SNAPSHOT_MISSING) when the snapshot that `snapshot` names is not there, and
 *   (GUARD_NOT_ARMED) when `armed` names a switch that is not armed and alive at that moment.
 * - An armed switch MUST fire by itself once nobody has renewed its lease for that long: end the
 *   command, run its undo, restore, recover, note what it did. `disarm` and firing MUST exclude each
 *   other for ever: exactly one of the two wins, and both sides read the same answer afterwards.
 * - `restore` MUST be idempotent, MUST NOT overwrite what it was not told to, and MUST NOT read,
 *   write or delete outside the tree, whatever links stand in the way. The same rules give the same
 *   tree whether a runner asks or a switch fires.
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
  /**
   * Of the runner with that epoch: it beats often enough that a lock which it holds there is never
   * found unrenewed for this long, for as long as the guard is open.
   */
  readonly leaseMs?: number;
  /** For a step that overrides the inventory's `become`; null: no become. */
  readonly become?: string | null;
}

export interface Guard extends AsyncDisposable {
  readonly facts: HostFacts;
  /** Read-only: nothing is written anywhere, no lock, no spool. Killed with its channel. */
  ask(order: AskOrder): Promise<Answer<CommandResult>>;
  /** Takes the lock of this host and spool for the rollout; granted again to the same rollout. */
  claim(order: ClaimOrder): Promise<Answer<Claim>>;
  /** Says beside the lock, which stays, why it is kept. Refused unless this rollout has it. */
  keep(order: KeepOrder): Promise<Answer<Kept>>;
  /**
   * Read-only: what stands on this host: its lock, its spool, what snapshots of these trees would
   * take and could not keep. Nothing is written anywhere.
   */
  look(order: LookOrder): Promise<Answer<HostLook>>;
  /**
   * Remembers how these trees look at a moment when no step is at work, so that what they lose by
   * themselves is known later. Asked again, it adds to what it knows; where the trees are seen to
   * live, it goes on watching for a bounded time.
   */
  observe(order: ObserveOrder): Promise<Answer<{ readonly watchedMs: number }>>;
  snapshot(order: SnapshotOrder): Promise<Answer<SnapshotResult>>;
  /**
   * Arms the dead-man switch for one step, or renews the one that is armed under this key. From then
   * on this guard renews the lease for as long as it lives and its runner too. Answers only when the
   * switch is alive, and says it when the switch has fired or was disarmed before.
   */
  arm(order: ArmOrder): Promise<Answer<ArmResult>>;
  /** The step is judged: the switch will never fire. Acknowledged by reading the decision back. */
  disarm(order: { readonly key: string }): Promise<Answer<DisarmResult>>;
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
  /** What this host's tools can keep of no file, in words: "access control lists"; often empty. */
  readonly losses: readonly string[];
  /** Can steps run with protected paths read-only? Empty: yes; else why not, in words. */
  readonly preventionFault: string;
  /** Why switches and running steps may be ended with the login, in words; empty: nothing is known. */
  readonly logoutFault: string;
}

export interface LookOrder {
  /** Trees that a rollout would snapshot. */
  readonly paths: readonly SnapshotPath[];
  /** What is to be told apart from how it is later; default: nothing. */
  readonly prints?: readonly FingerprintPath[];
  /** Paths that are described, and the host with them; default: nothing is. */
  readonly described?: readonly PathText[];
  /** Files of which it is told what stands there and what is in them; default: none. */
  readonly files?: readonly FileToSee[];
  /** systemd units that are described with them; default: none. */
  readonly units?: readonly string[];
}

export interface HostLook {
  /** Who has this host; null: nobody. */
  readonly lock: HostLock | null;
  readonly spool: {
    readonly exists: boolean;
    /** Empty: it can be used, or made; else why not. */
    readonly fault: string;
    /** Bytes and inodes free where it is or would be; null where the host can't tell. */
    readonly freeBytes: number | null;
    readonly freeInodes: number | null;
  };
  readonly trees: readonly {
    readonly path: PathText;
    readonly exists: boolean;
    readonly entries: number;
    /** Bytes of file content. */
    readonly bytes: number;
    /** What of this very tree could not be kept, in words: "2 sockets". */
    readonly losses: readonly string[];
    /** Counting was given up at a bound: there are at least so many. */
    readonly unfinished?: true;
    /** Why no snapshot of it could be taken: a link stands in its way, or we may not read it. */
    readonly fault?: Failure;
  }[];
  /** Milliseconds that counting the trees took there, to ten of them; absent: the host did not say. */
  readonly walkedMs?: number;
  /** In the order asked for; absent where none was. */
  readonly files?: readonly FileSeen[];
  /** In the order asked for; absent where none was. */
  readonly prints?: readonly Fingerprint[];
  /** Absent where nobody asked. */
  readonly portrait?: HostPortrait;
}

export interface ObserveOrder {
  readonly paths: readonly PathText[];
  /** Milliseconds that a tree which changes by itself is watched for in all. */
  readonly watchMs: number;
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

export interface ClaimOrder {
  /** Who, for the message that another rollout gets. One line. */
  readonly holder: string;
  /** What for, for the same message. One line; default: nothing is said. */
  readonly message?: string;
  /**
   * How long the lock counts as renewed after its runner was last heard; default: a minute. When
   * that is over people are told so; the lock MUST NOT be taken by anybody for that reason.
   */
  readonly leaseMs?: number;
  /** Raised by each new runner of the rollout; a lower one than the host has seen is refused. */
  readonly epoch: number;
  /**
   * Asked where this claim has made the lock, which may have come late: is this runner still the one of
   * its rollout? Where it rejects, the lock is given back, and the claim rejects with the same error; so
   * it is, by the host alone, where the channel ends before the answer. Default: it is.
   */
  readonly confirm?: () => Promise<void>;
}

export type Claim =
  | { readonly kind: "granted" }
  | { readonly kind: "refused"; readonly failure: Failure };

export type KeepOrder = Omit<ClaimOrder, "leaseMs">;

export type Kept =
  | { readonly kind: "kept" }
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
      /** Bytes that this snapshot added to the spool: little, where an earlier one has the rest. */
      readonly added: number;
      /** Entries that were restored to a scratch folder and found to be the same. */
      readonly drilled: number;
    }
  /** Nothing was kept and nothing was changed: no space, unreadable file, a link where a tree should be … */
  | { readonly kind: "refused"; readonly failure: Failure };

/** What is needed to run something under a receipt. */
/** Were the paths that a command may not change really closed to it? */
export interface CompareOrder {
  /** The snapshot to compare with. */
  readonly key: string;
  /** At most so many changes are listed; beyond that only counted. */
  readonly changesMax: number;
  /**
   * `after-step`: what is there now is remembered as what the step left, so that a later restore can
   * tell it from what came afterwards. `quiet`: no step was at work since the last look.
   */
  readonly moment: "after-step" | "quiet";
}

export type Comparison =
  | {
      readonly kind: "compared";
      readonly changes: readonly Change[];
      /** All changes, listed or not. */
      readonly total: number;
      readonly entries: number;
      /** Milliseconds that the trees were watched while no step was at work. */
      readonly watchedMs: number;
    }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface RestoreOrder {
  /** The snapshot to put back from. */
  readonly key: string;
  /** The nearest rule at or above a path decides; what no rule covers is left alone. */
  readonly rules: readonly RestoreRule[];
  /**
   * What was changed again after the step had ended: `keep` leaves it and tells it as a conflict;
   * `replace` puts the snapshot's version there and keeps the later one in the spool. Asked only of
   * what a rule would change; what `deleted` brings back never takes the place of anything.
   */
  readonly later: "keep" | "replace";
}

export type RestoreResult =
  | {
      readonly kind: "restored";
      /** Paths that were put back, changed back or removed. */
      readonly restored: number;
      /** Something else stands there now, and was left alone. */
      readonly conflicts: Listed;
      /** Later versions that were taken out of the way, and are kept on the host. */
      readonly setAside: Listed;
      /** The first ones, bounded; `failedTotal` counts them all. */
      readonly failedTotal: number;
      readonly failed: readonly { readonly path: PathText; readonly message: string }[];
    }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface ReleaseOrder {
  readonly keepUntil: number | null;
  /**
   * Who and why, where a person gives the lock up for a rollout that nobody can carry on any more;
   * noted beside its snapshots. Refused, as `not-sent`, unless this very rollout holds the lock, and
   * nothing of it is at work there.
   */
  readonly byHand?: string;
}
