import { binary, binaryOf, secretForms } from "./secret-forms.ts";

/**
 * Strikes secrets out where text is made. What it replaces is the value itself and the forms in
 * which programs print it: base64 (also inside a longer base64 text, and wrapped), base64url, hex,
 * URL-encoded, JSON-escaped, shell-quoted, and as `printable` shows it. Redact before bounding: the
 * mark that says what was cut would hide the torn end of a secret.
 */
export interface Redactor {
  /** Also strikes out a secret of which the text holds only the end, or only the beginning. */
  text(text: string): string;
  /** As `text`, for bytes of any encoding; the marks are UTF-8. */
  bytes(bytes: Uint8Array): Uint8Array;
  /**
   * Any JSON value, the keys of objects too. What only looks like a torn secret stays: a name that
   * a secret happens to begin with must not vanish from a record.
   */
  redactDeep<T>(value: T): T;
}

/**
 * A torn secret at the very start or end of the text is struck out from this many characters on
 * (half of the value, where that is less); anything shorter gives away too little to matter.
 */
export const tornMin = 4;

/** Base64 is often wrapped, so a line break is allowed anywhere in what looks like it, from here on. */
const wrappedMin = 12;

/** How often the result is looked at again: striking out may put a value together by chance. */
const roundsMax = 8;

/** A redactor for these secrets, by name. An empty value is ignored, any other is struck out. */
export function redactor(secrets: Readonly<Record<string, string>>): Redactor {
  const named = Object.entries(secrets).flatMap(([name, value]) => secretOf(name, value));
  const inText = striker(named);
  const inBytes = striker(named.map(({ name, forms }) => ({ name, forms: forms.map(binary) })));
  return {
    text: (text) => inText(text, true),
    bytes: (bytes) => unbinary(inBytes(binaryOf(bytes), true)),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape: only strings differ
    redactDeep: (value) => deep(value, (text) => inText(text, false)) as typeof value,
  };
}

interface Secret {
  readonly name: string;
  readonly forms: readonly string[];
}

function secretOf(name: string, value: string): readonly Secret[] {
  if (value === "") return [];
  return [{ name, forms: secretForms(value) }];
}

/**
 * Replaces every stretch of text that any form of any secret covers. All stretches are found in the
 * text as it was, and overlapping ones become one, so that no secret leaves a piece of another.
 */
function striker(secrets: readonly Secret[]): (text: string, torn: boolean) => string {
  if (secrets.length === 0) return (text) => text;
  const mark = markFor(secrets);
  return (text, torn) => {
    let left = text;
    for (let round = 0; round < roundsMax; round += 1) {
      const found = [
        ...secrets.flatMap((each) => each.forms.flatMap((form) => placesOf(form, each, left))),
        ...wrappedPlaces(secrets, left),
        ...(torn && round === 0 ? tornEnds(secrets, left) : []),
      ];
      if (found.length === 0) return left;
      left = strikeOut(left, found, mark);
    }
    return eraseAll(left, secrets);
  };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Every place where the form stands, overlapping ones too. */
function placesOf(form: string, { name }: Secret, text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
    found.push({ from: at, to: at + form.length, name });
  return found;
}

/** The same, where line breaks (and the indentation after them) may stand inside the form. */
function wrappedPlaces(secrets: readonly Secret[], text: string): readonly Stretch[] {
  if (!text.includes("\n")) return [];
  const { joined, origin } = joinLines(text);
  return secrets.flatMap((secret) =>
    secret.forms
      .filter((form) => form.length >= wrappedMin && /^[\w+/=-]+$/.test(form))
      .flatMap((form) => placesOf(form, secret, joined))
      .map(({ from, to, name }) => ({ from: origin[from]!, to: origin[to - 1]! + 1, name })),
  );
}

/** The text without its line breaks, and for each character where it stood. */
function joinLines(text: string): { readonly joined: string; readonly origin: readonly number[] } {
  const origin: number[] = [];
  let joined = "";
  let at = 0;
  for (const gap of text.matchAll(/\r?\n[ \t]*/g)) {
    for (let kept = at; kept < gap.index; kept += 1) origin.push(kept);
    joined += text.slice(at, gap.index);
    at = gap.index + gap[0].length;
  }
  for (let kept = at; kept < text.length; kept += 1) origin.push(kept);
  return { joined: joined + text.slice(at), origin };
}

/** Output that was cut at a bound may end, or begin, in the middle of a secret. */
function tornEnds(secrets: readonly Secret[], text: string): readonly Stretch[] {
  return secrets.flatMap(({ name, forms }) =>
    forms.flatMap((form) => {
      const min = Math.min(tornMin, Math.max(2, Math.ceil(form.length / 2)));
      const torn: Stretch[] = [];
      const longest = Math.min(form.length - 1, text.length);
      for (let length = longest; length >= min; length -= 1)
        if (text.endsWith(form.slice(0, length))) {
          torn.push({ from: text.length - length, to: text.length, name });
          break;
        }
      for (let length = longest; length >= min; length -= 1)
        if (text.startsWith(form.slice(-length))) {
          torn.push({ from: 0, to: length, name });
          break;
        }
      return torn;
    }),
  );
}

function strikeOut(
  text: string,
  found: readonly Stretch[],
  mark: (names: readonly string[]) => string,
): string {
  const sorted = found.toSorted((a, b) => a.from - b.from || b.to - a.to);
  let result = "";
  let at = 0;
  for (let index = 0; index < sorted.length;) {
    const { from } = sorted[index]!;
    let { to } = sorted[index]!;
    const names = new Set<string>();
    for (; index < sorted.length && sorted[index]!.from < to; index += 1) {
      to = Math.max(to, sorted[index]!.to);
      names.add(sorted[index]!.name);
    }
    result += text.slice(at, from) + mark([...names]);
    at = to;
  }
  return result + text.slice(at);
}

/** `[secret NAME]`, or whatever plainer mark does not itself say a secret's value. */
function markFor(secrets: readonly Secret[]): (names: readonly string[]) => string {
  const says = (text: string) => secrets.some(({ forms }) => forms.some((f) => text.includes(f)));
  return (names) => {
    const marks = [`[secret ${names.join(", ")}]`, `[secret ${names[0]!}]`, "[***]", "----"];
    return marks.find((mark) => !says(mark)) ?? "";
  };
}

/** The last resort for values that marks and their surroundings keep making anew: always ends. */
function eraseAll(text: string, secrets: readonly Secret[]): string {
  const forms = secrets.flatMap((secret) => secret.forms);
  let left = text;
  for (let form = within(left, forms); form !== undefined; form = within(left, forms))
    left = left.replaceAll(form, "");
  return left;
}

function within(text: string, forms: readonly string[]): string | undefined {
  return forms.find((form) => text.includes(form));
}

/** Deeper than any event is; what lies below is not passed on. */
const depthMax = 64;

function deep(value: unknown, strike: (text: string) => string, depth = 0): unknown {
  if (typeof value === "string") return strike(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) return null;
  if (Array.isArray(value)) return value.map((each) => deep(each, strike, depth + 1));
  const result = new Map<string, unknown>();
  for (const [key, each] of Object.entries(value))
    result.set(unused(strike(key), result), deep(each, strike, depth + 1));
  return Object.fromEntries(result);
}

/** Two keys that only differed in a secret stay two. */
function unused(key: string, taken: ReadonlyMap<string, unknown>): string {
  let name = key;
  for (let count = 2; taken.has(name); count += 1) name = `${key} (${count})`;
  return name;
}

function unbinary(text: string): Uint8Array {
  return Uint8Array.from(text, (one) => one.charCodeAt(0));
}
