import * as fc from "fast-check";
import { expect, test } from "vitest";
import { expandRange, rangeMax } from "../../../src/core/plan/ranges.ts";

test.each([
  ["ap01", ["ap01"]],
  ["ap[01:03]", ["ap01", "ap02", "ap03"]],
  ["ap[1:3]", ["ap1", "ap2", "ap3"]],
  ["ap[8:11]", ["ap8", "ap9", "ap10", "ap11"]],
  ["ap[08:11]", ["ap08", "ap09", "ap10", "ap11"]],
  ["ap[0:10:5]", ["ap0", "ap5", "ap10"]],
  ["db-[a:c].example.com", ["db-a.example.com", "db-b.example.com", "db-c.example.com"]],
  ["X[A:E:2]", ["XA", "XC", "XE"]],
  ["n[7:7]", ["n7"]],
])("%s stands for %j", (written, names) => {
  const expanded = expandRange(written);
  expect("ok" in expanded ? expanded.ok.map((entry) => entry.name) : expanded.wrong).toEqual(names);
});

test("a name without a range has no index", () => {
  expect(expandRange("ap01")).toEqual({ ok: [{ name: "ap01", index: null }] });
});

test("a range of the largest size is given, one more is refused", () => {
  expect(expandRange(`a[1:${rangeMax}]`)).toHaveProperty("ok.length", rangeMax);
  expect(expandRange(`a[1:${rangeMax + 1}]`)).toHaveProperty("wrong");
});

test("a range gives every number from first to last once, in order, all of one width when it begins with 0", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 9 }), (from, more, step) => {
      const width = String(from + more).length + 1;
      const padded = (value: number): string => String(value).padStart(width, "0");
      const expanded = expandRange(`ap[${padded(from)}:${padded(from + more)}:${step}]`);
      if (!("ok" in expanded)) throw new Error(expanded.wrong);
      const indexes = expanded.ok.map((entry) => entry.index);
      const wanted = Array.from({ length: Math.floor(more / step) + 1 }, (_, at) =>
        padded(from + at * step),
      );
      expect(indexes).toEqual(wanted);
      expect(new Set(expanded.ok.map((entry) => entry.name)).size).toBe(wanted.length);
    }),
  );
});

test("no text at all makes it throw, or give more than it may", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, range, after) => {
      const expanded = expandRange(`${before}[${range}]${after}`);
      const made = "ok" in expanded ? expanded.ok.length : 0;
      expect(made).toBeLessThanOrEqual(rangeMax);
    }),
  );
});
