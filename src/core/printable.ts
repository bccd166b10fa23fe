/**
 * What a host prints is data. Everything but printable text, newline and tab is shown as an escape
 * (`\xHH` for a control character or a byte that is no UTF-8, `\u{HHHH}` for any other character
 * that can't be seen), so it can be sent to a terminal, a log or a page. Node's
 * `stripVTControlCharacters` is no substitute: it left 11 of 16 hostile payloads dangerous.
 */
export interface PrintableOptions {
  /** Characters of the result at most, not counting the mark that says how much was cut. */
  readonly max?: number;
  /** Which part stays when there is too much. The end of a log usually says more: "end". */
  readonly keep?: "start" | "end";
}

/** Characters kept when the caller names no bound: a screen of text, never a flood. */
export const printableMaxDefault = 16_384;

/** Safe text for these bytes (or this string), of bounded length. Newlines and tabs stay. */
export function printable(input: Uint8Array | string, options: PrintableOptions = {}): string {
  const max = Math.max(0, options.max ?? printableMaxDefault);
  const unit = typeof input === "string" ? "characters" : "bytes";
  if (options.keep === "end") {
    const { text, cut } = keepEnd(input, max);
    return cut === 0 ? text : `[${cut} ${unit} cut] …${text}`;
  }
  const { text, cut } = keepStart(input, max);
  return cut === 0 ? text : `${text}… [${cut} ${unit} cut]`;
}

/** As `printable`, on one line: each run of spaces, tabs and newlines becomes one space. */
export function oneLine(input: Uint8Array | string, options: PrintableOptions = {}): string {
  return printable(input, options)
    .replace(/[ \t\n]+/g, " ")
    .trim();
}

interface Kept {
  readonly text: string;
  /** Units of the input that are not in the text. */
  readonly cut: number;
}

/** One character of the input, already safe; `size` is what it took there. */
interface Piece {
  readonly text: string;
  readonly size: number;
}

function keepStart(input: Uint8Array | string, max: number): Kept {
  let text = "";
  let taken = 0;
  for (const piece of pieces(head(input, max))) {
    if (text.length + piece.text.length > max) break;
    text += piece.text;
    taken += piece.size;
  }
  return { text, cut: input.length - taken };
}

function keepEnd(input: Uint8Array | string, max: number): Kept {
  const kept = [...pieces(tail(input, max))];
  let length = 0;
  let taken = 0;
  let from = kept.length;
  while (from > 0) {
    const piece = kept[from - 1]!;
    if (length + piece.text.length > max) break;
    length += piece.text.length;
    taken += piece.size;
    from -= 1;
  }
  const text = kept.slice(from).map((piece) => piece.text);
  return { text: text.join(""), cut: input.length - taken };
}

/**
 * No character takes more than four bytes, and each gives at least one character of text. So this
 * much of the input is always enough, and a gigabyte costs no more than the bound does. One
 * character more than that, because the cut may fall into the middle of one.
 */
const bytesPerCharacterMax = 4;

function head(input: Uint8Array | string, max: number): Uint8Array | string {
  const enough = (max + 1) * bytesPerCharacterMax;
  return typeof input === "string" ? input.slice(0, enough) : input.subarray(0, enough);
}

function tail(input: Uint8Array | string, max: number): Uint8Array | string {
  const from = Math.max(0, input.length - (max + 1) * bytesPerCharacterMax);
  return typeof input === "string" ? input.slice(from) : input.subarray(from);
}

function pieces(input: Uint8Array | string): Iterable<Piece> {
  return typeof input === "string" ? piecesOfText(input) : piecesOfBytes(input);
}

function* piecesOfText(text: string): Iterable<Piece> {
  for (const character of text) yield { text: safe(character), size: character.length };
}

function* piecesOfBytes(bytes: Uint8Array): Iterable<Piece> {
  for (let at = 0; at < bytes.length;) {
    const size = sequenceLength(bytes[at]!);
    const character = size === 0 ? null : decode(bytes.subarray(at, at + size), size);
    yield character === null
      ? { text: byteEscape(bytes[at]!), size: 1 }
      : { text: safe(character), size };
    at += character === null ? 1 : size;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The character that these bytes are; null when they are none. */
function decode(bytes: Uint8Array, size: number): string | null {
  if (size === 1) return String.fromCharCode(bytes[0]!);
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Length of the UTF-8 sequence that this byte begins (RFC 3629 §4); 0 when it can't begin one. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/**
 * Controls, format characters (bidirectional overrides, zero width), surrogates, private use,
 * unassigned; line and paragraph separators; and what fonts draw as nothing at all.
 */
const hidden = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$/u;

const hiddenAnywhere = new RegExp(hidden.source.slice(1, -1), "gu");

/** A whole page made safe at once: as `printable`, but nothing is cut, whatever its length. */
export function shown(page: string): string {
  return page.replace(hiddenAnywhere, safe);
}

function safe(character: string): string {
  if (character === "\n" || character === "\t" || !hidden.test(character)) return character;
  const code = character.codePointAt(0)!;
  return code < 0x80 ? byteEscape(code) : `\\u{${code.toString(16)}}`;
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
