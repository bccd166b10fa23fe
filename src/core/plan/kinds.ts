import type { z } from "zod";

/**
 * What the plan needs to know of the kinds of steps, probes and notifiers. The registries in the
 * outer rooms give these; the port's interfaces say more, and every one of them fits here.
 */
export interface Kinds {
  readonly steps: readonly StepKindShape[];
  readonly probes: readonly ProbeKindShape[];
  readonly notifiers: readonly NotifierKindShape[];
}

export interface StepKindShape {
  readonly name: string;
  readonly args: z.ZodType;
  /** false: `${name}` in the args is left for the shell on the host to expand. */
  readonly substitutes: boolean;
  readonly places: readonly Place[];
  refers(args: unknown): readonly string[];
  review(args: unknown, files: FileContent): readonly string[];
  /** The program that it runs, where the plan has its text; the static review reads that. */
  program?(args: unknown, files: FileContent): ProgramText;
}

/** Text of a program as the plan gives it. */
export interface ProgramText {
  readonly text: string;
  /** What reads it, and that one's own arguments. */
  readonly interpreter: readonly string[];
  readonly args: readonly string[];
  /** The file that it stands in, as the plan writes it; null: it stands in the plan. */
  readonly file: string | null;
}

export interface ProbeKindShape {
  readonly name: string;
  readonly args: z.ZodType;
  readonly substitutes: boolean;
  /** Where it is asked from when the plan does not say. */
  readonly place: Place;
  /** Everywhere it can be asked from. */
  readonly places: readonly Place[];
  /** null: a pass says something of content or effect; else what it leaves open. */
  unproved(args: unknown): Unproved | null;
  /** What a reader of the preview must know of it, each a few words: "certificate not checked". */
  caveats?(args: unknown): readonly string[];
  /** Its args where it is asked for a number, which needs no limit; absent: the same. */
  readonly measured?: z.ZodType;
  /**
   * null: its answers carry a number, with these args; else the keys that would make them, in words.
   * `byProbe`: it is the question of one of the plan's probes. Absent: they never do.
   */
  unmeasured?(args: unknown, byProbe: boolean): string | null;
}

/** Why a probe that passes is no proof that a surface serves its users. */
export interface Unproved {
  /** What it does look at, after the probe's name: "looks at the status alone". */
  readonly because: string;
  /** The keys that would prove more: "`contains` or `header`"; null when its kind has none. */
  readonly suggestion: string | null;
}

export interface NotifierKindShape {
  readonly name: string;
  readonly args: z.ZodType;
  /** Keys of the args in whose texts `${notice.text}` and the like may stand. */
  readonly fills?: readonly string[];
}

export type Place = "host" | "controller";

/** Files by the path written in the plan; empty when there is none. */
export type FileContent = (path: string) => readonly {
  readonly path: string;
  readonly mode: string;
  readonly content: Uint8Array;
}[];
