import type { SeenProbe } from "./evidence.ts";
import { utcDate, utcDateTime, utcTime, zoneTime } from "./times.ts";

/** How users of one surface (ui, api, jobs …) fared, as far as the probes saw it. */
export interface SurfaceHealth {
  readonly surface: string;
  /** `not known`: the last answers could not tell. */
  readonly now: "up" | "down" | "not known";
  /** When it was looked at last: RFC 3339, UTC. */
  readonly askedAt: string;
  /** Stretches from the first failing answer to the one that passed again; `to` null: still down. */
  readonly down: readonly Down[];
}

export interface Down {
  readonly from: string;
  readonly to: string | null;
}

/** In the order in which the surfaces were first looked at. A surface is down while any probe fails. */
export function surfacesOf(probes: readonly SeenProbe[]): readonly SurfaceHealth[] {
  const surfaces = [...new Set(probes.map((probe) => probe.surface))];
  return surfaces.map((surface) => health(surface, probes));
}

function health(surface: string, probes: readonly SeenProbe[]): SurfaceHealth {
  const last = new Map<string, SeenProbe["is"]>();
  const failing = new Set<string>();
  const down: Down[] = [];
  let askedAt = "";
  for (const probe of probes) {
    if (probe.surface !== surface) continue;
    askedAt = probe.at;
    const key = JSON.stringify([probe.host, probe.probe]);
    last.set(key, probe.is);
    const wasDown = failing.size > 0;
    if (probe.is === "fail") failing.add(key);
    if (probe.is === "pass") failing.delete(key);
    if (!wasDown && failing.size > 0) down.push({ from: probe.at, to: null });
    const open = down.at(-1);
    if (wasDown && failing.size === 0 && open !== undefined)
      down.splice(-1, 1, { from: open.from, to: probe.at });
  }
  const unsure = [...last.values()].includes("error");
  const now = failing.size > 0 ? "down" : unsure ? "not known" : "up";
  return { surface, now, askedAt, down };
}

/** All surfaces in words, with the time at which they were looked at last. `timezone`: the region's. */
export function usersWords(
  surfaces: readonly SurfaceHealth[],
  timezone: string | null = null,
): string {
  const last = surfaces
    .map((it) => it.askedAt)
    .sort()
    .at(-1);
  if (last === undefined) return "not probed";
  const each = surfaces.map((it) => surfaceWords(it, timezone));
  return `${each.join("; ")} (last asked ${utcTime(last)})`;
}

/**
 * `ui down 05:59:12–05:59:31 UTC, now up`, `api up`, `jobs DOWN since 05:59:12Z`; with a zone each time is
 * told there, too: `ui DOWN since 21:59:12Z (05:59:12 Asia/Shanghai)`.
 */
export function surfaceWords(
  { surface, now, askedAt, down }: SurfaceHealth,
  timezone: string | null = null,
): string {
  const ended = down.flatMap(({ from, to }) => (to === null ? [] : [{ from, to }]));
  const open = down.at(-1);
  if (open !== undefined && open.to === null) {
    const before = ended.length === 0 ? "" : ` (before that ${utcStretches(ended)})`;
    const long = utcDate(open.from) !== utcDate(askedAt);
    const there = zoneTime(open.from, timezone);
    const local = there === null ? "" : ` (${there})`;
    return `${surface} DOWN since ${long ? utcDateTime(open.from) : utcTime(open.from)}${local}${before}`;
  }
  if (ended.length > 0)
    return `${surface} down ${utcStretches(ended)} UTC${zoneStretches(ended, timezone)}, now ${now}`;
  return now === "up" ? `${surface} up` : `${surface} ${now}`;
}

interface Ended {
  readonly from: string;
  readonly to: string;
}

function utcStretches(ended: readonly Ended[]): string {
  return ended.map(({ from, to }) => `${from.slice(11, 19)}–${to.slice(11, 19)}`).join(", ");
}

/** The same as a clock there showed them, in brackets; empty without a zone. */
function zoneStretches(ended: readonly Ended[], timezone: string | null): string {
  const clock = (at: string): string | null =>
    zoneTime(at, timezone)?.slice(0, -` ${timezone}`.length) ?? null;
  const told = ended.map(({ from, to }) => [clock(from), clock(to)] as const);
  if (told.some((each) => each.includes(null))) return "";
  return ` (${told.map((each) => each.join("–")).join(", ")} ${timezone})`;
}
