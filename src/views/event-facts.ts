import type { Failure } from "../core/failure.ts";
import type { ItineraryRegion } from "../core/itinerary.ts";
import { printable } from "../core/printable.ts";
import type { RolloutState } from "../core/state.ts";

/** On every event. */
export interface About {
  readonly at: string;
  readonly rollout: string;
}

/** Name of a step and its place from 1, for its index in the plan. */
export function stepOf(state: RolloutState, index: number): { step: string; stepNumber: number } {
  return { step: state.itinerary.plan.steps[index]?.name ?? "?", stepNumber: index + 1 };
}

/** The region as planned; a journal that names another is broken. */
export function regionOf(state: RolloutState, name: string): ItineraryRegion {
  const region = state.itinerary.regions.find((it) => it.name === name);
  if (region === undefined) throw new Error(`region "${name}" is not in the itinerary`);
  return region;
}

/** Just the public fields, none of them undefined. */
export function publicFailure(failure: Failure): Failure {
  const { code, message, hint, host, path, detail } = failure;
  return {
    code,
    message,
    hint,
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Characters of one text in an event: what is longer was not bounded where it came from. */
const textMax = 65_536;

/** The same value with every text in it, keys too, safe to print. Safe text stays as it is. */
export function safeDeep<T>(value: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape: only strings differ
  return deep(value) as T;
}

function deep(value: unknown): unknown {
  if (typeof value === "string") return printable(value, { max: textMax });
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [printable(key), deep(each)]),
  );
}
