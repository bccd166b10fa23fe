import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeOf, scaleOver, ticksOf } from "../../src/views/picture/time-scale.ts";

const minute = 60_000;
const hour = 60 * minute;
const stretch = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe("the scale of a drawing", () => {
  test("is even where work has no long pause", () => {
    const scale = scaleOver([stretch(0, minute), stretch(minute + 5_000, 2 * minute)]);
    expect(scale.pieces).toEqual([
      { fromMs: 0, toMs: 2 * minute, from: 0, to: 100, folded: false },
    ]);
    expect(placeOf(scale, minute)).toBe(50);
  });

  test("folds a night of waiting, so that the work on both sides can be seen", () => {
    const scale = scaleOver([stretch(0, minute), stretch(9 * hour, 9 * hour + minute)]);
    expect(scale.pieces.map((piece) => piece.folded)).toEqual([false, true, false]);
    expect(placeOf(scale, minute)).toBeCloseTo(48.5);
    expect(placeOf(scale, 9 * hour)).toBeCloseTo(51.5);
    const within = ticksOf(scale).filter(({ atMs }) => atMs > minute && atMs < 9 * hour);
    expect(within).toEqual([]);
  });

  test("puts what lies outside at its edges", () => {
    const scale = scaleOver([stretch(1_000, 2_000)]);
    expect([0, 5_000].map((ms) => placeOf(scale, ms))).toEqual([0, 100]);
  });

  test("has a place for every work there is, in the order of time, and labels far enough apart", () => {
    const works = fc.array(
      fc
        .tuple(fc.nat(30 * 24 * hour), fc.nat(2 * hour))
        .map(([from, ms]) => stretch(from, from + ms)),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(works, (work) => {
        const scale = scaleOver(work);
        const times = work.flatMap(({ fromMs, toMs }) => [fromMs, toMs]).sort((a, b) => a - b);
        const places = times.map((ms) => placeOf(scale, ms));
        const sorted = places.every(
          (place, index) => place >= (places[index - 1] ?? 0) && place <= 100,
        );
        const ticks = ticksOf(scale).map(({ place }) => place);
        const apart = ticks.every((place, index) => index === 0 || place - ticks[index - 1]! > 8);
        expect({ sorted, apart }).toEqual({ sorted: true, apart: true });
        expect(ticks.length).toBeLessThanOrEqual(12);
      }),
    );
  });
});
