import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  inOrderOf,
  type OrderedRegion,
  orderTrouble,
  outliersLast,
} from "../../src/core/outliers-last.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const itineraryOf = (batches: readonly (readonly string[])[], maxBad = 0) =>
  smallItinerary({ regions: { eu: batches }, maxBad });

const namesIn = (ordered: readonly OrderedRegion[]) =>
  ordered.map(({ batches }) => batches.map(({ instances }) => instances.join(" ")));

describe("who is not like the others goes last", () => {
  test.each<[string, readonly (readonly string[])[], readonly string[], readonly string[]]>([
    ["the canary itself", [["a"], ["b", "c"], ["d"]], ["a"], ["b", "c d", "a"]],
    ["one of the last batch", [["a"], ["b", "c"]], ["c"], ["a", "b", "c"]],
    [
      "two, each as large as a canary",
      [["a"], ["b", "c"], ["d"]],
      ["a", "c"],
      ["b", "d", "a", "c"],
    ],
    [
      "two in one, where a canary is two",
      [
        ["a", "b"],
        ["c", "d"],
      ],
      ["a", "c"],
      ["b d", "a c"],
    ],
  ])("%s", (_name, batches, odd, after) => {
    expect(namesIn(outliersLast(itineraryOf(batches), new Set(odd)))).toEqual([after]);
  });

  test.each<[string, readonly (readonly string[])[], readonly string[]]>([
    ["a fleet that is alike", [["a"], ["b"]], []],
    ["one that is last and alone already", [["a"], ["b"]], ["b"]],
    ["a region of odd ones alone", [["a"], ["b", "c"]], ["a", "b", "c"]],
    ["somebody who is not there", [["a"], ["b"]], ["z"]],
  ])("and nothing changes for %s", (_name, batches, odd) => {
    expect(outliersLast(itineraryOf(batches), new Set(odd))).toEqual([]);
  });

  test("a limit in percent is of the new batch", () => {
    const { plan, ...rest } = itineraryOf([["a", "b", "c", "d"]]);
    const rollout = { ...plan.rollout, maxBad: { percent: 50 } };
    const [eu] = outliersLast({ ...rest, plan: { ...plan, rollout } }, new Set(["a"]));
    expect(eu?.batches.map(({ maxBad }) => maxBad)).toEqual([1, 0]);
  });
});

test("whatever is odd: the same instances, each once, others in their order, odd ones apart and last, no batch larger", () => {
  const world = fc
    .array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 3,
    })
    .chain((sizes) =>
      fc.record({
        sizes: fc.constant(sizes),
        picks: fc.array(fc.boolean(), { minLength: 90, maxLength: 90 }),
      }),
    );
  fc.assert(
    fc.property(world, ({ sizes, picks }) => {
      let made = 0;
      const odd = new Set<string>();
      const regions = Object.fromEntries(
        sizes.map((batches, r) => [
          `r${r}`,
          batches.map((size) =>
            Array.from({ length: size }, () => {
              const name = `i${made}`;
              if (picks[made] === true) odd.add(name);
              made += 1;
              return name;
            }),
          ),
        ]),
      );
      const before = smallItinerary({ regions });
      const ordered = outliersLast(before, odd);
      expect(orderTrouble(before, ordered)).toEqual([]);
      const after = inOrderOf(before, ordered);
      for (const [at, region] of before.regions.entries()) {
        const now = after.regions[at]!.batches.map(({ instances }) => instances);
        const was = region.batches.map(({ instances }) => instances);
        expect(now.flat().toSorted()).toEqual(was.flat().toSorted());
        if (was.flat().every((name) => odd.has(name))) continue;
        const isOdd = (name: string): boolean => odd.has(name);
        expect(now.flat().filter((name) => !isOdd(name))).toEqual(
          was.flat().filter((name) => !isOdd(name)),
        );
        const kinds = now.map((names) => names.map(isOdd));
        expect(kinds.every((all) => new Set(all).size === 1)).toBe(true);
        expect(kinds.flat()).toEqual(
          kinds.flat().toSorted((one, other) => Number(one) - Number(other)),
        );
        const larger = now.filter((names, index) => {
          const printed = was[isOdd(names[0]!) ? 0 : index];
          return names.length > (printed?.length ?? 0);
        });
        expect(larger).toEqual([]);
        expect(Math.max(...now.map(({ length }) => length))).toBeLessThanOrEqual(
          Math.max(...was.map(({ length }) => length)),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test.each<[string, OrderedRegion, RegExp]>([
  ["somebody else", { region: "eu", batches: [{ instances: ["a", "z"], maxBad: 0 }] }, /^12: /],
  [
    "one instance twice",
    { region: "eu", batches: [{ instances: ["a", "a"], maxBad: 0 }] },
    /^12: /,
  ],
  ["another region", { region: "us", batches: [] }, /^12: there is no region us/],
  ["all at once", { region: "eu", batches: [{ instances: ["a", "b"], maxBad: 0 }] }, /^5: /],
])("an order with %s is no order", (_name, ordered, says) => {
  expect(orderTrouble(itineraryOf([["a"], ["b"]]), [ordered]).join()).toMatch(says);
});
