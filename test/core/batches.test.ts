import * as fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf, batchSizes, countText, resolveCount } from "../../src/core/batches.ts";
import type { Count } from "../../src/core/plan/plan.ts";

const number = (value: number): Count => ({ number: value });
const percent = (value: number): Count => ({ percent: value });

test.each([
  [40, [number(1), number(5), percent(20)], [1, 5, 8, 8, 8, 8, 2]],
  [1, [number(1), number(5), percent(20)], [1]],
  [3, [percent(20)], [1, 1, 1]],
  [4, [number(1), percent(50)], [1, 2, 1]],
  [5, [number(9)], [5]],
  [10, [percent(100)], [10]],
  [0, [number(1)], []],
])("%i instances in batches of %j go as %j", (count, sizes, batches) => {
  expect(batchSizes(count, sizes)).toEqual(batches);
});

test.each([
  [percent(10), 12, 1],
  [percent(10), 9, 0],
  [percent(33.3), 10, 3],
  [number(3), 2, 3],
])("%j of %i is %i: a percentage is rounded down", (count, of, resolved) => {
  expect(resolveCount(count, of)).toBe(resolved);
});

test("a percentage never stands without its number", () => {
  expect(countText(percent(20), 17)).toBe("20% (3)");
  expect(countText(number(5), 17)).toBe("5");
});

test("batches are the instances, each once, in order, and none is empty", () => {
  const count = fc.oneof(
    fc.integer({ min: 1, max: 30 }).map(number),
    fc.integer({ min: 1, max: 100 }).map(percent),
  );
  const fleet = fc.array(fc.integer(), { maxLength: 200 });
  fc.assert(
    fc.property(fleet, fc.array(count, { minLength: 1, maxLength: 5 }), (instances, sizes) => {
      const batches = batchesOf(instances, sizes);
      expect(batches.flat()).toEqual(instances);
      expect(batches.every((batch) => batch.length > 0)).toBe(true);
    }),
  );
});
