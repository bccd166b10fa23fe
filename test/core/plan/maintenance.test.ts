import { expect, test } from "vitest";
import { parseWindow } from "../../../src/core/plan/maintenance.ts";

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
