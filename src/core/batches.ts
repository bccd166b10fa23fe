import type { Count } from "./plan/plan.ts";

/** A count of something there are `of` of: percentages are rounded down, so that a limit never grows. */
export function resolveCount(count: Count, of: number): number {
  return "number" in count ? count.number : Math.floor((of * count.percent) / 100);
}

/**
 * How many instances each batch of a region of `count` has. Percentages are of the region, rounded
 * down, at least 1; the last size repeats; the last batch takes what is left.
 */
export function batchSizes(count: number, sizes: readonly Count[]): readonly number[] {
  const batches: number[] = [];
  let left = count;
  for (let at = 0; left > 0; at += 1) {
    const size = sizes[Math.min(at, sizes.length - 1)] ?? { number: count };
    const batch = Math.min(left, Math.max(1, resolveCount(size, count)));
    batches.push(batch);
    left -= batch;
  }
  return batches;
}

/** The same, with the things themselves: every one of them once, in their order. */
export function batchesOf<T>(
  things: readonly T[],
  sizes: readonly Count[],
): readonly (readonly T[])[] {
  let at = 0;
  return batchSizes(things.length, sizes).map((size) => things.slice(at, (at += size)));
}

/** `20% (3)` or `5`: a percentage never stands without the number that it comes to. */
export function countText(count: Count, of: number): string {
  return "number" in count
    ? String(count.number)
    : `${count.percent}% (${resolveCount(count, of)})`;
}
