import type { SeenRollout } from "./seen-rollout.ts";

/** What a page can ask of a rollout, the most likely first. */
export const pageVerbs = [
  "approve --emergency",
  "approve",
  "resume",
  "pause",
  "abort",
  "abort --rollback",
] as const;

export type PageVerb = (typeof pageVerbs)[number];

/** One thing that can be asked of a rollout as it stands. */
export interface Offer {
  readonly verb: PageVerb;
  /** Of an approval; null: it is about the rollout. */
  readonly region: string | null;
  /** What comes of it, about "it". */
  readonly says: string;
  /** Names that must be typed first, because it is production or takes back what is good; may be none. */
  readonly typed: readonly string[];
  /** Must be said why? */
  readonly needsReason: boolean;
}

/** What a person asked by a page. */
export interface PageWish {
  readonly rollout: string;
  readonly verb: PageVerb;
  readonly region: string | null;
  readonly reason: string;
  /** As it was typed. */
  readonly typed: string;
}

/** What came of it, in the words of the verb. */
export interface PageAnswer {
  readonly is: "asked" | "refused";
  readonly says: string;
  /** The next command to type; null: nothing is to be typed. */
  readonly next: string | null;
}

/** Where wishes go: whoever starts the server passes in what its verbs do. */
export interface PageWishes {
  offers(seen: SeenRollout): readonly Offer[];
  ask(wish: PageWish): Promise<PageAnswer>;
}
