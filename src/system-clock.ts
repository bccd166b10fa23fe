import { setTimeout as sleep } from "node:timers/promises";
import { timerMaxMs } from "./core/plan/durations.ts";
import type { Clock } from "./ports/clock.ts";

/** The clock of this machine: a monotonic one to wait by, and the wall's for people. */
export function systemClock(): Clock {
  return {
    chance: Math.random,
    now: () => performance.now(),
    wall: () => new Date().toISOString(),
    async sleep(ms, signal) {
      const options = signal === undefined ? {} : { signal };
      let leftMs = ms;
      for (; leftMs > timerMaxMs; leftMs -= timerMaxMs) await sleep(timerMaxMs, undefined, options);
      await sleep(leftMs, undefined, options);
    },
  };
}
