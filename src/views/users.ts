import type { RolloutState } from "../core/state.ts";
import type { Evidence } from "./evidence.ts";
import type { Block } from "./page.ts";
import type { Summary } from "./summary.ts";
import { type SurfaceHealth, surfacesOf, usersWords } from "./surfaces.ts";
import { counted, listed } from "./wording.ts";

type Row = readonly [string, string];

/**
 * How the users of each instance fared, for a report: one row for each whose users did not have every
 * surface all the while, and one for all the others together. In rollout order.
 */
export function usersRows(
  state: RolloutState,
  evidence: ReadonlyMap<string, Evidence>,
): readonly Row[] {
  const told: Row[] = [];
  const well: { readonly name: string; readonly surfaces: readonly SurfaceHealth[] }[] = [];
  let unseen = 0;
  for (const [name, surfaces, timezone] of perInstance(state, evidence)) {
    if (surfaces.length === 0) unseen += 1;
    else if (surfaces.every(isWell)) well.push({ name, surfaces });
    else told.push([name, usersWords(surfaces, timezone)]);
  }
  const names = [...new Set(well.flatMap((it) => it.surfaces.map(({ surface }) => surface)))];
  const [only] = well;
  const who = told.length > 0 ? "other " : "";
  if (only !== undefined)
    told.push([
      well.length === 1 ? only.name : counted(well.length, `${who}instance`),
      `${listed(names)} up whenever asked`,
    ]);
  if (unseen > 0) told.push([counted(unseen, "instance"), "never asked"]);
  return told;
}

/** Rows that a screen has room for. */
const rowsMax = 8;

/**
 * Whose users lack something now, or nobody knows: those with a story of their own above are left out.
 * Empty where there are none.
 */
export function usersBlocks(
  state: RolloutState,
  { evidence }: Pick<Summary, "evidence">,
  storied: readonly string[],
): readonly Block[] {
  const rows = perInstance(state, evidence).flatMap(([name, surfaces, timezone]): Row[] =>
    storied.includes(name) || surfaces.every(({ now }) => now === "up")
      ? []
      : [[name, usersWords(surfaces, timezone)]],
  );
  if (rows.length === 0) return [];
  const more = rows.length - rowsMax;
  return [
    { kind: "gap" },
    { kind: "heading", tone: "bad", text: `Users (${counted(rows.length, "instance")})` },
    { kind: "rows", level: 1, rows: rows.slice(0, rowsMax) },
    ...(more > 0
      ? [{ kind: "text", level: 1, text: `and ${counted(more, "more instance")}` } as const]
      : []),
  ];
}

function perInstance(
  state: RolloutState,
  evidence: ReadonlyMap<string, Evidence>,
): readonly (readonly [string, readonly SurfaceHealth[], string | null])[] {
  const zones = new Map(state.itinerary.regions.map((it) => [it.name, it.timezone]));
  return [...state.instances.values()].map(({ name, region }) => {
    const surfaces = surfacesOf(evidence.get(name)?.probes ?? []);
    return [name, surfaces, zones.get(region) ?? null] as const;
  });
}

function isWell({ now, down }: SurfaceHealth): boolean {
  return now === "up" && down.length === 0;
}
