import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./ports/clock.ts";

/** The clock of this machine: a monotonic one to wait by, and the wall's for people. */
export function systemClock(): Clock {
  return {
    chance: Math.random,
    now: () => performance.now(),
    wall: () => new Date().toISOString(),
    async sleep(ms, signal) {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    },
  };
}
