import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fact, type FleetMember, outliers } from "../../src/core/outliers.ts";

/** Hosts h0 … with one fact each. */
function fleet(values: readonly (string | number)[], more: Partial<Fact> = {}): FleetMember[] {
  return values.map((value, at) => ({
    name: `h${at}`,
    facts: [{ about: "the mount of ${home}/tmp", value, ...more }],
  }));
}

const times = <T>(count: number, value: T): readonly T[] =>
  Array.from({ length: count }, () => value);

describe("the odd one out", () => {
  test("is the only one of fifty whose temp folder lies on a mount of its own, told in words", () => {
    const values = times(50, "shared ext4").with(31, "own tmpfs");
    expect(outliers(fleet(values))).toEqual([
      {
        name: "h31",
        about: "the mount of ${home}/tmp",
        says: "the mount of ${home}/tmp is own tmpfs on h31, and shared ext4 on all the others",
      },
    ]);
  });

  test.each<[string, readonly (string | number)[], readonly string[]]>([
    ["a folder that is empty where the others are full", [...times(9, 900), 0], ["h9"]],
    ["one that is far fuller", [...times(9, 100), 100_000], ["h9"]],
    [
      "five of fifty, at most",
      [...times(45, "a"), ...times(5, "b")],
      ["h45", "h46", "h47", "h48", "h49"],
    ],
    ["none where it is six of fifty", [...times(44, "a"), ...times(6, "b")], []],
    ["none of three", ["a", "a", "b"], []],
    ["none where half are otherwise", [...times(5, "a"), ...times(5, "b")], []],
    ["none where each is its own", ["a", "b", "c", "d", "e"], []],
    ["none where numbers spread widely anyway", [1, 10, 100, 1000, 10_000, 100_000], []],
    ["none where a number is little more than the others", [10, 11, 9, 10, 40], []],
  ])("%s", (_, values, odd) => {
    expect(outliers(fleet(values)).map(({ name }) => name)).toEqual(odd);
  });

  test("small numbers that lie near each other are never odd, however many times they are", () => {
    expect(outliers(fleet([1, 1, 1, 1, 20], { near: 50 }))).toEqual([]);
    expect(outliers(fleet([1, 1, 1, 1, 200], { near: 50 }))).toHaveLength(1);
  });

  test("a homogeneous fleet has none, whatever its facts are", () => {
    const value = fc.oneof(fc.string(), fc.nat());
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 8 }),
        fc.integer({ min: 0, max: 60 }),
        (facts, count) => {
          const members = Array.from({ length: count }, (unused, at) => ({
            name: `h${at}`,
            facts: facts.map((each, about) => ({ about: String(about), value: each })),
          }));
          expect(outliers(members)).toEqual([]);
        },
      ),
    );
  });

  test("a planted one is found in any fleet of at least four that agrees", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(), fc.string(), (count, where, word) => {
        const at = where % count;
        const values = times(count, `${word} usual`).with(at, `${word} odd`);
        expect(outliers(fleet(values)).map(({ name }) => name)).toEqual([`h${at}`]);
      }),
    );
  });
});
