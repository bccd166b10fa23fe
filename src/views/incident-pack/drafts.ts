import type { Case, Harmed } from "./case.ts";
import {
  anyRecordOf,
  downNames,
  downSurfaces,
  instanceIn,
  regionOf,
  upSurfaces,
  when,
} from "./claims.ts";
import { type Part, fill, statement } from "./page.ts";
import { inARow, plural, says, type Sentence, span, word } from "./said.ts";

/** Instances that a draft names one by one; of more it is said that there are more. */
const namedMax = 5;

/** What a customer is told of: whoever was touched, or is known to have been down. */
export function affected(it: Case): readonly Harmed[] {
  return it.harmed.filter((harmed) => anyRecordOf(harmed) !== null);
}

/** One paragraph for each instance, up to a bound. */
export function forEach(it: Case, tell: (harmed: Harmed) => readonly Part[]): readonly Part[] {
  const all = affected(it);
  const parts = all.slice(0, namedMax).flatMap(tell);
  if (all.length <= namedMax) return parts;
  return [...parts, fill(`the other ${all.length - namedMax} instances that facts.md has`)];
}

/** `cn01 (region cn)`. */
export function who(it: Case, harmed: Harmed): Sentence {
  return says`${instanceIn(anyRecordOf(harmed)!)} (${regionOf(it, harmed.incident.region)})`;
}

/** Since when what does not work, as a probe saw it; else what the journal has, and what to fill. */
export function trouble(it: Case, harmed: Harmed): readonly Part[] {
  const names = downNames(harmed);
  const [first] = downSurfaces(harmed)
    .flatMap(({ down }) => down)
    .map((each) => each.first)
    .toSorted((a, b) => a.seq - b.seq);
  if (names === null || first === undefined)
    return [
      statement(says`Something went wrong on ${who(it, harmed)}${sinceFound(harmed)}.`),
      fill(`what users of ${harmed.incident.instance} saw, if anything: no probe failed there`),
    ];
  const up = upNames(harmed);
  const still = up === null ? says`` : says` ${up} answered each time that it was asked.`;
  return [
    statement(
      says`Since ${when(first, harmed)} ${names} ${plural(downSurfaces(harmed).length, "does", "do")} not work as it should on ${who(it, harmed)}.${still}`,
    ),
  ];
}

function sinceFound(harmed: Harmed): Sentence {
  const { detected } = harmed;
  return detected === null ? says`` : says`; it was found at ${when(detected, harmed)}`;
}

function upNames(harmed: Harmed): Sentence | null {
  const up = upSurfaces(harmed);
  if (up.length === 0) return null;
  return inARow(up.map((each) => says`${word(each.answers.at(-1)!, "/event/note/surface")}`));
}

/** Is this instance as before, and does every surface work that was seen not to? */
export function isOver(harmed: Harmed): boolean {
  const { incident, verified } = harmed;
  const up = downSurfaces(harmed).every(({ health }) => health.now === "up");
  return incident.asBefore && verified !== null && up;
}

/** From when to when what did not work; only where it is over. */
export function overSentence(it: Case, harmed: Harmed): Sentence {
  const verified = harmed.verified!;
  const stretches = downSurfaces(harmed).flatMap((surface) => surface.down);
  const [first] = stretches.toSorted((a, b) => a.first.seq - b.first.seq);
  const last = stretches.toSorted((a, b) => (a.passed?.seq ?? 0) - (b.passed?.seq ?? 0)).at(-1);
  const names = downNames(harmed);
  const back = says`${who(it, harmed)} is as before; that was confirmed at ${when(verified, harmed)}`;
  if (names === null || first === undefined || last?.passed == null) return says`${back}.`;
  const ms = span(first.first, last.passed);
  const long = ms === null ? says`` : says`, for ${ms}`;
  return says`On ${who(it, harmed)}, ${names} did not work from ${when(first.first, harmed)} to ${when(last.passed, harmed)}${long}. ${back}.`;
}
