import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneLine, printable } from "../../src/core/printable.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Everything that moves a cursor, starts a sequence, or can't be seen. */
// oxlint-disable-next-line no-control-regex -- these are what must not come through
const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

describe("printable", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["a colour (CSI)", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
    ["clearing the screen", "\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"],
    ["a window title (OSC)", "\x1b]0;pwned\x07", "\\x1b]0;pwned\\x07"],
    ["a link (OSC 8)", "\x1b]8;;http://x\x1b\\y", "\\x1b]8;;http://x\\x1b\\y"],
    ["the clipboard (OSC 52)", "\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07"],
    ["a device control string", '\x1bP$q"p\x1b\\', '\\x1bP$q"p\\x1b\\'],
    ["an application command", "\x1b_G\x1b\\", "\\x1b_G\\x1b\\"],
    ["a CSI of eight bits", "\u009b31m", "\\u{9b}31m"],
    ["an OSC of eight bits", "\u009d0;x\u009c", "\\u{9d}0;x\\u{9c}"],
    ["a C1 byte that is no UTF-8", bytes(0x9b, 0x33), "\\x9b3"],
    ["a carriage return that hides a line", "failed\rgood  ", "failed\\x0dgood  "],
    ["backspaces", "no\b\bok", "no\\x08\\x08ok"],
    ["a bell, a NUL and a DEL", "\x07\x00\x7f", "\\x07\\x00\\x7f"],
    ["shift out (another alphabet)", "\x0eabc\x0f", "\\x0eabc\\x0f"],
    ["form feed and vertical tab", "a\fb\vc", "a\\x0cb\\x0bc"],
    ["a bidirectional override", "user\u202etxt.exe", "user\\u{202e}txt.exe"],
    ["bidirectional isolates", "\u2066a\u2069", "\\u{2066}a\\u{2069}"],
    ["zero width characters", "pass\u200bword\u200d\ufeff", "pass\\u{200b}word\\u{200d}\\u{feff}"],
    ["line and paragraph separators", "a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["a lone surrogate", "a\ud800b", "a\\u{d800}b"],
    ["tag characters", "a\u{e0041}", "a\\u{e0041}"],
    ["a filler that looks like nothing", "a\u3164b", "a\\u{3164}b"],
    ["an overlong slash", bytes(0xc0, 0xaf), "\\xc0\\xaf"],
    ["half a character", bytes(0x61, 0xe2, 0x82), "a\\xe2\\x82"],
    ["a surrogate as bytes", bytes(0xed, 0xa0, 0x80), "\\xed\\xa0\\x80"],
    ["beyond Unicode", bytes(0xf4, 0x90, 0x80, 0x80), "\\xf4\\x90\\x80\\x80"],
    ["a byte order mark", bytes(0xef, 0xbb, 0xbf, 0x61), "\\u{feff}a"],
  ])("shows %s as an escape", (_name, payload, shown) => {
    expect(printable(payload)).toBe(shown);
  });

  test.each(["plain", "two\nlines\tand a tab", "naïve Größe 中文 🙂", "C:\\temp\\x", ""])(
    "leaves %j as it is",
    (text) => {
      expect(printable(text)).toBe(text);
      expect(printable(utf8(text))).toBe(text);
      expect(printable(printable(text))).toBe(text);
    },
  );

  test.each<[string | Uint8Array, "start" | "end", string]>([
    ["abcdef", "start", "abcd… [2 characters cut]"],
    ["abcdef", "end", "[2 characters cut] …cdef"],
    ["ab🙂🙂", "start", "ab🙂… [2 characters cut]"],
    ["abc🙂🙂", "start", "abc… [4 characters cut]"],
    [utf8("äöüäöü"), "start", "äöüä… [4 bytes cut]"],
    [utf8("äöüäöü"), "end", "[4 bytes cut] …üäöü"],
    ["\x1b\x1b", "start", "\\x1b… [1 characters cut]"],
    ["ab\x1b", "start", "ab… [1 characters cut]"],
    ["abcd", "start", "abcd"],
    ["abcd", "end", "abcd"],
  ])("keeps 4 characters of %j at the %s and says what was cut", (input, keep, shown) => {
    expect(printable(input, { max: 4, keep })).toBe(shown);
  });

  test("a hundred megabytes cost no more than the bound", () => {
    const flood = new Uint8Array(100_000_000).fill(0x1b);
    expect(printable(flood, { max: 8 })).toBe("\\x1b\\x1b… [99999998 bytes cut]");
    expect(printable(flood, { max: 8, keep: "end" })).toBe("[99999998 bytes cut] …\\x1b\\x1b");
  }, 20_000);

  test("never gives a dangerous character, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(60), (text, max) => {
        for (const keep of ["start", "end"] as const)
          expect(printable(text, { max, keep })).not.toMatch(dangerous);
      }),
    );
  });

  test("never gives a dangerous character, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(60), (input, max) => {
        for (const keep of ["start", "end"] as const) {
          const shown = printable(input, { max, keep });
          expect(shown).not.toMatch(dangerous);
          expect(shown.length).toBeLessThanOrEqual(max + "… [80 bytes cut]".length + 1);
        }
      }),
    );
  });

  test("says the same of text and of its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(printable(utf8(text))).toBe(printable(text));
      }),
    );
  });
});

describe("oneLine", () => {
  test.each([
    ["a\nb\t c\n", "a b c"],
    ["  spaced  ", "spaced"],
    ["ok\n03:12:44Z  cn01  sealed", "ok 03:12:44Z cn01 sealed"],
    ["\x1b[2J\r\n", "\\x1b[2J\\x0d"],
  ])("puts %j on one line", (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  test("never has a line break, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(oneLine(text)).not.toMatch(/[\n\t]/);
        expect(oneLine(text)).not.toMatch(dangerous);
      }),
    );
  });
});
