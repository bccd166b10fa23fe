import type { Itinerary } from "../core/itinerary.ts";
import type { Redactor } from "../core/redact.ts";
import type { Clock } from "../ports/clock.ts";
import type { GuardDoor } from "../ports/guard.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import type { HttpRequest, ReferredContent, StepKind } from "../ports/step-kind.ts";
import type { Answer } from "../core/answer.ts";

/** Everything that the performer needs of the world. app.ts puts real parts in, the simulator its own. */
export interface PerformerParts {
  readonly itinerary: Itinerary;
  readonly door: GuardDoor;
  readonly clock: Clock;
  readonly stepKind: (name: string) => StepKind | null;
  readonly probeKind: (name: string) => ProbeKind | null;
  readonly sendHttp: (request: HttpRequest, signal: AbortSignal) => Promise<Answer<HttpAnswer>>;
  readonly files: ReferredContent;
  /** Values by name, without the `secret_` in front. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: Redactor;
  /** Rejects FENCED once another runner has taken the rollout up. */
  readonly confirm: () => Promise<void>;
  /** For the message that another rollout gets: "deploy@laptop, pid 4711". */
  readonly holder: string;
  /** Where `on: controller` steps keep their receipts. */
  readonly controllerSpool: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly expected: boolean;
  readonly body: string;
}

/** Bytes of each output stream that a host keeps of a step. */
export const stepOutputMax = 256 * 1024;
/** Characters of a step's output that go into the journal: the end of it, where the trouble is. */
export const journaledOutputMax = 8 * 1024;
/** Bytes of each output stream of a check or a probe. */
export const askOutputMax = 64 * 1024;
/** Differences that a comparison lists; beyond that it only counts. */
export const changesMax = 20_000;
/** Bytes that a snapshot must leave free on the host. */
export const snapshotReserveBytes = 64 * 1024 * 1024;
/** Between two looks at a path that should come back. */
export const regenerationPollMs = 500;
/** How long a rollback waits for a command that still runs before it ends it. */
export const settleWaitMs = 2_000;
/** A check that takes longer is a failed check. */
export const checkTimeoutMs = 60_000;
