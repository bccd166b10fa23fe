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
