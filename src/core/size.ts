const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** A size as file systems count it, for people: "1.5 GiB". */
export function size(bytes: number): string {
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${units[step]}`;
}
