/** `1,204`. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 instance`, `3 instances`; `plural` for words that don't just take an s. */
export function counted(count: number, one: string, plural = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : plural}`;
}

const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `3.4 MB`, in powers of a thousand. */
export function size(bytes: number): string {
  let unit = 0;
  let left = bytes;
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || left >= 9.95 ? 0 : 1;
  return `${left.toFixed(digits)} ${units[unit]}`;
}

/** `ap01, ap02, ap03 and 12 more`. */
export function listed(names: readonly string[], max = 5): string {
  if (names.length <= max + 1) return names.join(", ");
  return `${names.slice(0, max).join(", ")} and ${grouped(names.length - max)} more`;
}

/** `12–40`, or `12` where all are alike. */
export function rangeWords(numbers: readonly number[], say: (count: number) => string): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)].map(say);
  return least === most ? least! : `${least}–${most}`;
}

/** Cuts to this many characters, with an ellipsis in the last place. */
export function clipped(text: string, max: number): string {
  const characters = Array.from(text);
  return characters.length <= max ? text : `${characters.slice(0, Math.max(0, max - 1)).join("")}…`;
}

/** `20 % = 3`: a percentage never stands without the number that it resolved to. */
export function resolved(
  count: { readonly number: number } | { readonly percent: number },
  to: number,
): string {
  return "percent" in count ? `${count.percent} % = ${to}` : String(to);
}
