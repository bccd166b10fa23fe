import type { PathText } from "./path-text.ts";

/** Harm that was seen on an instance after it had been sealed, while the rollout went on elsewhere. */
export interface LateHarm {
  readonly instance: string;
  /** Absent where the whole instance is meant. */
  readonly host?: string;
  /** `unhealthy`: a probe fails. `lost`: protected entries are gone. */
  readonly is: "unhealthy" | "lost";
  /** One sentence. */
  readonly says: string;
  readonly path?: PathText;
  /** Entries that are gone, and the first of them by name. */
  readonly count?: number;
  readonly examples?: readonly PathText[];
}

/** Who turned bad after it was sealed, and what was under way then: for the sentence of a halt. */
export interface TurnedLate {
  readonly instance: string;
  readonly region: string;
  readonly during: string | null;
}
