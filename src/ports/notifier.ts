import type { z } from "zod";
import type { NoticeKind } from "../core/plan/plan.ts";

/** Tells somebody of a turn of the rollout. Trouble while telling never changes the rollout. */
export interface NotifierKind<Args = unknown> {
  /** The key in the plan, e.g. "webhook". */
  readonly name: string;
  readonly args: z.ZodType<Args>;
  /** Resolves when told, rejects with a sentence when not. MUST end within ten seconds. */
  tell(args: Args, notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface Notice {
  readonly kind: NoticeKind;
  readonly rollout: string;
  readonly at: string;
  /** What happened, in one or two sentences. */
  readonly text: string;
}
