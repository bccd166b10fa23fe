import { quoted } from "./quoted.ts";

/** One range makes at most so many instances. */
export const rangeMax = 10_000;

export interface RangeEntry {
  readonly name: string;
  /** The value that stands for the range in this name; null where the name holds no range. */
  readonly index: string | null;
}

/**
 * Names of a range as in Ansible: `ap[02:40]` keeps the zeros, `db[a:c]` counts letters,
 * `x[0:10:2]` takes every second, and both ends belong to it. A name without brackets stands for itself.
 */
export function expandRange(
  written: string,
):
  | { readonly ok: readonly RangeEntry[] }
  | { readonly wrong: string; readonly instead: string | null } {
  const open = written.indexOf("[");
  if (open === -1) return { ok: [{ name: written, index: null }] };
  const close = written.indexOf("]", open);
  const [before, after] = [written.slice(0, open), written.slice(close + 1)];
  const range = written.slice(open, close + 1);
  const match = /^\[(\w+):(\w+)(?::(\d{1,9}))?\]$/.exec(range);
  if (match === null)
    return wrong(`${quoted(range)} is not a range`, "write [first:last], such as [01:40]");
  const [from, to, step] = [match[1]!, match[2]!, Number(match[3] ?? 1)];
  if (step === 0) return wrong(`the range ${quoted(range)} has a step of 0`);
  const values = numbers(from, to, step) ?? letters(from, to, step);
  if (values === null) {
    return wrong(
      `the range ${quoted(range)} mixes what can't be counted`,
      "write two numbers or two letters",
    );
  }
  if (values.length === 0) {
    return wrong(`the range ${quoted(range)} runs backwards`, `write ${quoted(`[${to}:${from}]`)}`);
  }
  if (values.length > rangeMax)
    return wrong(`the range ${quoted(range)} makes more than ${rangeMax} instances`);
  if (from.startsWith("0") && from.length > 1 && from.length !== to.length) {
    const padded = from.padStart(to.length, "0");
    return wrong(
      `the ends of the range ${quoted(range)} differ in width`,
      `write ${quoted(`[${padded}:${to}]`)}`,
    );
  }
  return { ok: values.map((index) => ({ name: `${before}${index}${after}`, index })) };
}

function wrong(message: string, instead: string | null = null) {
  return { wrong: message, instead };
}

/** null when an end is no number; never more than one value over the limit. */
function numbers(from: string, to: string, step: number): readonly string[] | null {
  if (!/^\d{1,9}$/.test(from) || !/^\d{1,9}$/.test(to)) return null;
  const width = from.startsWith("0") ? from.length : 1;
  const values: string[] = [];
  for (let at = Number(from); at <= Number(to) && values.length <= rangeMax; at += step) {
    values.push(String(at).padStart(width, "0"));
  }
  return values;
}

function letters(from: string, to: string, step: number): readonly string[] | null {
  const alphabet = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find(
    (one) => one.includes(from) && one.includes(to),
  );
  if (alphabet === undefined || from.length !== 1 || to.length !== 1) return null;
  const values: string[] = [];
  for (let at = alphabet.indexOf(from); at <= alphabet.indexOf(to); at += step) {
    values.push(alphabet[at]!);
  }
  return values;
}
