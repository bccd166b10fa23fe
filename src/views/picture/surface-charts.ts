import type { JournalRecord } from "../../ports/journal.ts";
import { placeOf, type TimeScale } from "./time-scale.ts";

/** How one surface (ui, api, jobs …) answered over time, on all instances together. */
export interface SurfaceChart {
  readonly surface: string;
  /** Names of its probes. */
  readonly probes: readonly string[];
  readonly answers: Answers;
  /** From left to right, as many as `columnsOf` says; null: nobody looked then. */
  readonly columns: readonly (SurfaceColumn | null)[];
  /** Instances on which it was down, or could not be told, with stretches; in rollout order. */
  readonly troubled: readonly TroubledInstance[];
  readonly troubledCut: number;
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
  readonly fromMs: number;
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

const troubledMax = 24;
const stretchesMax = 60;

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
    const troubled = where.order.filter((name) =>
      byInstance.get(name)?.some((it) => it.is !== "pass"),
    );
    return {
      surface,
      probes: [...new Set(all.map((it) => it.probe))],
      answers: counted(all),
      columns: columns(all, where.scale),
      troubled: troubled.slice(0, troubledMax).map((instance) => ({
        instance,
        region: where.regionOf(instance),
        stretches: stretches(byInstance.get(instance) ?? []),
      })),
      troubledCut: Math.max(0, troubled.length - troubledMax),
      longestMs: all.reduce((most, it) => Math.max(most, it.tookMs), 0),
    };
  });
}

function counted(all: readonly Asked[]): Answers {
  const answers = { pass: 0, fail: 0, error: 0 };
  for (const it of all) answers[it.is] += 1;
  return answers;
}

function columns(all: readonly Asked[], scale: TimeScale): readonly (SurfaceColumn | null)[] {
  const cells = Array.from({ length: columnsOf }, (): Asked[] => []);
  for (const it of all) {
    const place = (placeOf(scale, it.atMs) / 100) * columnsOf;
    cells[Math.min(columnsOf - 1, Math.floor(place))]!.push(it);
  }
  return cells.map((cell) => {
    const [first] = cell;
    if (first === undefined) return null;
    const answers = counted(cell);
    const times = cell
      .flatMap((it) => (it.is === "error" ? [] : [it.tookMs]))
      .sort((a, b) => a - b);
    return {
      fromMs: first.atMs,
      is: answers.fail > 0 ? "down" : answers.error > 0 ? "not known" : "up",
      answers,
      medianMs: times[Math.floor((times.length - 1) / 2)] ?? null,
      longestMs: times.at(-1) ?? null,
    };
  });
}

/** Down while any probe of the surface fails on any host, not known while any could not tell. */
function stretches(all: readonly Asked[]): readonly SurfaceStretch[] {
  const last = new Map<string, Asked["is"]>();
  const found: { is: SurfaceIs; fromMs: number; toMs: number; because: string }[] = [];
  for (const it of all) {
    last.set(JSON.stringify([it.host, it.probe]), it.is);
    const answers = [...last.values()];
    const is = answers.includes("fail") ? "down" : answers.includes("error") ? "not known" : "up";
    const open = found.at(-1);
    if (open !== undefined) open.toMs = Math.max(open.fromMs, it.atMs);
    if (open?.is === is) continue;
    if (found.length === stretchesMax) break;
    found.push({ is, fromMs: it.atMs, toMs: it.atMs, because: it.because });
  }
  return found;
}
