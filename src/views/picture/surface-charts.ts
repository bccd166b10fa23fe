import type { JournalRecord } from "../../ports/journal.ts";
import { clipped } from "../wording.ts";
import { placeOf, type TimeScale } from "./time-scale.ts";

/** How one surface (ui, api, jobs …) answered over time, on all instances together. */
export interface SurfaceChart {
  readonly surface: string;
  /** Names of its probes. */
  readonly probes: readonly string[];
  readonly answers: Answers;
  /** From left to right, as many as `columnsOf` says; null: before the first answer, and after the last. */
  readonly columns: readonly (SurfaceColumn | null)[];
  /** Instances on which it was down, or could not be told, with stretches; in rollout order. */
  readonly troubled: readonly TroubledInstance[];
  readonly troubledCut: number;
  /** How it is now, as far as anybody looked: down where it is down on any instance. */
  readonly now: SurfaceIs;
  /** Instances on which it is so, where it is not up. */
  readonly nowOn: readonly string[];
  /** When it was looked at last. */
  readonly askedMs: number;
  /** Longest answer, for the scale of the latencies. */
  readonly longestMs: number;
}

export interface Answers {
  readonly pass: number;
  readonly fail: number;
  /** Could not be told. */
  readonly error: number;
}

export type SurfaceIs = "up" | "down" | "not known";

export interface SurfaceColumn {
  /** When the first answer in it came; null: none came, and the last one still holds. */
  readonly fromMs: number | null;
  /** The worst that it was meanwhile, on any instance. */
  readonly is: SurfaceIs;
  readonly answers: Answers;
  /** Of the answers that passed or failed; null: there was none. */
  readonly medianMs: number | null;
  readonly longestMs: number | null;
}

export interface TroubledInstance {
  readonly instance: string;
  readonly region: string;
  readonly stretches: readonly SurfaceStretch[];
}

/** From one answer to the next that said something else; of the last one to the last answer. */
export interface SurfaceStretch {
  readonly is: SurfaceIs;
  readonly fromMs: number;
  readonly toMs: number;
  /** What the first answer said: "status 500, expected 200". */
  readonly because: string;
}

/** Columns of a chart. */
export const columnsOf = 150;

const troubledMax = 60;
const stretchesMax = 60;
/** Characters of what an answer said. */
const becauseMax = 160;

interface Asked {
  readonly atMs: number;
  readonly instance: string;
  readonly probe: string;
  readonly host: string;
  readonly is: "pass" | "fail" | "error";
  readonly because: string;
  readonly tookMs: number;
}

/** By surface, in the order in which they were first looked at. */
export function surfaceCharts(
  records: readonly JournalRecord[],
  where: {
    readonly scale: TimeScale;
    readonly regionOf: (instance: string) => string;
    /** Instances in rollout order. */
    readonly order: readonly string[];
  },
): readonly SurfaceChart[] {
  const surfaces = new Map<string, Asked[]>();
  for (const { at, event } of records) {
    if (event.kind !== "noted" || event.note.kind !== "probe") continue;
    const { instance, host, probe, surface, is, because, tookMs } = event.note;
    const asked = { atMs: Date.parse(at), instance, probe, is, because, tookMs };
    const known = surfaces.get(surface) ?? [];
    surfaces.set(surface, known);
    known.push({ ...asked, host: host ?? instance });
  }
  return [...surfaces].map(([surface, all]) => {
    const byInstance = Map.groupBy(all, (it) => it.instance);
    const names = where.order.filter((name) =>
      byInstance.get(name)?.some((it) => it.is !== "pass"),
    );
    const troubled = names.map((instance) => ({
      instance,
      region: where.regionOf(instance),
      stretches: stretches(byInstance.get(instance) ?? []),
    }));
    return {
      surface,
      ...presentOf(troubled),
      askedMs: all.reduce((last, it) => Math.max(last, it.atMs), 0),
      probes: [...new Set(all.map((it) => it.probe))],
      answers: counted(all),
      columns: columns(all, where.scale),
      troubled: troubled.slice(0, troubledMax),
      troubledCut: Math.max(0, troubled.length - troubledMax),
      longestMs: all.reduce((most, it) => Math.max(most, it.tookMs), 0),
    };
  });
}

function presentOf(troubled: readonly TroubledInstance[]): Pick<SurfaceChart, "now" | "nowOn"> {
  for (const now of ["down", "not known"] as const) {
    const on = troubled.filter((it) => it.stretches.at(-1)?.is === now);
    if (on.length > 0) return { now, nowOn: on.map((it) => it.instance) };
  }
  return { now: "up", nowOn: [] };
}

function counted(all: readonly Asked[]): Answers {
  const answers = { pass: 0, fail: 0, error: 0 };
  for (const it of all) answers[it.is] += 1;
  return answers;
}

/** An answer holds until the next one of the same probe there: what was down stays so until it is seen up. */
function columns(all: readonly Asked[], scale: TimeScale): SurfaceChart["columns"] {
  const cells = Array.from({ length: columnsOf }, (): Asked[] => []);
  for (const it of all) {
    const place = (placeOf(scale, it.atMs) / 100) * columnsOf;
    cells[Math.min(columnsOf - 1, Math.floor(place))]!.push(it);
  }
  const filled = cells.map((cell) => cell.length > 0);
  const first = filled.indexOf(true);
  const last = filled.lastIndexOf(true);
  const standing = follow();
  return cells.map((cell, index) => {
    if (index < first || index > last) return null;
    let is = standing.now();
    for (const it of cell) is = worse(is, standing.hear(it));
    const answers = counted(cell);
    const times = cell
      .flatMap((it) => (it.is === "error" ? [] : [it.tookMs]))
      .sort((a, b) => a - b);
    return {
      fromMs: cell[0]?.atMs ?? null,
      is: is ?? "up",
      answers,
      medianMs: times[Math.floor((times.length - 1) / 2)] ?? null,
      longestMs: times.at(-1) ?? null,
    };
  });
}

function worse(a: SurfaceIs | null, b: SurfaceIs): SurfaceIs {
  return a === "down" || b === "down" ? "down" : a === "not known" ? a : b;
}

/** Down while any probe fails on any host, not known while any could not tell; null: nobody asked yet. */
function follow(): { now(): SurfaceIs | null; hear(asked: Asked): SurfaceIs } {
  const last = new Map<string, Asked["is"]>();
  const count = { pass: 0, fail: 0, error: 0 };
  const now = (): SurfaceIs => (count.fail > 0 ? "down" : count.error > 0 ? "not known" : "up");
  return {
    now: () => (last.size === 0 ? null : now()),
    hear({ instance, host, probe, is }) {
      const key = JSON.stringify([instance, host, probe]);
      const was = last.get(key);
      if (was !== undefined) count[was] -= 1;
      count[is] += 1;
      last.set(key, is);
      return now();
    },
  };
}

function stretches(all: readonly Asked[]): readonly SurfaceStretch[] {
  const found: { is: SurfaceIs; fromMs: number; toMs: number; because: string }[] = [];
  const standing = follow();
  for (const it of all) {
    const is = standing.hear(it);
    const open = found.at(-1);
    if (open !== undefined) open.toMs = Math.max(open.fromMs, it.atMs);
    if (open?.is === is) continue;
    // The newest say how it is now.
    if (found.length === stretchesMax) found.shift();
    found.push({ is, fromMs: it.atMs, toMs: it.atMs, because: clipped(it.because, becauseMax) });
  }
  return found;
}
