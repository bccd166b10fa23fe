/**
 * Paths on a host are bytes. In Handrail they are text that can be written anywhere and turned back
 * without loss: valid, printable UTF-8 stands for itself; every other byte, and the backslash, is
 * `\xHH`. So a name with a newline, a terminal escape or broken UTF-8 is still one harmless word.
 */
export type PathText = string;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text for these bytes. `pathBytes(pathText(bytes))` gives the same bytes again. */
export function pathText(bytes: Uint8Array): PathText {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = printableLength(bytes, at);
    if (length === 0) {
      text += `\\x${bytes[at]!.toString(16).padStart(2, "0")}`;
      at += 1;
    } else {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return text;
}

/** The bytes that this text stands for. */
export function pathBytes(text: PathText): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (const piece of text.split(/(\\x[0-9a-f]{2})/)) {
    if (piece === "") continue;
    const escaped = /^\\x([0-9a-f]{2})$/.exec(piece);
    parts.push(escaped ? Uint8Array.of(Number.parseInt(escaped[1]!, 16)) : encoder.encode(piece));
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How many bytes from `at` on are one printable character; 0 when they must be escaped. */
function printableLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first === 0x5c || first < 0x20 || first === 0x7f) return 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    const character = decoder.decode(bytes.subarray(at, at + length));
    // Controls, format characters (bidirectional overrides among them), private use and separators.
    return /^[\p{C}\p{Zl}\p{Zp}]$/u.test(character) ? 0 : length;
  } catch {
    return 0;
  }
}
