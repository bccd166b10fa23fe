import type { z } from "zod";
import type { Answer } from "../core/answer.ts";
import type { Unproved } from "../core/plan/kinds.ts";
import type { AskOrder } from "./guard.ts";
import type { CommandResult } from "./guard-command.ts";

/** A kind of health check. Read-only: asking MUST change nothing that a user could notice. */
export interface ProbeKind<Args = unknown> {
  /** The key in the plan, e.g. "http". */
  readonly name: string;
  readonly args: z.ZodType<Args>;
  /** false: `${name}` in the args is left for the shell on the host to expand. */
  readonly substitutes: boolean;
  /** Where it is asked from when the plan does not say. */
  readonly place: "host" | "controller";
  /** Everywhere it can be asked from; a plan that says another place is refused. */
  readonly places: readonly ("host" | "controller")[];
  /**
   * null when its pass, with these args, asserts something of content or effect: such a probe may
   * cover a surface that a step touches. A status, an open port and a running process assert
   * nothing: in the incident they were all fine while users were not served.
   */
  unproved(args: Args): Unproved | null;
  /** What a reader of the preview must know, each a few words: "certificate not checked". */
  caveats?(args: Args): readonly string[];
  /** Its args where it is asked for a number, which needs no limit; absent: the same. */
  readonly measured?: z.ZodType<Args>;
  /**
   * null: its answers carry a `value`, with these args; else the keys that would make them, in words.
   * `byProbe`: it is the question of one of the plan's probes. Absent: they never do.
   */
  unmeasured?(args: Args, byProbe: boolean): string | null;
  /**
   * What must be remembered of the time before the first step, e.g. how long a log was. Absent
   * where a probe looks at the present only. Text, kept in the journal.
   */
  mark?(args: Args, context: ProbeContext): Promise<string>;
  ask(args: Args, context: ProbeContext): Promise<ProbeAnswer>;
}

export interface ProbeContext {
  /** From where it is asked now: one of its kind's `places`. */
  readonly place: "host" | "controller";
  readonly env: Readonly<Record<string, string>>;
  /** What `mark` gave; null without one. */
  readonly mark: string | null;
  /** Runs a read-only command on the host (or on the controller, for a probe placed there). */
  run(order: AskOrder): Promise<Answer<CommandResult>>;
  readonly signal: AbortSignal;
}

export interface ProbeAnswer {
  /** `error`: could not tell. Never a pass, and never a fail. */
  readonly is: "pass" | "fail" | "error";
  /** One sentence with the value seen, e.g. `status 500, expected 200`. */
  readonly because: string;
  readonly tookMs: number;
  /** The number that it gives, for metrics; absent: none. It MUST be finite. */
  readonly value?: number;
}
