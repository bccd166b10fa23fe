import type { StepKind } from "../ports/step-kind.ts";
import { copy } from "./copy.ts";
import { http } from "./http.ts";
import { patch } from "./patch.ts";
import { remove } from "./remove.ts";
import { run } from "./run.ts";
import { script } from "./script.ts";
import { service } from "./service.ts";

/** Every kind of step, in the order in which `handrail schema plan` lists them. */
export const stepKinds = [run, script, copy, patch, remove, service, http] as const;

/** The kind of this name; null when there is none. */
export function stepKind(name: string): StepKind | null {
  return stepKinds.find((kind) => kind.name === name) ?? null;
}
