import { describe, expect, test } from "vitest";
import { wantsColor } from "../../src/views/paint.ts";
import { duration } from "../../src/core/duration-words.ts";
import { msBetween, span, utcDateTime, zoneTime } from "../../src/views/times.ts";
import { clipped, counted, listed, resolved, size } from "../../src/views/wording.ts";

describe("times", () => {
  test.each([
    [0, "0 ms"],
    [340, "340 ms"],
    [999.4, "999 ms"],
    [999.9, "1.0 s"],
    [1_234, "1.2 s"],
    [9_949, "9.9 s"],
    [9_960, "10 s"],
    [59_400, "59 s"],
    [59_700, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_599_700, "1 h 00 min"],
    [12_240_000, "3 h 24 min"],
    [604_800_000, "7 days"],
    [612_000_000, "7 days 2 h"],
    [-5, "0 ms"],
    [Number.NaN, "?"],
  ])("a duration of %d ms is said as %s", (ms, said) => {
    expect(duration(ms)).toBe(said);
  });

  test.each([
    [250, "250 ms"],
    [2_000, "2 s"],
    [300_000, "5 min"],
    [5_400_000, "90 min"],
    [86_400_000, "1 day"],
    [604_800_000, "7 days"],
    [1_500, "1.5 s"],
    [0, "0 ms"],
  ])("a chosen time of %d ms is said as %s", (ms, said) => {
    expect(span(ms)).toBe(said);
  });

  test.each([
    ["2021-03-09T21:59:12.000Z", "Asia/Shanghai", "2021-03-10 05:59:12 Asia/Shanghai"],
    ["2026-11-23T03:12:44.000Z", "Asia/Shanghai", "11:12:44 Asia/Shanghai"],
    ["2026-07-01T10:00:00.000Z", "Europe/Berlin", "12:00:00 Europe/Berlin"],
    ["2026-12-01T10:00:00.000Z", "Europe/Berlin", "11:00:00 Europe/Berlin"],
    ["2026-01-01T00:00:00.000Z", "UTC", "00:00:00 UTC"],
    ["2026-01-01T00:00:00.000Z", "No/Where", null],
    ["2026-01-01T00:00:00.000Z", null, null],
    ["nonsense", "UTC", null],
  ])("%s in %s is %s", (at, zone, said) => {
    expect(zoneTime(at, zone)).toBe(said);
  });

  test("a time without its other end has no length", () => {
    expect(msBetween(null, "2026-01-01T00:00:00.000Z")).toBeNull();
    expect(msBetween("2026-01-01T00:00:00.000Z", "nonsense")).toBeNull();
    expect(msBetween("2026-01-01T00:00:01.000Z", "2026-01-01T00:00:00.000Z")).toBeNull();
    expect(msBetween("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.500Z")).toBe(1_500);
    expect(utcDateTime("2026-01-01T00:00:01.500Z")).toBe("2026-01-01 00:00:01Z");
  });
});

describe("words", () => {
  test("are counted, listed, cut and sized as people say them", () => {
    expect([counted(1, "entry", "entries"), counted(1_204, "entry", "entries")]).toEqual([
      "1 entry",
      "1,204 entries",
    ]);
    expect(listed(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d, e, f");
    expect(listed(["a", "b", "c", "d", "e", "f", "g"])).toBe("a, b, c, d, e and 2 more");
    expect([clipped("abcdef", 4), clipped("🙂🙂🙂", 2), clipped("ab", 2)]).toEqual([
      "abc…",
      "🙂…",
      "ab",
    ]);
    expect([0, 999, 1_000, 3_401_000, 999_600, 12e9].map(size)).toEqual([
      "0 B",
      "999 B",
      "1.0 kB",
      "3.4 MB",
      "1.0 MB",
      "12 GB",
    ]);
    expect([resolved({ percent: 20 }, 3), resolved({ number: 5 }, 5)]).toEqual(["20 % = 3", "5"]);
  });
});

describe("colour", () => {
  test.each<[string, Parameters<typeof wantsColor>[0], boolean]>([
    ["on a terminal", { isTTY: true, env: {}, flag: null }, true],
    ["not in a pipe", { isTTY: false, env: {}, flag: null }, false],
    ["not on a dumb terminal", { isTTY: true, env: { TERM: "dumb" }, flag: null }, false],
    ["not with NO_COLOR", { isTTY: true, env: { NO_COLOR: "1" }, flag: null }, false],
    ["with an empty NO_COLOR", { isTTY: true, env: { NO_COLOR: "" }, flag: null }, true],
    ["in a pipe with FORCE_COLOR", { isTTY: false, env: { FORCE_COLOR: "1" }, flag: null }, true],
    ["not with FORCE_COLOR=0", { isTTY: true, env: { FORCE_COLOR: "0" }, flag: null }, false],
    [
      "not with both: NO_COLOR wins",
      { isTTY: true, env: { FORCE_COLOR: "1", NO_COLOR: "1" }, flag: null },
      false,
    ],
    ["not with --no-color", { isTTY: true, env: { FORCE_COLOR: "1" }, flag: false }, false],
    ["with --color whatever else", { isTTY: false, env: { NO_COLOR: "1" }, flag: true }, true],
  ])("is used %s", (_when, question, wanted) => {
    expect(wantsColor(question)).toBe(wanted);
  });
});
