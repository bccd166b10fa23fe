import type { SeenProbe } from "./evidence.ts";
import { utcTime } from "./times.ts";

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

/** All surfaces in words, with the time at which they were looked at last. */
export function usersWords(surfaces: readonly SurfaceHealth[]): string {
  const last = surfaces
    .map((it) => it.askedAt)
    .sort()
    .at(-1);
  if (last === undefined) return "not probed";
  return `${surfaces.map(surfaceWords).join("; ")} (last asked ${utcTime(last)})`;
}

/** `ui down 05:59:12–05:59:31, now up`, `api up`, `jobs down since 05:59:12Z`. */
export function surfaceWords({ surface, now, down }: SurfaceHealth): string {
  const ended = down.flatMap(({ from, to }) =>
    to === null ? [] : [`${clock(from)}–${clock(to)}`],
  );
  const open = down.at(-1);
  if (open !== undefined && open.to === null) {
    const before = ended.length === 0 ? "" : ` (before that ${ended.join(", ")})`;
    return `${surface} DOWN since ${utcTime(open.from)}${before}`;
  }
  if (ended.length > 0) return `${surface} down ${ended.join(", ")} UTC, now ${now}`;
  return now === "up" ? `${surface} up` : `${surface} ${now}`;
}

function clock(at: string): string {
  return at.slice(11, 19);
}
