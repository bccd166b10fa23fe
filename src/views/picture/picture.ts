import type { Failure } from "../../core/failure.ts";
import type { ToldNotices } from "../notices-text.ts";
import type { Incident } from "../incidents.ts";
import type { NextCommand } from "../next-commands.ts";
import type { Tone } from "../paint.ts";
import type { Fate, SummaryOutcome } from "../summary.ts";
import type { SurfaceHealth } from "../surfaces.ts";
import type { PlanOutline } from "./plan-outline.ts";
import type { SurfaceChart } from "./surface-charts.ts";
import type { TimeScale } from "./time-scale.ts";
import type { TreeLook } from "../tree-row.ts";

/**
 * A rollout as something to draw: what a report in a file and a live page have in common. Made of the
 * journal alone, bounded in size, plain data. Times are milliseconds since 1970. Texts are bounded, but
 * as a host may have sent them: whoever draws them must escape them.
 */
export interface Picture {
  readonly head: PictureHead;
  /** Until when what goes on is drawn. */
  readonly untilMs: number;
  /** What went wrong, in rollout order; whole stories. */
  readonly stories: readonly Incident[];
  /** Instances with a story that is not told whole any more, for their number. */
  readonly moreStories: readonly { readonly instance: string; readonly failure: Failure }[];
  /** Only taken back with others: nothing was wrong there. */
  readonly takenBackWith: readonly string[];
  /** Names by what became of them, worst first. */
  readonly fates: readonly PictureFate[];
  /** Of the whole rollout. */
  readonly scale: TimeScale;
  readonly regions: readonly PictureRegion[];
  /** When nobody worked on it, because it waited for a person or its process was gone. */
  readonly pauses: readonly Span[];
  readonly surfaces: readonly SurfaceChart[];
  readonly verdicts: PictureVerdicts;
  readonly decisions: readonly PictureDecision[];
  /** Who was told of what; null: nobody was to be told, or whoever draws this has not looked. */
  readonly notices: PictureNotices | null;
  readonly plan: PlanOutline;
  readonly record: PictureRecord;
}

export interface PictureHead {
  readonly rollout: string;
  readonly outcome: SummaryOutcome;
  /** null: it is under way. */
  readonly exit: number | null;
  /** "✖", "HALTED", "every instance that was harmed is as before, verified". */
  readonly sign: string;
  readonly word: string;
  readonly tone: Tone;
  readonly says: string;
  readonly plan: string;
  readonly summary: string;
  readonly digest: string;
  readonly inventory: string;
  readonly production: boolean;
  /** Who began it; null: not known. */
  readonly by: string | null;
  /** Version of handrail that began it. */
  readonly tool: string | null;
  readonly beganMs: number | null;
  readonly lastMs: number | null;
  readonly tookMs: number | null;
  /** Zones of its regions, each once, in rollout order. */
  readonly timezones: readonly string[];
  /** The halt rule with its numbers and names; null: no halt. */
  readonly rule: string | null;
  /** What stood behind an interruption; null: nothing known. */
  readonly stoppedBecause: string | null;
  /** Why and by whom it was started as an emergency, and who approved that; empty: it was none. */
  readonly emergency: readonly string[];
  readonly instances: number;
  /** What to type now, the most likely first. */
  readonly next: readonly NextCommand[];
  /** Records in the journal. */
  readonly records: number;
}

export interface PictureFate {
  readonly fate: Fate;
  /** "rolled back, verified". */
  readonly words: string;
  readonly look: TreeLook;
  readonly count: number;
  /** Names, or how many in which region where they are too many. */
  readonly who: string;
}

export interface PictureRegion {
  readonly name: string;
  readonly timezone: string | null;
  /** "stopped in batch 1 of 2: 1 rolled back, 1 not touched". */
  readonly words: string;
  readonly look: TreeLook;
  /** When it began, and when something happened there last; null: it was not begun. */
  readonly beganMs: number | null;
  readonly lastMs: number | null;
  readonly sealedMs: number | null;
  readonly scale: TimeScale;
  /** For a person, or for a window. */
  readonly waits: readonly Span[];
  readonly batches: readonly PictureBatch[];
  /** Instances that are only counted, because there are too many to draw. */
  readonly notDrawn: number;
}

export interface PictureBatch {
  /** From 1; the first is the canary. */
  readonly number: number;
  readonly instances: number;
  readonly maxBad: number;
  readonly lanes: readonly Lane[];
}

/** One instance through time. */
export interface Lane {
  readonly instance: string;
  readonly look: TreeLook;
  /** What became of it, or what it does: "rolled back, verified". */
  readonly words: string;
  /** Why it is bad, or in doubt; null: it is neither. */
  readonly finding: string | null;
  /** In the order in which they began. */
  readonly spans: readonly Span[];
  /** Spans that are not here, because there were too many. */
  readonly spansCut: number;
  readonly marks: readonly Mark[];
  readonly surfaces: readonly SurfaceHealth[];
}

export type SpanKind =
  | "preflight"
  | "begin"
  | "snapshot"
  | "step"
  | "bake"
  | "wait"
  /** Something was wrong, from the first sign until content and health were seen to be as before. */
  | "harm"
  /** A declared recovery, or the host's own. */
  | "recovery"
  | "rollback"
  | "verify"
  /** Ended, put back for another attempt: between two attempts. */
  | "between";

export interface Span {
  readonly kind: SpanKind;
  readonly fromMs: number;
  /** null: it goes on. */
  readonly toMs: number | null;
  readonly text: string;
  readonly tone: Tone;
}

/** Something at an instant: a broken contract, a failing probe, a switch that fired. */
export interface Mark {
  readonly atMs: number;
  readonly tone: Tone;
  readonly text: string;
}

export interface PictureVerdicts {
  /** Those that found something, oldest first. */
  readonly broken: readonly PictureVerdict[];
  readonly brokenCut: number;
  /** Verdicts that found nothing. */
  readonly kept: number;
}

export interface PictureVerdict {
  readonly atMs: number;
  readonly instance: string;
  readonly host: string | null;
  readonly timezone: string | null;
  readonly step: string;
  readonly stepNumber: number;
  readonly findings: readonly PictureFinding[];
}

export interface PictureFinding {
  readonly code: string;
  readonly path: string;
  readonly policy: string;
  readonly message: string;
  readonly files: readonly {
    readonly class: string;
    readonly path: string;
    readonly bytes: number;
  }[];
  /** Paths that are only counted. */
  readonly more: number;
}

export interface PictureDecision {
  readonly atMs: number;
  readonly by: string;
  readonly what: string;
  readonly reason: string;
}

export interface PictureNotices extends ToldNotices {
  /** Rows that are not here, because there were too many. */
  readonly more: number;
}

export interface PictureRecord {
  readonly lines: readonly RecordLine[];
  /** Lines that are not here, because there were too many. */
  readonly cut: number;
}

export interface RecordLine {
  /** Number of the journal record that says so. */
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
  readonly tone: Tone;
}
