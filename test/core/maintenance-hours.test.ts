import { describe, expect, test } from "vitest";
import { hoursAt } from "../../src/core/maintenance-hours.ts";
import { parseWindow } from "../../src/core/plan/maintenance.ts";

interface Case {
  readonly says: string;
  readonly windows: readonly string[];
  readonly zone: string | null;
  readonly at: string;
  readonly open: boolean;
  readonly until: string | null;
}

const cn = { windows: ["Mon-Thu 02:00-05:00"], zone: "Asia/Shanghai" };
const berlin = { windows: ["Sun 02:00-05:00"], zone: "Europe/Berlin" };
const berlinGap = { windows: ["Sun 02:15-02:45"], zone: "Europe/Berlin" };

/** 2026: in Berlin summer time begins on 29 March at 01:00Z, and ends on 25 October at 01:00Z. */
const cases: readonly Case[] = [
  {
    says: "before it opens, the evening before in UTC",
    ...cn,
    at: "2026-11-22T17:59:59.999Z",
    open: false,
    until: "2026-11-22T18:00:00Z",
  },
  {
    says: "at the minute at which it opens",
    ...cn,
    at: "2026-11-22T18:00:00Z",
    open: true,
    until: "2026-11-22T21:00:00Z",
  },
  {
    says: "at the minute at which it closes",
    ...cn,
    at: "2026-11-22T21:00:00Z",
    open: false,
    until: "2026-11-23T18:00:00Z",
  },
  {
    says: "after the last of the week",
    ...cn,
    at: "2026-11-26T03:00:00Z",
    open: false,
    until: "2026-11-29T18:00:00Z",
  },
  {
    says: "no zone is UTC",
    windows: ["Sat 10:00-11:00"],
    zone: null,
    at: "2026-11-28T09:00:00Z",
    open: false,
    until: "2026-11-28T10:00:00Z",
  },
  {
    says: "past midnight it belongs to the day on which it began",
    windows: ["Fri 22:00-04:00"],
    zone: null,
    at: "2026-11-28T03:59:00Z",
    open: true,
    until: "2026-11-28T04:00:00Z",
  },
  {
    says: "and not to the morning of that day",
    windows: ["Fri 22:00-04:00"],
    zone: null,
    at: "2026-11-27T03:00:00Z",
    open: false,
    until: "2026-11-27T22:00:00Z",
  },
  {
    says: "two that touch are one",
    windows: ["Sat 10:00-11:00", "Sat 11:00-12:30"],
    zone: null,
    at: "2026-11-28T10:30:00Z",
    open: true,
    until: "2026-11-28T12:30:00Z",
  },
  {
    says: "the whole week never closes",
    windows: ["00:00-24:00"],
    zone: "Asia/Kathmandu",
    at: "2026-11-28T10:30:00Z",
    open: true,
    until: null,
  },
  {
    says: "a zone that is a quarter of an hour off",
    windows: ["09:00-10:00"],
    zone: "Asia/Kathmandu",
    at: "2026-11-28T03:00:00Z",
    open: false,
    until: "2026-11-28T03:15:00Z",
  },
  {
    says: "in winter",
    ...berlin,
    at: "2026-03-22T00:30:00Z",
    open: false,
    until: "2026-03-22T01:00:00Z",
  },
  {
    says: "when 02:00 becomes 03:00, it opens at 03:00, an hour short",
    ...berlin,
    at: "2026-03-29T00:59:00Z",
    open: false,
    until: "2026-03-29T01:00:00Z",
  },
  {
    says: "and closes at 05:00 of summer time",
    ...berlin,
    at: "2026-03-29T01:00:00Z",
    open: true,
    until: "2026-03-29T03:00:00Z",
  },
  {
    says: "when 03:00 becomes 02:00, it is an hour longer",
    ...berlin,
    at: "2026-10-25T00:00:00Z",
    open: true,
    until: "2026-10-25T04:00:00Z",
  },
  {
    says: "one that the clocks skip waits for the next week",
    ...berlinGap,
    at: "2026-03-29T00:30:00Z",
    open: false,
    until: "2026-04-05T00:15:00Z",
  },
  {
    says: "one that comes twice is there twice: first",
    ...berlinGap,
    at: "2026-10-25T00:20:00Z",
    open: true,
    until: "2026-10-25T00:45:00Z",
  },
  {
    says: "and again",
    ...berlinGap,
    at: "2026-10-25T00:45:00Z",
    open: false,
    until: "2026-10-25T01:15:00Z",
  },
  {
    says: "half an hour of summer time, on Lord Howe Island",
    windows: ["Sun 02:15-03:00"],
    zone: "Australia/Lord_Howe",
    at: "2026-10-03T15:20:00Z",
    open: false,
    until: "2026-10-03T15:30:00Z",
  },
];

describe("the maintenance windows of a region", () => {
  test.each(cases)("$says: $at in $zone", ({ windows, zone, at, open, until }) => {
    const parsed = windows.flatMap((text) => parseWindow(text) ?? []);
    expect(parsed).toHaveLength(windows.length);
    expect(hoursAt(parsed, zone, at)).toEqual({ open, until });
  });

  test("agree with the clocks of the zone, asked every few minutes over both changes of a year", () => {
    const [window] = [parseWindow("Sat-Sun 01:30-03:30")!];
    const clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: "America/New_York",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    for (const day of ["2026-03-08", "2026-11-01"])
      for (let minute = 0; minute < 24 * 60; minute += 17) {
        const at = new Date(Date.parse(`${day}T00:00:00Z`) + minute * 60_000).toISOString();
        const there = clock.format(Date.parse(at));
        const open = /^(Sat|Sun)/.test(there) && /0(1:[345]|2:|3:[012])/.test(there);
        expect([there, hoursAt([window], "America/New_York", at).open]).toEqual([there, open]);
      }
  });
});
