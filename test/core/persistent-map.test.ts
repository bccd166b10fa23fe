import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changedBetween,
  chosenIn,
  countIn,
  persistentMap,
  withEntry,
} from "../../src/core/persistent-map.ts";

const isOdd = (value: number): boolean => value % 2 === 1;

/** One map after another, each made of any of those before it, beside a plain copy of what it must be. */
interface Pair {
  readonly map: ReadonlyMap<string, number>;
  readonly plain: ReadonlyMap<string, number>;
}

const key = fc.nat(150).map((at) => `key ${at}`);
const begins = fc.array(fc.tuple(key, fc.nat()), { maxLength: 120 });
const changes = fc.array(
  fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }), key, value: fc.nat() }),
  { maxLength: 120 },
);

function pairs(
  begin: readonly (readonly [string, number])[],
  made: readonly { readonly from: number; readonly key: string; readonly value: number }[],
): readonly Pair[] {
  const all: Pair[] = [{ map: persistentMap(begin), plain: new Map(begin) }];
  for (const change of made) {
    // Mostly of the newest, as a fold does; sometimes of one long ago.
    const at = change.from < 0.8 ? all.length - 1 : Math.floor((change.from - 0.8) * all.length);
    const { map, plain } = all[at]!;
    // Asked before the next is made, so that what is remembered is there to be wrong.
    chosenIn(map, isOdd);
    all.push({
      map: withEntry(map, change.key, change.value),
      plain: new Map(plain).set(change.key, change.value),
    });
  }
  return all;
}

describe("a map that others are made of", () => {
  test("is, and stays, what a copied Map would be, whatever is made of it", () => {
    fc.assert(
      fc.property(begins, changes, (begin, made) => {
        for (const { map, plain } of pairs(begin, made)) {
          expect([...map]).toEqual([...plain]);
          expect([...map.keys()]).toEqual([...plain.keys()]);
          expect([...map.values()]).toEqual([...plain.values()]);
          expect(map.size).toBe(plain.size);
          const told: (readonly [string, number])[] = [];
          map.forEach((value, name) => told.push([name, value]));
          expect(told).toEqual([...plain]);
          for (let at = 0; at <= 150; at += 7) {
            expect(map.get(`key ${at}`)).toBe(plain.get(`key ${at}`));
            expect(map.has(`key ${at}`)).toBe(plain.has(`key ${at}`));
          }
        }
      }),
    );
  });

  test("chooses and counts as one that asks every value", () => {
    fc.assert(
      fc.property(begins, changes, (begin, made) => {
        for (const { map, plain } of pairs(begin, made)) {
          const chosen = [...plain.values()].filter(isOdd);
          expect(chosenIn(map, isOdd)).toEqual(chosen);
          expect(countIn(map, isOdd)).toBe(chosen.length);
          expect(chosenIn(plain, isOdd)).toEqual(chosen);
        }
      }),
    );
  });

  test("tells what is another between any two, related or not", () => {
    const first = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(begins, changes, first, first, (begin, made, from, to) => {
        const all = pairs(begin, made);
        const before = all[Math.floor(from * all.length)]!;
        const after = all[Math.floor(to * all.length)]!;
        const expected = [...after.plain].flatMap(([name, is]) => {
          const was = before.plain.get(name);
          return was === is ? [] : [{ was, is }];
        });
        expect(changedBetween(before.map, after.map)).toEqual(expected);
        expect(changedBetween(before.plain, after.map)).toEqual(expected);
      }),
    );
  });

  test("asks each value once, and after a change only those around it", () => {
    let asked = 0;
    const isLarge = (value: number): boolean => {
      asked += 1;
      return value > 500;
    };
    const map = persistentMap(Array.from({ length: 1_000 }, (_, at) => [`key ${at}`, at] as const));
    expect(countIn(map, isLarge)).toBe(499);
    expect(asked).toBe(1_000);
    const next = withEntry(map, "key 3", 501);
    expect(countIn(next, isLarge)).toBe(500);
    expect(chosenIn(map, isLarge)).toHaveLength(499);
    expect(asked).toBeLessThanOrEqual(1_032);
  });

  test("is made of a plain Map, which stays as it is", () => {
    const plain = new Map([["a", 1]]);
    expect([...withEntry(plain, "b", 2)]).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect([...plain]).toEqual([["a", 1]]);
  });
});
