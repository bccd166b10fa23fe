import { duration } from "../core/duration-words.ts";

const exactUnits = [
  ["day", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A time that somebody chose, as short as it can be said exactly: `2 s`, `5 min`, `7 days`. */
export function span(ms: number): string {
  for (const [unit, length] of exactUnits) {
    if (ms < length || ms % length !== 0) continue;
    const count = ms / length;
    return `${count} ${unit}${unit === "day" && count !== 1 ? "s" : ""}`;
  }
  return duration(ms);
}

/**
 * Milliseconds between two RFC 3339 times; null where one is missing or is none, and where the
 * clock was put back meanwhile: then nobody knows.
 */
export function msBetween(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}

/** `2026-11-23` of an RFC 3339 time in UTC. */
export function utcDate(at: string): string {
  return at.slice(0, 10);
}

/** `03:12:44Z` of an RFC 3339 time in UTC. */
export function utcTime(at: string): string {
  return `${at.slice(11, 19)}Z`;
}

/** `2026-11-23 03:12:44Z`. */
export function utcDateTime(at: string): string {
  return `${utcDate(at)} ${utcTime(at)}`;
}

/** `11:12:44 Asia/Shanghai`, with the date in front where it is another than in UTC; null without a zone. */
export function zoneTime(at: string, timezone: string | null): string | null {
  const ms = Date.parse(at);
  if (timezone === null || Number.isNaN(ms)) return null;
  const parts = new Map(
    zoneFormat(timezone)
      ?.formatToParts(ms)
      .map((part) => [part.type, part.value]),
  );
  if (parts.size === 0) return null;
  const date = `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
  const time = `${parts.get("hour")}:${parts.get("minute")}:${parts.get("second")}`;
  return `${date === utcDate(at) ? "" : `${date} `}${time} ${timezone}`;
}

/** `2026-11-23 18:00:00Z (2026-11-24 02:00:00 Asia/Shanghai)`. */
export function bothTimes(at: string, timezone: string | null): string {
  const there = zoneTime(at, timezone);
  return there === null ? utcDateTime(at) : `${utcDateTime(at)} (${there})`;
}

/** `, which opens at …`; empty where nobody knows. */
export function opensWords(opens: string | null, timezone: string | null): string {
  return opens === null ? "" : `, which opens at ${bothTimes(opens, timezone)}`;
}

/** null for a zone that this Node does not know: a report without it is better than none. */
function zoneFormat(timezone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch {
    return null;
  }
}
