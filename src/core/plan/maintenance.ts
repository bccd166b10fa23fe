/** One weekly window: minutes since midnight, in the region's own zone. */
export interface MaintenanceWindow {
  /** 0 is Sunday, as in `Date.getDay`. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  /** At most 1440. Not after `fromMinute`: the window runs past midnight. */
  readonly toMinute: number;
}

const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * `Mon-Thu 02:00-05:00`, `Sat,Sun 00:00-24:00` or, for every day, `22:00-04:00`; null when the text
 * is no such window.
 */
export function parseWindow(text: string): MaintenanceWindow | null {
  const match = /^(?:([A-Za-z,-]+) )?(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return null;
  const fromMinute = minuteOf(match[2]!, match[3]!);
  const toMinute = minuteOf(match[4]!, match[5]!);
  const days = match[1] === undefined ? [0, 1, 2, 3, 4, 5, 6] : daysOf(match[1]);
  if (days === null || fromMinute === null || toMinute === null) return null;
  if (fromMinute === toMinute || fromMinute === 1440) return null;
  return { days, fromMinute, toMinute };
}

function minuteOf(hours: string, minutes: string): number | null {
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(minutes) > 59 || minute > 1440 ? null : minute;
}

function daysOf(text: string): readonly number[] | null {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first, last = first, more] = part
      .split("-")
      .map((day) => dayNames.indexOf(day.toLowerCase()));
    if (first === undefined || last === undefined || more !== undefined) return null;
    if (first === -1 || last === -1) return null;
    // Fri-Mon runs over the end of the week.
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** How a region's windows stand at a moment; times are milliseconds since 1970. */
export interface WindowsNow {
  /** Is it inside one of them? */
  readonly inside: boolean;
  /** When the one that it is inside ends; null outside. */
  readonly closesMs: number | null;
  /** When the next one begins; null: in no week. */
  readonly opensMs: number | null;
}

/** Days around a moment in which its windows are looked for: the last may have begun a day before. */
const daysBefore = 1;
const daysAfter = 8;

/**
 * How windows stand at a moment, in their zone; null where the zone is none. A time that the clock of
 * the zone has twice is its first; one that it leaves out is as late after the gap (RFC 5545 §3.3.5).
 */
export function windowsAt(
  windows: readonly MaintenanceWindow[],
  { timezone, atMs }: { readonly timezone: string; readonly atMs: number },
): WindowsNow | null {
  const zone = zoneClock(timezone);
  if (zone === null) return null;
  const today = zone(atMs);
  const spans: { from: number; to: number }[] = [];
  for (let day = -daysBefore; day <= daysAfter; day += 1) {
    const midnight = today - (today % dayMs) + day * dayMs;
    const weekday = new Date(midnight).getUTCDay();
    for (const { days, fromMinute, toMinute } of windows) {
      if (!days.includes(weekday)) continue;
      const end = toMinute > fromMinute ? toMinute : toMinute + minutesOfDay;
      const [from, to] = [fromMinute, end].map((minute) =>
        instantOf(zone, midnight + minute * minuteMs),
      );
      spans.push({ from: from!, to: to! });
    }
  }
  const now = merged(spans).filter(({ to }) => to > atMs);
  const open = now.find(({ from }) => from <= atMs);
  const next = now.find(({ from }) => from > atMs);
  return { inside: open !== undefined, closesMs: open?.to ?? null, opensMs: next?.from ?? null };
}

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
const dayMs = minutesOfDay * minuteMs;

/** What a wall clock of the zone shows at a moment, as if that were UTC; null: there is no such zone. */
export function zoneClock(timezone: string): ((ms: number) => number) | null {
  const words = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" } as const;
  const more = { hour: "numeric", minute: "numeric", second: "numeric" } as const;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, ...words, ...more });
  } catch {
    return null;
  }
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  };
}

/** The first moment at which the clock shows this; where it leaves it out, as late after the gap. */
function instantOf(zone: (ms: number) => number, shown: number): number {
  const [before, after] = [shown - dayMs, shown + dayMs].map((ms) => shown - (zone(ms) - ms));
  return zone(after!) === shown && zone(before!) !== shown ? after! : before!;
}

/** Spans that touch each other are one. */
function merged(spans: readonly { readonly from: number; readonly to: number }[]) {
  const result: { from: number; to: number }[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else result.push({ ...span });
  }
  return result;
}
