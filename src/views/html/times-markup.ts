import { duration } from "../../core/duration-words.ts";
import { utcDate, utcTime, zoneTime } from "../times.ts";
import { type Markup, markup, type Piece } from "./markup.ts";

/** RFC 3339 in UTC. */
export function isoOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "";
}

/** `03:12:44Z`, as text. */
export function clock(ms: number): string {
  return utcTime(isoOf(ms));
}

/** `2026-11-23 03:12:44Z`, and in the zone beside it. */
export function moment(ms: number, timezone: string | null = null): Markup {
  return markup`<time datetime="${isoOf(ms)}">${utcDate(isoOf(ms))} ${clock(ms)}</time>${there(ms, timezone)}`;
}

/** `03:12:44Z`, and in the zone beside it. */
export function timeOfDay(ms: number, timezone: string | null = null): Markup {
  return markup`<time datetime="${isoOf(ms)}">${clock(ms)}</time>${there(ms, timezone)}`;
}

function there(ms: number, timezone: string | null): Piece {
  const local = zoneTime(isoOf(ms), timezone);
  return local === null ? null : markup` <span class="zone">(${local})</span>`;
}

/** `03:12:44Z (11:12:44)`: for a column whose head names the zone; the date there only where it is another. */
export function columnTime(ms: number, timezone: string | null): Markup {
  const local = zoneTime(isoOf(ms), timezone)?.slice(0, -` ${timezone}`.length);
  const beside = local === undefined ? null : markup` <span class="zone">(${local})</span>`;
  return markup`<time datetime="${isoOf(ms)}">${clock(ms)}</time>${beside}`;
}

/** What such a column is called. */
export function columnName(name: string, timezone: string | null): string {
  return timezone === null ? `${name} (UTC)` : `${name} (UTC, ${timezone})`;
}

/** `03:12:44Z to 03:13:01Z, 17 s`; without an end: it goes on. */
export function stretch(fromMs: number, toMs: number | null): string {
  if (toMs === null) return `${clock(fromMs)}, goes on`;
  return `${clock(fromMs)} to ${clock(toMs)}, ${duration(toMs - fromMs)}`;
}
