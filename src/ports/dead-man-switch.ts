import type { RestoreRule } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { PathText } from "../core/path-text.ts";
import type { GuardCommand } from "./guard-command.ts";

export interface ArmOrder {
  /** Names the switch; the snapshot of this key must be complete. */
  readonly key: string;
  /** The `run` that is guarded: what it started is ended before anything is put back. */
  readonly receipt: string;
  readonly leaseMs: number;
  readonly rules: readonly RestoreRule[];
  /** Run before the restore, under the receipt that a rollback would use; null: there is none. */
  readonly undo: GuardCommand | null;
  /** Run after the restore, in order: what brings the application back. */
  readonly recover: readonly GuardCommand[];
}

export type ArmResult =
  | { readonly kind: "armed" }
  /** By an earlier runner: the step was judged. */
  | { readonly kind: "disarmed" }
  | { readonly kind: "fired"; readonly fired: Fired }
  /** No switch, no step: the failure says why. */
  | { readonly kind: "refused"; readonly failure: Failure };

export type DisarmResult =
  | { readonly kind: "disarmed" }
  | { readonly kind: "fired"; readonly fired: Fired }
  | { readonly kind: "refused"; readonly failure: Failure };

/** What a switch did when its lease was over, in its own record. */
export interface Fired {
  /** Seconds since 1970 by the host's clock. */
  readonly at: number;
  /** False: it ended (killed, host restarted) before it had done everything. */
  readonly complete: boolean;
  readonly restored: number;
  readonly conflicts: Listed;
  readonly failed: readonly { readonly path: PathText; readonly message: string }[];
  /** The undo and the recovery, in order; null: no exit code is known. */
  readonly commands: readonly { readonly key: string; readonly exitCode: number | null }[];
}

/** Some paths by name, and how many there are in all. */
export interface Listed {
  readonly paths: readonly PathText[];
  readonly total: number;
}
