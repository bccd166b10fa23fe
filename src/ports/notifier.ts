import type { z } from "zod";
import type { NoticeKind, NoticeSeverity } from "../core/plan/notice.ts";

/** Tells somebody of a turn of the rollout. Trouble while telling never changes the rollout. */
export interface NotifierKind<Args = unknown> {
  /** The key in the plan, e.g. "webhook". */
  readonly name: string;
  readonly args: z.ZodType<Args>;
  /** Keys of the args in whose texts `${notice.text}` and the like may stand; absent: in none. */
  readonly fills?: readonly string[];
  /**
   * Whom it reaches, for previews and reports: "webhook to status.example.com". MUST hold no secret: of a web
   * address only the host, as the path of one may be all that keeps it from strangers.
   */
  receiver(args: Args): string;
  /** Makes text harmless in this kind's markup, where a template puts it in; absent: it has none. */
  readonly escape?: (text: string) => string;
  /**
   * Resolves when told, rejects with a sentence when not. MUST end within ten seconds, and at once
   * when the signal aborts. The same notice MAY come again, with the same id: it was not sure to have
   * arrived.
   */
  tell(args: Args, notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface Notice {
  /** The same whenever this notice is told to this receiver. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly severity: NoticeSeverity;
  readonly rollout: string;
  /** Name of the plan. */
  readonly plan: string;
  /** When it became durable: RFC 3339, UTC. */
  readonly at: string;
  /** What happened, in one or two sentences. May hold what a host has printed, made safe to print. */
  readonly text: string;
  /** The same as the plan's template has it, already escaped for the kind; null: it has none. */
  readonly written: string | null;
}
