/** The first looks after a rollout is sealed come this soon: most late harm shows early. */
const firstMs = 60_000;
/** The longest that nobody looks. */
const longestMs = 30 * 60_000;
/** Even the shortest watch looks so many times: a look at its beginning alone would see nothing go. */
const looksMin = 8;

/**
 * Milliseconds until the next look, `sinceMs` after the first of a watch of `forMs`; null: that was the
 * last. Each look waits as long as the watch is old, so that the intervals double, up to half an hour; the
 * last one is at the very end.
 */
export function nextLookMs(sinceMs: number, forMs: number): number | null {
  const leftMs = forMs - sinceMs;
  if (leftMs <= 0) return null;
  const shortestMs = Math.max(1, Math.min(firstMs, Math.floor(forMs / looksMin)));
  return Math.min(leftMs, longestMs, Math.max(shortestMs, sinceMs));
}
