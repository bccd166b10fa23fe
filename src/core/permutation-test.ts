/** Two groups of numbers that may come from the same source. */
export interface TwoGroups {
  readonly changed: readonly number[];
  readonly control: readonly number[];
}

/** Up to so many ways to divide the numbers are gone through one by one; of more, some are drawn. */
export const exactMax = 20_000;

/** So many are drawn where nobody asks for more, unless it is clear before: p is 1 in 5,000 at least. */
export const drawsMax = 4_999;

/** A draw ends once so many were as far out as what was seen (Besag and Clifford 1991). */
const clearAfter = 40;

/**
 * How likely it is that chance alone puts the changed ones so far above the others: the part of all
 * divisions of the same numbers into groups of these sizes that do so at least as much (Fisher 1935,
 * Pitman 1937). Exact for small groups; for large ones divisions are drawn, and what was seen counts as
 * one of them, so that p is never too small (Phipson and Smyth 2010). How far is Welch's t: with it the
 * test also holds for groups whose spread differs, the better the larger they are (Janssen 1997; Chung
 * and Romano 2013).
 *
 * Pure: `seed` draws, and the same numbers and seed give the same p. Both groups must hold a number.
 */
export function chanceOfRise(
  { changed, control }: TwoGroups,
  seed: number,
  draws: number = drawsMax,
): number {
  const all = [...changed, ...control];
  const total = sumsOf(all);
  const size = changed.length;
  const seen = welch(sumsOf(changed), total, { size, count: all.length });
  // Equal divisions must count as equal, whichever order their sums were made in.
  const least = seen - Math.abs(seen) * 1e-9 - Number.EPSILON;
  const isFar = (part: Sums): boolean => welch(part, total, { size, count: all.length }) >= least;
  return ways(all.length, size) <= exactMax
    ? exactShare(all, size, isFar)
    : drawnShare(all, { size, seed, draws, isFar });
}

/** Into how many pairs of groups so many numbers can be divided; Infinity where that is far too many. */
export function ways(count: number, size: number): number {
  let product = 1;
  const least = Math.min(size, count - size);
  for (let at = 1; at <= least; at++) {
    product = (product * (count - least + at)) / at;
    if (product > 1e12) return Infinity;
  }
  return Math.round(product);
}

interface Sums {
  readonly sum: number;
  readonly squares: number;
}

function sumsOf(values: readonly number[]): Sums {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return { sum, squares };
}

/** Welch's t of one group against the rest. Where nothing varies, it is as far out as can be, or 0. */
function welch(
  part: Sums,
  total: Sums,
  { size, count }: { readonly size: number; readonly count: number },
): number {
  const rest = count - size;
  const mean = part.sum / size;
  const restMean = (total.sum - part.sum) / rest;
  const error =
    varianceOf(part.squares, mean, size) / size +
    varianceOf(total.squares - part.squares, restMean, rest) / rest;
  const rise = mean - restMean;
  const scale = Math.abs(mean) + Math.abs(restMean);
  if (Math.abs(rise) <= scale * 1e-12) return 0;
  return error <= scale * scale * 1e-24
    ? Math.sign(rise) * Number.MAX_VALUE
    : rise / Math.sqrt(error);
}

/** Of a group of one nothing is known; the other group's spread stands for both. */
function varianceOf(squares: number, mean: number, size: number): number {
  return size < 2 ? 0 : Math.max(0, (squares - size * mean * mean) / (size - 1));
}

/** Every division, in lexicographic order. */
function exactShare(all: readonly number[], size: number, isFar: (part: Sums) => boolean): number {
  const chosen = Array.from({ length: size }, (_, at) => at);
  let far = 0;
  let seen = 0;
  for (;;) {
    seen += 1;
    let sum = 0;
    let squares = 0;
    for (const at of chosen) {
      const value = all[at]!;
      sum += value;
      squares += value * value;
    }
    if (isFar({ sum, squares })) far += 1;
    let place = size - 1;
    while (place >= 0 && chosen[place] === all.length - size + place) place -= 1;
    if (place < 0) return far / seen;
    chosen[place]! += 1;
    for (let after = place + 1; after < size; after++) chosen[after] = chosen[after - 1]! + 1;
  }
}

/** Divisions drawn by a shuffle that stops after the smaller group (Fisher and Yates). */
function drawnShare(
  all: readonly number[],
  {
    size,
    seed,
    draws,
    isFar,
  }: {
    readonly size: number;
    readonly seed: number;
    readonly draws: number;
    readonly isFar: (part: Sums) => boolean;
  },
): number {
  const next = drawing(seed);
  const deck = [...all];
  const total = sumsOf(all);
  const drawnSize = Math.min(size, all.length - size);
  let far = 0;
  for (let drawn = 1; drawn <= draws; drawn++) {
    let sum = 0;
    let squares = 0;
    for (let at = 0; at < drawnSize; at++) {
      const from = at + Math.floor(next() * (deck.length - at));
      const value = deck[from]!;
      deck[from] = deck[at]!;
      deck[at] = value;
      sum += value;
      squares += value * value;
    }
    const part =
      drawnSize === size
        ? { sum, squares }
        : { sum: total.sum - sum, squares: total.squares - squares };
    if (isFar(part)) far += 1;
    if (far >= clearAfter) return far / drawn;
  }
  return (far + 1) / (draws + 1);
}

/** From 0 up to 1, the same everywhere: mulberry32. */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
