import type { ProbeAnswer } from "../ports/probe-kind.ts";

/** What a look found, before the time that it took is known. */
export type Found = Omit<ProbeAnswer, "tookMs">;

export function pass(because: string): Found {
  return { is: "pass", because };
}

export function fail(because: string): Found {
  return { is: "fail", because };
}

/** Could not tell. */
export function error(because: string): Found {
  return { is: "error", because };
}

/** The answer of a look, with the milliseconds that it took. */
export async function timed(look: () => Promise<Found>): Promise<ProbeAnswer> {
  const startedMs = performance.now();
  const found = await look();
  return { ...found, tookMs: Math.round(performance.now() - startedMs) };
}
