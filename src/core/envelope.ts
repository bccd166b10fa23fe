import { duration } from "./duration-words.ts";
import { backIn, countIn, type Sample, sampleOf } from "./step-sample.ts";
import type { InstanceState, RolloutState } from "./state.ts";
import { namedUnits } from "./plan/named-units.ts";
import { unlikeUnits } from "./unlike-units.ts";
import { numberWords } from "./verdict/wording.ts";

/**
 * Instances that must have shown what a step does before another is held against them. One alone shows
 * nothing of how they differ among themselves.
 */
export const earlierMin = 2;

/**
 * How far one kind of effect may go beyond the earlier instances. `fresh`: as many of a kind that none
 * of them showed are told, and no more than that; beyond `times` the most that any of them showed, in
 * proportion to how much there is to look at, and `slack` more, it lies outside. What destroys has
 * little room. What an application does all day long in its temp files has much: in the seconds of a
 * step a busy one makes and changes dozens, and an idle one none.
 */
const rules: Readonly<Record<string, Rule>> = {
  "not back": { fresh: 0, times: 3, slack: 5 },
  "type-changed": { fresh: 0, times: 3, slack: 5 },
  // As many as a verdict lets pass with a remark where the step could not have done it (`handfulMax`):
  // those that stay away are "not back".
  deleted: { fresh: 5, times: 5, slack: 20 },
  content: { fresh: 50, times: 10, slack: 50 },
  metadata: { fresh: 50, times: 10, slack: 50 },
  replaced: { fresh: 50, times: 10, slack: 50 },
  created: { fresh: 50, times: 10, slack: 50 },
};

/**
 * What comes back is seen as deleted where the comparison was quicker, and as replaced where the
 * application was: that is no difference between instances.
 */
const alsoKnownAs: Readonly<Record<string, string>> = { deleted: "replaced", replaced: "deleted" };

interface Rule {
  readonly fresh: number;
  readonly times: number;
  readonly slack: number;
}

/** Hosts are slow for many reasons: only what is far off and long is worth a person's time. */
const durationRule = { times: 10, slackMs: 60_000 };
/** What comes back is waited for anyhow, for a bounded time: much nearer to what users notice. */
const backRule = { times: 5, slackMs: 10_000 };

/** One thing that an instance did, beside what the earlier ones did. */
export interface Unlike {
  readonly kind: string;
  /** The protected path, by its place in the plan; null: it is about the step as a whole. */
  readonly protect: number | null;
  /** Worth a decision; false: worth a word. */
  readonly outside: boolean;
  /** "214 not back below ${home}/tmp, none on ap01 and ap02". */
  readonly says: string;
}

export interface Standing {
  readonly instance: string;
  readonly own: Sample;
  /** In rollout order; fewer than `earlierMin`: nothing is usual yet, and `unlike` is empty. */
  readonly earlier: readonly { readonly name: string; readonly sample: Sample }[];
  /** The worst first. */
  readonly unlike: readonly Unlike[];
}

/**
 * How the effects of this step on this instance stand beside those on the instances that are done with
 * it and good. null: nothing is known of it here. Doing less than the others is no matter: an empty
 * cache is usual.
 */
export function standingOf(
  state: RolloutState,
  { instance, step }: { readonly instance: string; readonly step: number },
): Standing | null {
  const own = sampleOf(state.seen.get(instance)?.[step]);
  if (own === null) return null;
  const earlier: { readonly name: string; readonly sample: Sample }[] = [];
  for (const it of state.instances.values()) {
    if (it.name === instance || !isGoodAfter(it, step)) continue;
    const sample = sampleOf(state.seen.get(it.name)?.[step]);
    if (sample !== null) earlier.push({ name: it.name, sample });
  }
  const standing = { instance, own, earlier };
  if (earlier.length < earlierMin) return { ...standing, unlike: [] };
  const where = (protect: number): string =>
    `below ${state.itinerary.plan.protect[protect]?.path ?? "?"}`;
  const unlike = [
    ...unlikeEffects(standing, where),
    ...unlikeUnits({
      own,
      earlier: earlier.map(({ sample }) => sample),
      units: namedUnits(state.itinerary.plan),
      names: namesWords(earlier),
      knownMin: earlierMin,
    }),
    ...unlikeTimes(standing, where),
  ];
  return {
    ...standing,
    unlike: unlike.toSorted((one, other) => Number(other.outside) - Number(one.outside)),
  };
}

