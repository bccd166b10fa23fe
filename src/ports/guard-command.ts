import type { Failure } from "../core/failure.ts";
import type { PathText } from "../core/path-text.ts";

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

export interface GuardCommand {
  /** Names the receipt for ever, e.g. "ap01.3.1" (instance, step, attempt). */
  readonly key: string;
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

export interface RunOrder extends GuardCommand {
  /** The snapshot that must be there; null for work that needs none (an undo). */
  readonly snapshot: string | null;
  /** The switch that must be armed and alive when the command begins; null: none is asked for. */
  readonly armed: string | null;
  /** Paths that the command and its children may not change, where the host can see to that. */
  readonly readOnly: readonly PathText[];
}

export interface StagedFile {
  /** A plain name without "/", unique within the order. */
  readonly name: string;
  readonly content: Uint8Array;
}

export type RunResult =
  | ({ readonly kind: "finished"; readonly readOnly: ReadOnlyHold } & CommandResult)
  /** Began, ended without leaving an exit code (killed, reboot): what it did is not known. */
  | { readonly kind: "interrupted"; readonly failure: Failure }
  /** Never began: staging failed, snapshot missing, fenced off. */
  | { readonly kind: "refused"; readonly failure: Failure };

export type ReadOnlyHold =
  /** `leftPid`: a process that stayed behind, to which they are closed still; null: there is none. */
  | { readonly kind: "held"; readonly leftPid: number | null }
  | { readonly kind: "not-asked" }
  | { readonly kind: "impossible"; readonly because: string };

export interface SettleOrder {
  /** The key of a `run`. */
  readonly key: string;
  readonly waitMs: number;
  /** true: one that never began is left as it is, and may begin later. */
  readonly onlyIfBegun?: boolean;
}
