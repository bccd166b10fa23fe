import type { Answer } from "../core/answer.ts";
import type { Change } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { GuardCommand } from "./guard-command.ts";
import type { GuardDoor, GuardOptions, HostFacts } from "./guard.ts";

/** Opens sessions that run steps in a copy of a host. */
export interface RehearsalDoor {
  open(host: Host, options: GuardOptions): Promise<Answer<RehearsalStage>>;
}

/** One door for both: a session can look, and rehearse. */
export type HostDoor = GuardDoor & RehearsalDoor;

/**
 * A session with one host in which steps are rehearsed.
 *
 * Contract for every implementation:
 * - Nothing outside of the copy MUST change, whatever the steps do and however the rehearsal ends:
 *   no file of the host, no lock, no spool. What is not copied MUST NOT be writable in the copy.
 * - When the session, its controller or any of its processes is gone, the copy and everything that runs
 *   in it MUST be gone within moments.
 * - What can't be shown MUST be refused or said; silence about a tree means that it did not change.
 */
export interface RehearsalStage extends AsyncDisposable {
  readonly facts: HostFacts;
  /** Runs the steps one after the other until one fails. */
  rehearse(order: RehearseOrder): Promise<Answer<RehearsalResult>>;
}

export interface RehearseOrder {
  /** Trees of which every effect is asked, each once. */
  readonly paths: readonly PathText[];
  readonly steps: readonly Omit<GuardCommand, "key" | "outputMax">[];
  /** May the steps reach the network, with all that listens on the host? */
  readonly network: boolean;
  /** Is every deletion traced to its command, where the host can? */
  readonly trace: boolean;
  readonly limits: RehearsalLimits;
}

export interface RehearsalLimits {
  /** Bytes of memory that all changes together may take. */
  readonly bytes: number;
  /** Files that all changes together may make. */
  readonly inodes: number;
  /** Bytes kept of each stream of a step. */
  readonly outputMax: number;
  /** Changes that are listed of each tree; the rest is counted. */
  readonly changesMax: number;
}

export type RehearsalResult =
  | {
      readonly kind: "rehearsed";
      /** Bytes that changes could take: less than asked for where the host has little memory. */
      readonly bytes: number;
      /** What else the copy lacks here, in words. */
      readonly notes: readonly string[];
      /** In order; fewer than asked for where one failed. */
      readonly steps: readonly StepInCopy[];
    }
  /** This host can't have a copy, or not one of these trees. */
  | { readonly kind: "refused"; readonly failure: Failure };

/** What one step did in the copy. */
export interface StepInCopy {
  /** 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The memory for changes was used up, if only for a moment. */
  readonly full: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Calls of programs that were only recorded: name and arguments of each. */
  readonly calls: readonly (readonly string[])[];
  /** Lines of strace(1); empty where nothing was traced. */
  readonly traced: Uint8Array;
  /** In the trees that were asked for. */
  readonly inside: ListedChanges;
  /** Everywhere else. */
  readonly outside: ListedChanges;
}

export interface ListedChanges {
  readonly changes: readonly Change[];
  /** All, listed or not. */
  readonly total: number;
}
