import type { MaintenanceWindow } from "./plan/maintenance.ts";

/** Whether one of a region's windows is open at an instant, and when that changes. */
export interface Hours {
  readonly open: boolean;
  /** RFC 3339 in UTC; null: it stays so as far as it was looked ahead. */
  readonly until: string | null;
}

/**
 * A window is open exactly while the clocks of its zone show a time in it. So an hour that summer time
 * skips is in no window, and one that comes twice is in it twice. `timezone` null means UTC.
 *
 * Pure: the instant, RFC 3339, is given. Throws a RangeError for a zone or a time that is none.
 */
export function hoursAt(
  windows: readonly MaintenanceWindow[],
  timezone: string | null,
  at: string,
): Hours {
  const atMinute = Math.floor(Date.parse(at) / minuteMs);
  const offsetOf = zoneOffset(timezone ?? "UTC");
  const isOpen = (minute: number): boolean => isIn(windows, minute + offsetOf(minute));
  const open = isOpen(atMinute);
  for (let minute = atMinute + 1; minute <= atMinute + aheadMinutes; minute++)
    if (isOpen(minute) !== open)
      return { open, until: new Date(minute * minuteMs).toISOString().replace(".000Z", "Z") };
  return { open, until: null };
}

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Two weeks and a day: a weekly window that summer time skips once is still found. */
const aheadMinutes = 15 * dayMinutes;

/** `local`: minutes since 1970 by the zone's own clocks. */
function isIn(windows: readonly MaintenanceWindow[], local: number): boolean {
  const dayNumber = Math.floor(local / dayMinutes);
  const minute = local - dayNumber * dayMinutes;
  // 1 January 1970 was a Thursday.
  const day = (((dayNumber + 4) % 7) + 7) % 7;
  const dayBefore = (day + 6) % 7;
  return windows.some(({ days, fromMinute, toMinute }) => {
    if (toMinute > fromMinute)
      return days.includes(day) && minute >= fromMinute && minute < toMinute;
    const begunToday = days.includes(day) && minute >= fromMinute;
    return begunToday || (days.includes(dayBefore) && minute < toMinute);
  });
}

/**
 * Minutes that the zone's clocks are ahead of UTC. Asked once for each quarter of an hour: since 1972
 * every change of every zone came at a full quarter in UTC (IANA tz database, files africa to
 * southamerica), and an answer costs some microseconds.
 */
function zoneOffset(timezone: string): (minute: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  let known: readonly [quarter: number, offset: number] | null = null;
  return (minute) => {
    const quarter = Math.floor(minute / 15);
    if (known?.[0] !== quarter) {
      const at = quarter * 15 * minuteMs;
      const parts = new Map(format.formatToParts(at).map((it) => [it.type, Number(it.value)]));
      const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
      const local = Date.UTC(
        part("year"),
        part("month") - 1,
        part("day"),
        part("hour"),
        part("minute"),
      );
      known = [quarter, (local - at) / minuteMs];
    }
    return known[1];
  };
}
