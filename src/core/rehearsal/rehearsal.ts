import type { Effect } from "../effects.ts";
import type { Finding } from "../event.ts";
import type { Failure } from "../failure.ts";
import type { PathText } from "../path-text.ts";

/** What was found on one instance, host by host. */
export interface RehearsedInstance {
  readonly name: string;
  readonly region: string;
  readonly hosts: readonly RehearsedHost[];
}

export interface RehearsedHost {
  readonly name: string;
  /** Why nothing could be rehearsed here; null: something was. */
  readonly failure: Pick<Failure, "code" | "message" | "hint"> | null;
  /** What the copy lacked beside what every copy lacks, in words. */
  readonly notes: readonly string[];
  readonly steps: readonly RehearsedStep[];
}

export type RehearsedStep = { readonly number: number; readonly name: string } & (
  | { readonly is: "not-rehearsable"; readonly because: string }
  /** The rollout would have stopped before. */
  | { readonly is: "not-reached"; readonly because: string }
  | ({ readonly is: "rehearsed" } & StepFound)
);

export interface StepFound {
  readonly exitCode: number;
  readonly durationMs: number;
  /** The end of what it printed: bounded, escapes shown, secrets struck out. */
  readonly output: string;
  /** Why nobody can say what the step would do; null: the copy showed it, as far as a copy can. */
  readonly inconclusive: string | null;
  /** Policies and budgets that would be broken. */
  readonly findings: readonly Finding[];
  readonly groups: readonly EffectGroup[];
  /** What was only recorded, as it was called, and what only the host would have seen. */
  readonly external: readonly string[];
  readonly remarks: readonly string[];
  /** By deleted path: the command that did it. Absent where nothing was traced. */
  readonly tracedTo?: Readonly<Record<PathText, string>>;
}

/** Effects in one place. */
export interface EffectGroup {
  readonly of: "protected" | "written" | "elsewhere";
  /** The protected path, or the one that the step declares; null: anywhere else. */
  readonly path: PathText | null;
  /** The policy's name; null for what is not protected. */
  readonly policy: string | null;
  /** By class, listed or not; "unlisted" for what could only be counted. */
  readonly counts: Readonly<Record<string, number>>;
  /** Bytes of all that is deleted, as far as it is listed. */
  readonly deletedBytes: number;
  /** The first ones, by path. */
  readonly effects: readonly Effect[];
}

/** What a whole rehearsal comes to, the worst first. */
export const rehearsalOutcomes = [
  "would-break",
  "not-rehearsable",
  "inconclusive",
  "effects",
  "no-effects",
] as const;

export type RehearsalOutcome = (typeof rehearsalOutcomes)[number];

/**
 * The outcome of all instances together. A policy that would be broken counts above all; then an
 * instance of which nothing could be shown, because silence about it would read like a good answer.
 */
export function outcomeOf(instances: readonly RehearsedInstance[]): RehearsalOutcome {
  const found = new Set(instances.flatMap(({ hosts }) => hosts.map(outcomeOfHost)));
  return rehearsalOutcomes.find((outcome) => found.has(outcome)) ?? "not-rehearsable";
}

function outcomeOfHost({ failure, steps }: RehearsedHost): RehearsalOutcome {
  if (failure !== null) return "not-rehearsable";
  const found = steps.filter((step) => step.is === "rehearsed");
  if (found.some(({ findings }) => findings.length > 0)) return "would-break";
  if (found.length === 0) return "not-rehearsable";
  if (found.some(({ inconclusive }) => inconclusive !== null)) return "inconclusive";
  return found.some(({ groups }) => groups.length > 0) ? "effects" : "no-effects";
}
