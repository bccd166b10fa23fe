import * as z from "zod";
import type { EffectGroup, RehearsedHost, RehearsedInstance, RehearsedStep } from "./rehearsal.ts";

/** What is kept of one host: so many steps, places of one step, and sentences of one kind. */
const stepsMax = 200;
const placesMax = 20;
const sentencesMax = 5;
/** Characters of one of them. */
const sentenceMax = 500;

const sentence = z.string().max(sentenceMax + 1);
const count = z.int().nonnegative();

const placeSchema = z.strictObject({
  of: z.enum(["protected", "written", "elsewhere"]),
  path: sentence.nullable(),
  policy: sentence.nullable(),
  /** By class of effect; "unlisted" for what could only be counted. */
  counts: z.record(z.string().max(40), count),
  deletedBytes: count,
});

const stepSchema = z.strictObject({
  /** Its place in the plan, from 1. */
  number: z.int().positive(),
  is: z.enum(["rehearsed", "not-rehearsable", "not-reached"]),
  /** Why nothing of it is known; null where it was rehearsed. */
  because: sentence.nullable(),
  /** Why nobody can say what it would do; null: the copy showed it, as far as a copy can. */
  inconclusive: sentence.nullable(),
  /** Policies and budgets that it would break; the first ones. */
  breaks: z.array(sentence).max(sentencesMax),
  /** All of them. */
  breaksCount: count,
  places: z.array(placeSchema).max(placesMax),
  /** Places beyond those. */
  placesMore: count,
  /** Calls that were only recorded, and sentences about what a copy could not show. */
  recorded: count,
  remarks: z.array(sentence).max(sentencesMax),
});

/** What a rehearsal found on one host, as it is kept for later previews of the same digest. */
export const rememberedSchema = z.strictObject({
  handrail: z.literal(1),
  kind: z.literal("rehearsal"),
  /** Of the plan: for any other plan this says nothing. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  instance: z.string().min(1),
  host: z.string().min(1),
  /** When it began, RFC 3339 in UTC, by the controller's clock. */
  at: z.iso.datetime(),
  network: z.boolean(),
  steps: z.array(stepSchema).max(stepsMax),
});

export type Remembered = z.infer<typeof rememberedSchema>;
export type RememberedStep = Remembered["steps"][number];
export type RememberedPlace = RememberedStep["places"][number];

/**
 * What is kept of a rehearsal, host by host: counts and sentences, bounded, and none of the single
 * effects, outputs and commands. Hosts on which nothing was run are left out, so that they take nothing known away.
 */
export function rememberedOf(
  instances: readonly RehearsedInstance[],
  of: Pick<Remembered, "digest" | "at" | "network">,
): readonly Remembered[] {
  return instances.flatMap(({ name, hosts }) =>
    hosts.filter(wasTried).map((host): Remembered => ({
      handrail: 1,
      kind: "rehearsal",
      ...of,
      instance: name,
      host: host.name,
      steps: host.steps.slice(0, stepsMax).map(stepOf),
    })),
  );
}

function wasTried({ failure, steps }: RehearsedHost): boolean {
  return failure === null && steps.some(({ is }) => is === "rehearsed");
}

function stepOf(step: RehearsedStep): RememberedStep {
  const { number, is } = step;
  const nothing = {
    number,
    is,
    because: null,
    inconclusive: null,
    breaks: [],
    breaksCount: 0,
    places: [],
    placesMore: 0,
    recorded: 0,
    remarks: [],
  };
  if (step.is !== "rehearsed") return { ...nothing, because: short(step.because) };
  const { findings, groups, inconclusive, external, remarks } = step;
  return {
    ...nothing,
    inconclusive: inconclusive === null ? null : short(inconclusive),
    breaks: findings.slice(0, sentencesMax).map(({ message }) => short(message)),
    breaksCount: findings.length,
    places: groups.slice(0, placesMax).map(placeOf),
    placesMore: Math.max(0, groups.length - placesMax),
    recorded: external.length,
    remarks: remarks.slice(0, sentencesMax).map(short),
  };
}

function placeOf({ of, path, policy, counts, deletedBytes }: EffectGroup): RememberedPlace {
  return {
    of,
    path: path === null ? null : short(path),
    policy,
    counts: { ...counts },
    deletedBytes,
  };
}

function short(text: string): string {
  return text.length > sentenceMax ? `${text.slice(0, sentenceMax)}…` : text;
}

/** Did the copy show what this step does, as far as a copy can? */
export function isConclusive({ is, inconclusive }: RememberedStep): boolean {
  return is === "rehearsed" && inconclusive === null;
}
