import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { countdownScript } from "../../src/serve/countdown-script.ts";
import { secondsLeft } from "../../src/views/bake-progress.ts";

interface Clock {
  reopened(): void;
  told(nowMs: number): void;
  nowMs(): number;
}

interface Made {
  readonly leftWords: (ms: number) => string;
  readonly serverClock: (steadyMs: () => number) => Clock;
  readonly countDown: (it: object, nowMs: number) => void;
}

/** As a page has them: from the very text that is served. */
const { leftWords, serverClock, countDown }: Made = runInNewContext(
  `${countdownScript}; ({ leftWords, serverClock, countDown })`,
);

describe("a page that counts down", () => {
  test("says how long it still is as the terminal does", () => {
    const minute = 60_000;
    const hour = 60 * minute;
    for (const ms of [
      -5,
      0,
      1,
      999,
      1_000,
      1_001,
      59_000,
      59_001,
      minute,
      minute + 1,
      61_001,
      10 * minute,
      hour - 1,
      hour,
      hour + 5 * minute,
      30 * hour + 1,
      47 * hour,
      48 * hour,
      50 * hour + minute,
      200 * hour,
    ])
      expect([ms, leftWords(ms)]).toEqual([ms, secondsLeft(ms)]);
  });

  test("goes by the server's clock, however wrong its own is, and takes the quickest word for it", () => {
    const steady = { ms: 500 };
    const clock = serverClock(() => steady.ms);
    // Two seconds late, and then on time.
    clock.told(1_000_000 - 2_000);
    steady.ms += 1_000;
    clock.told(1_001_000);
    expect(clock.nowMs()).toBe(1_001_000);
    steady.ms += 3_000;
    clock.told(1_004_000 - 800);
    expect(clock.nowMs()).toBe(1_004_000);
    clock.told(Number.NaN);
    expect(clock.nowMs()).toBe(1_004_000);
  });

  test("follows a server's clock that is set back, at once on a new line, else after some words", () => {
    const steady = { ms: 0 };
    const clock = serverClock(() => steady.ms);
    clock.told(9_000_000);
    clock.reopened();
    // Until something is said on the new line, the old word counts.
    expect(clock.nowMs()).toBe(9_000_000);
    clock.told(5_000_000);
    expect(clock.nowMs()).toBe(5_000_000);
    for (let times = 0; times < 8; times += 1) clock.told(1_000_000);
    expect(clock.nowMs()).toBe(1_000_000);
  });

  test("says what is so when the time is over, and touches nothing that stays", () => {
    const said: string[] = [];
    const it = {
      dataset: {
        ends: "2026-01-01T00:01:00.000Z",
        before: "settling, ",
        after: " left",
        over: "looks",
      },
      get textContent() {
        return said.at(-1) ?? "";
      },
      set textContent(text: string) {
        said.push(text);
      },
    };
    for (const ms of [0, 100, 900, 1_000, 59_999, 60_000, 90_000])
      countDown(it, Date.parse("2026-01-01T00:00:00.000Z") + ms);
    expect(said).toEqual([
      "settling, 1 min 00 s left",
      "settling, 59 s left",
      "settling, 1 s left",
      "looks",
    ]);
  });
});
