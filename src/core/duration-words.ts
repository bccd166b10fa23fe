/** `1.2 s`, `340 ms`, `2 min 05 s`, `1 h 04 min`, `7 days`: what a person says of so many milliseconds. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "?";
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  if (whole < 9_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} days${hours % 24 === 0 ? "" : ` ${hours % 24} h`}`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, "0");
}
