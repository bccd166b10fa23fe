import type { z } from "zod";
import type { ProgramText } from "../core/plan/kinds.ts";
import type { PlannedChange } from "../core/planned-change.ts";
import type { StagedFile } from "./guard-command.ts";

/**
 * A kind of step: what a plan may say (`args`), and what that means on a host (`orders`). Pure:
 * a kind never does anything itself, so preview, apply, undo and tests all see the same orders.
 */
export interface StepKind<Args = unknown> {
  /** The key in the plan, e.g. "copy". */
  readonly name: string;
  /** Schema of the value under that key, with a `.describe()` for every key. */
  readonly args: z.ZodType<Args>;
  /** false: `${name}` in the args is left for the shell on the host to expand. */
  readonly substitutes: boolean;
  /** May it run on the controller (`on: controller`)? */
  readonly places: readonly ("host" | "controller")[];
  /** Paths in the plan's folder that the args refer to; their content is part of the digest. */
  refers(args: Args): readonly string[];
  /** Trouble that only shows with the referred files at hand, as sentences: an empty patch, say. */
  review(args: Args, files: ReferredContent): readonly string[];
  /** The program that it runs, where the plan has its text: the static review reads it. */
  program?(args: Args, files: ReferredContent): ProgramText;
  orders(args: Args, context: StepContext): StepOrders;
  /** What these orders do to files, where the kind itself knows all of it. */
  changes?(args: Args, context: StepContext): readonly PlannedChange[];
}

/** Content of what a step refers to, by the path written in the plan. */
export type ReferredContent = (path: string) => readonly {
  readonly path: string;
  readonly mode: string;
  readonly content: Uint8Array;
}[];

export interface StepContext {
  /** All variables of this instance, secrets among them as `secret_NAME`. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: ReferredContent;
}

export type StepOrders =
  | {
      readonly do: "script";
      readonly script: string;
      readonly interpreter: readonly string[];
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly files: readonly StagedFile[];
      /** Absolute paths that this writes by itself: snapshotted with the step, and put back exactly. */
      readonly writes: readonly string[];
      /** Absolute paths of folders that it makes where they are missing: each goes with what it wrote. */
      readonly makes?: readonly string[];
      /** Programs that the host must have, checked before anything is touched. */
      readonly needs: readonly string[];
      /** One line for previews and reports, in the words of the plan. */
      readonly summary: string;
    }
  | { readonly do: "http"; readonly request: HttpRequest; readonly summary: string };

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Statuses that count as done; empty: any 2xx. */
  readonly status: readonly number[];
  readonly timeoutMs: number;
}
