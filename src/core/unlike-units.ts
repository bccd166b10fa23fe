import type { Sample } from "./step-sample.ts";
import { numberWords } from "./verdict/wording.ts";

/**
 * How often units may be started anew beyond the earlier instances: the one that crashes over and over
 * is meant. One that none of them lost or had started anew at all has no room.
 */
const rule = { times: 3, slack: 2 };

export interface UnlikeUnit {
  /** With the unit's name: what a row of the table is about. */
  readonly kind: string;
  readonly protect: null;
  readonly outside: boolean;
  readonly says: string;
}

interface UnitsOrder {
  readonly own: Sample;
  /** Those that are done and good. */
  readonly earlier: readonly Sample[];
  /** As the plan writes them. */
  readonly units: readonly string[];
  /** "ap01 and eu01" */
  readonly names: string;
  /** So many must be known of a unit before anything is usual of it. */
  readonly knownMin: number;
}

/** What the step did to services here, and to none of the earlier ones, in the order of the plan. */
export function unlikeUnits({ own, earlier, units, names, knownMin }: UnitsOrder): UnlikeUnit[] {
  return units.flatMap((unit, at): UnlikeUnit[] => {
    const it = own.units[at] ?? null;
    const known = earlier.flatMap((sample) => {
      const of = sample.units[at] ?? null;
      return of === null ? [] : [{ ...of, scale: Math.max(1, own.hosts / sample.hosts) }];
    });
    if (it === null || known.length < knownMin) return [];
    const unlike: UnlikeUnit[] = [];
    const add = (kind: string, outside: boolean, says: string): void => {
      unlike.push({ kind, protect: null, outside, says });
    };
    if (it.stops > 0 && known.every(({ stops }) => stops === 0))
      add(stopsOf(unit), true, `${unit} was stopped, on none of ${names}`);
    const most = Math.max(...known.map(({ restarts }) => restarts));
    const expected = Math.max(...known.map(({ restarts, scale }) => restarts * scale));
    if (most === 0 && it.restarts > 0)
      add(restartsOf(unit), true, `${unit} was restarted, on none of ${names}`);
    else if (it.restarts > expected * rule.times + rule.slack)
      add(
        restartsOf(unit),
        true,
        `${unit} was restarted ${numberWords(it.restarts)} times, at most ${numberWords(most)} on ${names}`,
      );
    // The plan's probes say whether the fix is at work; that nothing loaded it is a hint for a person.
    if (it.restarts === 0 && it.stops === 0 && known.every(({ restarts }) => restarts > 0))
      add(restartsOf(unit), false, `${unit} was not restarted, as it was on ${names}`);
    return unlike;
  });
}

export function restartsOf(unit: string): string {
  return `restarts of ${unit}`;
}

export function stopsOf(unit: string): string {
  return `stops of ${unit}`;
}
