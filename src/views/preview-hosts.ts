import type { Failure } from "../core/failure.ts";
import type { Fingerprint } from "../core/fingerprint.ts";
import type { Fact } from "../core/outliers.ts";
import type { HostLock } from "../core/host-lock.ts";
import type { ForeseenStep } from "./foreseen.ts";

/** What a read-only look found on one host, before anything is touched. */
export interface PreviewHost {
  readonly name: string;
  readonly instances: readonly string[];
  /** Why it could not be looked at; null: it was. */
  readonly failure: Pick<Failure, "code" | "message" | "hint"> | null;
  /** User, kernel, userland and tools, in words. */
  readonly says: string;
  readonly lock: HostLock | null;
  readonly spool: {
    readonly path: string;
    readonly exists: boolean;
    readonly fault: string;
    readonly freeBytes: number | null;
    readonly freeInodes: number | null;
  };
  readonly protected: {
    readonly trees: number;
    readonly entries: number;
    readonly bytes: number;
    /** Counting was given up at a bound: there is more. */
    readonly unfinished: boolean;
    /** Those that are there, one by one. */
    readonly each: readonly {
      readonly path: string;
      /** As the plan protects it; null: a step writes it. */
      readonly written: string | null;
      readonly entries: number;
      readonly bytes: number;
    }[];
  };
  /** What it is like, to be held against the others. */
  readonly facts: readonly Fact[];
  /** The same for each instance that runs there; absent: nobody asked. In JSON it stands in `facts`. */
  readonly places?: readonly { readonly instance: string; readonly facts: readonly Fact[] }[];
  /** What a preview that is written to a file stands on; absent: nobody asked. */
  readonly prints?: readonly Fingerprint[];
  /** What the first snapshot takes there, about. */
  readonly needs: {
    readonly bytes: number;
    readonly inodes: number;
    /** Milliseconds; null: the host did not say how long counting took. */
    readonly ms: number | null;
  };
  /** What the steps would do there; absent: nobody asked. In JSON it stands with the steps. */
  readonly foreseen?: readonly ForeseenStep[];
  /** What can't be kept there, in words. */
  readonly losses: readonly string[];
  /** Can steps run there with protected paths read-only? Empty: yes. */
  readonly preventionFault: string;
  /** Why the dead-man switch may be ended with the connection; empty: nothing is known. */
  readonly logoutFault: string;
  /** What a preflight would refuse there now. */
  readonly troubles: readonly Pick<Failure, "code" | "message" | "hint">[];
}
