/**
 * The page's clock and what it counts down by it. Its own clock may be wrong by hours, so it goes by the
 * server's: what that said last, and how long ago that was by the browser's steady clock. A word that took long on
 * its way is behind, so the one that is furthest ahead is the nearest; only the newest words count, because a
 * server's clock may be set back.
 */
export const countdownScript = `
  // As the terminal counts: whole seconds, the last of them as 1.
  const leftWords = (ms) => {
    const two = (count) => String(count).padStart(2, "0");
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    if (seconds < 60) return seconds + " s";
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return minutes + " min " + two(seconds % 60) + " s";
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return hours + " h " + two(minutes % 60) + " min";
    return Math.floor(hours / 24) + " days" + (hours % 24 === 0 ? "" : " " + (hours % 24) + " h");
  };
  const serverClock = (steadyMs) => {
    let aheadMs = [];
    let begins = false;
    return {
      // A line that was opened anew: what was said on the one before it counts until something is said here.
      reopened: () => (begins = true),
      told: (nowMs) => {
        if (!Number.isFinite(nowMs)) return;
        aheadMs = [...(begins ? [] : aheadMs.slice(-7)), nowMs - steadyMs()];
        begins = false;
      },
      nowMs: () => Math.max(...aheadMs) + steadyMs(),
    };
  };
  const countDown = (it, nowMs) => {
    const { ends, before, after, over } = it.dataset;
    const leftMs = Date.parse(ends) - nowMs;
    const text = leftMs > 0 ? before + leftWords(leftMs) + after : over;
    if (it.textContent !== text) it.textContent = text;
  };
`;
