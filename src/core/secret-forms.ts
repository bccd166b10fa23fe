import { oneLine, printable } from "./printable.ts";

/**
 * The ways in which programs print a secret, the value itself included, longest first. Never an
 * empty text. Lines of a value with several lines (a private key) count by themselves.
 */
export function secretForms(value: string): readonly string[] {
  const values = [value, value.trim(), ...linesOf(value)].filter((each) => each !== "");
  const forms = new Set(values.flatMap(formsOf).filter((form) => form !== ""));
  return [...forms].sort((a, b) => b.length - a.length);
}

/** UTF-8 as a string of bytes: each character is one byte. */
export function binary(text: string): string {
  return binaryOf(new TextEncoder().encode(text));
}

/** Arguments of one call; more would overflow the stack. */
const chunkBytes = 8_192;

/** These bytes as a string in which each character is one byte. */
export function binaryOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return text;
}

/** A line of a secret with several lines (a private key) counts as secret by itself from here on. */
export const secretLineMin = 8;

/** What base64 shows of a secret inside a longer text is looked for from this many characters on. */
export const embeddedMin = 6;

function linesOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length > 1 ? lines.filter((line) => line.length >= secretLineMin) : [];
}

function formsOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const hex = hexOf(value);
  const bounded = { max: value.length * printedPerCharacterMax };
  return [
    value,
    ...base64Forms(value).flatMap((form) => [form, toUrlAlphabet(form)]),
    hex,
    hex.toUpperCase(),
    hex.toUpperCase().replace(/..(?=.)/g, "$&:"),
    ...urlForms(value),
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/\//g, "\\/"),
    // Go's encoding/json makes its text safe inside a page.
    json.replace(/[<>&]/g, (mark) => `\\u00${hexOf(mark)}`),
    ...htmlForms(value),
    json.replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
    ...shellForms(value),
    printable(value, bounded),
    oneLine(value, bounded),
  ];
}

/** `\u{10ffff}` is the longest that `printable` makes of one character. */
const printedPerCharacterMax = 10;

/**
 * The whole value in base64, and what can be seen of it wherever it stands in a longer text: there
 * its first bytes may share a character with what comes before, and its last with what follows.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = binary(value);
  const whole = btoa(bytes);
  const embedded = [0, 1, 2].map((before) => {
    const encoded = btoa("\0".repeat(before) + bytes).replace(/=+$/, "");
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(before === 0 ? 0 : before + 1, encoded.length - shared);
  });
  return [
    whole,
    whole.replace(/=+$/, ""),
    ...embedded.filter((seen) => seen.length >= embeddedMin),
  ];
}

function toUrlAlphabet(base64: string): string {
  return base64.replace(/\+/g, "-").replace(/\//g, "_");
}

/**
 * What the parts of a URL, and the programs that write them, leave as it is beside letters, digits
 * and `-._~`: nothing (RFC 3986, 2.3), a value in JavaScript, a path in Python, a path's segment, a
 * path, a query, a whole URL in JavaScript.
 */
const keptInUrls = [
  "",
  "!'()*",
  "/",
  ":@!$&'()*+,;=",
  "/:@!$&'()*+,;=",
  "/?:@!$&'()*+,;=",
  "/?:@!$&'()*+,;=#",
] as const;

function urlForms(value: string): readonly string[] {
  const all = encodeURIComponent(value.toWellFormed());
  const escapes = /%[0-9A-F]{2}/g;
  const strict = all.replace(/[!'()*]/g, (mark) => `%${hexOf(mark).toUpperCase()}`);
  return keptInUrls.flatMap((kept) => {
    const form = strict.replace(escapes, (escape) => {
      const mark = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return kept.includes(mark) ? mark : escape;
    });
    const forms = [form, form.replace(/%20/g, "+"), form.replace(/~/g, "%7E")];
    return [...forms, ...forms.map(lowerPercent)];
  });
}

/** In an element's text and in its attributes; the two quotes are written in several ways. */
function htmlForms(value: string): readonly string[] {
  const text = value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const quotes = [
    ["&quot;", "&#39;"],
    ["&quot;", "&#039;"],
    ["&quot;", "&#x27;"],
    ["&#34;", "&#39;"],
    ["&quot;", "&apos;"],
    ["&quot;", "'"],
    ['"', "'"],
  ] as const;
  return quotes.map(([double, single]) => text.replace(/"/g, double).replace(/'/g, single));
}

function lowerPercent(url: string): string {
  return url.replace(/%../g, (escape) => escape.toLowerCase());
}

/** Inside single quotes, inside double quotes, and with backslashes (as `printf %q` does). */
function shellForms(value: string): readonly string[] {
  return [
    value.replace(/'/g, `'\\''`),
    value.replace(/'/g, `'"'"'`),
    value.replace(/[\\"$`]/g, "\\$&"),
    value.replace(/[\\"$`!]/g, "\\$&"),
    value.replace(/[^\w@%+=:,./\n-]/g, "\\$&"),
    value.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t"),
  ];
}

function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
