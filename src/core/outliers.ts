/** One thing about one member of a fleet that can be held against the others. */
export interface Fact {
  /** Of what: facts of the same name are compared. Begins a sentence: "the owner of ${home}/tmp". */
  readonly about: string;
  /** Text is the same or not; a number may lie far from the others. */
  readonly value: string | number;
  /** Behind a number: "entries". */
  readonly unit?: string;
  /** Numbers nearer to the middle than this are never odd. */
  readonly near?: number;
  /** A rollout alone learns of it, by running the plan's checks. */
  readonly inPreview?: false;
}

export interface FleetMember {
  readonly name: string;
  readonly facts: readonly Fact[];
}

export interface Outlier {
  readonly name: string;
  readonly about: string;
  /** In one sentence: what it has, and what the others have. */
  readonly says: string;
}

/** A host of a target that is not like the others, in one thing. */
export interface OddOne {
  readonly instance: string;
  readonly host: string;
  readonly about: string;
  /** In one sentence: what it has, and what the others have. */
  readonly says: string;
  /** No preview sees it; absent: one does. */
  readonly inPreview?: false;
}

/** Fewer than these have no odd one among them: two against one is no rule. */
export const membersMin = 4;

/** Of text: so many of those that have the fact must agree. */
const agreeMin = 0.75;

/** So many may be odd, besides one: more are another kind of member, and no odd ones. */
const oddMax = 0.1;

/** A number is odd if it is so many times the middle, or one part in so many of it … */
const timesMax = 8;
/** … and lies so many times the usual distance from it (the median of the distances, which for normal
 * ones is 0.6745 standard deviations: Iglewicz and Hoaglin 1993, who take 3.5 standard deviations). */
const distanceMax = 6;

/**
 * Who is not like the others, and in what. A fleet in which all agree has none; one in which nobody
 * agrees has none either, for nothing is usual there.
 */
export function outliers(fleet: readonly FleetMember[]): readonly Outlier[] {
  const names = [...new Set(fleet.flatMap(({ facts }) => facts.map(({ about }) => about)))];
  return names.flatMap((about) => {
    const known = fleet.flatMap(({ name, facts }) =>
      facts.filter((fact) => fact.about === about).map((fact) => ({ name, fact })),
    );
    if (known.length < membersMin) return [];
    const isNumber = known.every(({ fact }) => typeof fact.value === "number");
    const odd = isNumber ? oddNumbers(known) : oddTexts(known);
    return odd.length <= allowed(known.length) ? odd : [];
  });
}

interface Known {
  readonly name: string;
  readonly fact: Fact;
}

function oddTexts(known: readonly Known[]): readonly Outlier[] {
  const groups = [...Map.groupBy(known, ({ fact }) => String(fact.value)).entries()];
  const [usual] = groups.toSorted(([, one], [, other]) => other.length - one.length);
  if (usual === undefined || usual[1].length < agreeMin * known.length) return [];
  return groups
    .filter((group) => group !== usual)
    .flatMap(([value, all]) =>
      all.map(({ name, fact: { about } }) => ({
        name,
        about,
        says: `${about} is ${value} on ${name}, and ${usual[0]} on ${others(usual[1].length, known.length)}`,
      })),
    );
}

function oddNumbers(known: readonly Known[]): readonly Outlier[] {
  const values = known.map(({ fact }) => Number(fact.value));
  const middle = median(values);
  const usual = median(values.map((value) => Math.abs(value - middle)));
  return known.flatMap(({ name, fact }) => {
    const value = Number(fact.value);
    const distance = Math.abs(value - middle);
    const isFar = value > middle * timesMax || value * timesMax < middle;
    if (!isFar || distance <= distanceMax * usual || distance < (fact.near ?? 0)) return [];
    const unit = fact.unit === undefined ? "" : ` ${fact.unit}`;
    const says = `${fact.about}: ${value}${unit} on ${name}, and about ${Math.round(middle)} on the others`;
    return [{ name, about: fact.about, says }];
  });
}

function others(agreeing: number, all: number): string {
  return agreeing === all - 1 ? "all the others" : `${agreeing} of ${all}`;
}

function allowed(members: number): number {
  return Math.max(1, Math.floor(members * oddMax));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
