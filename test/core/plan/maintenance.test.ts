import { expect, test } from "vitest";
import { parseWindow, windowsAt } from "../../../src/core/plan/maintenance.ts";

test.each([
  ["Mon-Thu 02:00-05:00", { days: [1, 2, 3, 4], fromMinute: 120, toMinute: 300 }],
  ["Sat,Sun 00:00-24:00", { days: [0, 6], fromMinute: 0, toMinute: 1440 }],
  ["Fri-Mon 22:00-04:00", { days: [0, 1, 5, 6], fromMinute: 1320, toMinute: 240 }],
  ["mon,wed-thu 02:30-05:00", { days: [1, 3, 4], fromMinute: 150, toMinute: 300 }],
  ["02:00-05:00", { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 120, toMinute: 300 }],
])("%s is %j", (text, window) => {
  expect(parseWindow(text)).toEqual(window);
});

test.each([
  "",
  "Mon",
  "Mon 2-5",
  "Mon 02:00",
  "Mon 02:00-02:00",
  "Mon 02:60-05:00",
  "Mon 02:00-24:01",
  "Mon 24:00-02:00",
  "Mun 02:00-05:00",
  "Mon-Tue-Wed 02:00-05:00",
  ", 02:00-05:00",
])("%j is no window", (text) => {
  expect(parseWindow(text)).toBeNull();
});

const utc = (ms: number | null | undefined): string | null =>
  ms == null ? null : new Date(ms).toISOString().slice(0, 16);

// 2026-11-28 was a Saturday.
test.each([
  [
    "before it, in its zone",
    "Mon-Thu 02:00-05:00",
    "Asia/Shanghai",
    "2026-11-28T09:00Z",
    null,
    "2026-11-29T18:00",
  ],
  [
    "inside it",
    "Sat 10:00-22:00",
    "Asia/Singapore",
    "2026-11-28T09:00Z",
    "2026-11-28T14:00",
    "2026-12-05T02:00",
  ],
  [
    "at its first moment",
    "Sat 10:00-22:00",
    "UTC",
    "2026-11-28T10:00Z",
    "2026-11-28T22:00",
    "2026-12-05T10:00",
  ],
  ["at its end", "Sat 10:00-22:00", "UTC", "2026-11-28T22:00Z", null, "2026-12-05T10:00"],
  [
    "past midnight, begun the day before",
    "Fri 22:00-04:00",
    "UTC",
    "2026-11-28T03:00Z",
    "2026-11-28T04:00",
    "2026-12-04T22:00",
  ],
  [
    "two that touch are one",
    "Fri 22:00-24:00;Sat 00:00-03:00",
    "UTC",
    "2026-11-27T23:00Z",
    "2026-11-28T03:00",
    "2026-12-04T22:00",
  ],
  ["always open", "00:00-24:00", "UTC", "2026-11-28T03:00Z", "2026-12-07T00:00", null],
  // Europe/Berlin leaves out 02:00-03:00 on 2027-03-28, and has it twice on 2026-10-25.
  [
    "in an hour that the clock leaves out",
    "Sun 02:30-04:00",
    "Europe/Berlin",
    "2027-03-27T12:00Z",
    null,
    "2027-03-28T01:30",
  ],
  [
    "in an hour that the clock has twice",
    "Sun 02:30-05:00",
    "Europe/Berlin",
    "2026-10-24T12:00Z",
    null,
    "2026-10-25T00:30",
  ],
  [
    "west of Greenwich",
    "Sun 20:00-23:00",
    "America/Los_Angeles",
    "2026-11-28T09:00Z",
    null,
    "2026-11-30T04:00",
  ],
])("%s: %s in %s at %s", (_says, text, timezone, at, closes, opens) => {
  const windows = text.split(";").map((each) => parseWindow(each)!);
  const now = windowsAt(windows, { timezone, atMs: Date.parse(at) });
  expect(now?.inside).toBe(closes !== null);
  expect([utc(now?.closesMs), utc(now?.opensMs)]).toEqual([closes, opens]);
});

test("a zone that is none tells nothing", () => {
  expect(windowsAt([], { timezone: "Mars/Base", atMs: 0 })).toBeNull();
});