/** Done with this step, by its verdict or a person's, and nothing is wrong with it since. */
function isGoodAfter(it: InstanceState, step: number): boolean {
  return it.step > step && it.bad === null;
}

type Compared = Pick<Standing, "own" | "earlier">;

function unlikeEffects({ own, earlier }: Compared, where: (at: number) => string): Unlike[] {
  return own.trees.flatMap(({ protect, counts }) =>
    Object.entries(rules).flatMap(([kind, rule]): Unlike[] => {
      const count = counts[kind] ?? 0;
      // Doing nothing is within what others did, and there is no need to ask each of them.
      if (count === 0) return [];
      const shown = earlier.map(({ sample }) => ({
        count: countIn(sample, protect, kind) + countIn(sample, protect, alsoKnownAs[kind] ?? ""),
        scale: sample.entries === 0 ? 1 : Math.max(1, own.entries / sample.entries),
      }));
      const most = Math.max(...shown.map((it) => it.count));
      const expected = Math.max(...shown.map((it) => it.count * it.scale));
      const isFresh = most === 0;
      if (count <= (isFresh ? 0 : expected * rule.times + rule.slack)) return [];
      const beside = isFresh ? "none" : `at most ${numberWords(most)}`;
      const says = `${numberWords(count)} ${kindWords[kind]} ${where(protect)}, ${beside} on ${namesWords(earlier)}`;
      return [{ kind, protect, outside: !isFresh || count > rule.fresh, says }];
    }),
  );
}

function unlikeTimes({ own, earlier }: Compared, where: (at: number) => string): Unlike[] {
  const unlike: Unlike[] = [];
  const longest = Math.max(...earlier.map(({ sample }) => sample.durationMs));
  if (own.durationMs > longest * durationRule.times + durationRule.slackMs)
    unlike.push({
      kind: "took",
      protect: null,
      outside: true,
      says: `it took ${duration(own.durationMs)}, at most ${duration(longest)} on ${namesWords(earlier)}`,
    });
  for (const { protect, backMs } of own.trees) {
    const known = earlier.flatMap(({ sample }) => backIn(sample, protect) ?? []);
    const latest = Math.max(...known);
    if (backMs === null || known.length < earlierMin) continue;
    if (backMs <= latest * backRule.times + backRule.slackMs) continue;
    unlike.push({
      kind: "back after",
      protect,
      outside: true,
      says: `what was deleted ${where(protect)} was back after ${duration(backMs)}, at most ${duration(latest)} on ${namesWords(earlier)}`,
    });
  }
  const retries = Math.max(...earlier.map(({ sample }) => sample.retries));
  if (own.retries > retries)
    unlike.push({
      kind: "retries",
      protect: null,
      // The plan, or a person, has allowed them.
      outside: false,
      says: `it was tried ${own.retries + 1} times, at most ${retries + 1} on ${namesWords(earlier)}`,
    });
  return unlike;
}

const kindWords: Readonly<Record<string, string>> = {
  "not back": "not back",
  "type-changed": "of another type",
  deleted: "deleted",
  content: "changed in content",
  metadata: "changed in mode or owner",
  replaced: "replaced",
  created: "created",
};

/** Names that are told; the others are counted. */
const namesMax = 3;

function namesWords(earlier: Compared["earlier"]): string {
  const names = earlier.slice(0, namesMax).map(({ name }) => name);
  const more = earlier.length - names.length;
  const all = more > 0 ? [...names, `${more} more`] : names;
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
