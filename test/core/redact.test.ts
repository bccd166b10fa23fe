import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";
import { redactor } from "../../src/core/redact.ts";
import { spawnSync } from "../support/bounded-process.ts";

const token = "s3cr3t/T0ken+with=marks";
const nasty = `it's "quoted" $HOME \\ & 100%\tübel`;
const utf8 = (text: string) => new TextEncoder().encode(text);
const plain = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a redactor", () => {
  const strike = redactor({ token, nasty });

  test.each<[string, string]>([
    ["as it is", token],
    ["in base64", Buffer.from(token).toString("base64")],
    ["in base64 without padding", Buffer.from(token).toString("base64").replace(/=+$/, "")],
    ["in base64url", Buffer.from(token).toString("base64url")],
    ["in hex", Buffer.from(token).toString("hex")],
    ["in upper-case hex", Buffer.from(token).toString("hex").toUpperCase()],
    ["URL-encoded", encodeURIComponent(token)],
    ["URL-encoded in lower case", encodeURIComponent(token).toLowerCase().replace("t0", "T0")],
    ["URL-encoded as a path", encodeURIComponent(token).replace("%2F", "/")],
    ["in a query", encodeURI(token)],
    ["JSON-escaped with slashes", JSON.stringify(token).slice(1, -1).replace("/", "\\/")],
    ["quoted by printf %q", token],
  ])("strikes a token out %s", (_how, written) => {
    expect(strike.text(`x ${written} y`)).toBe("x [secret token] y");
    expect(plain(strike.bytes(utf8(`x ${written} y`)))).toBe("x [secret token] y");
  });

  test.each<[string, string]>([
    ["as it is", nasty],
    ["JSON-escaped", JSON.stringify(nasty).slice(1, -1)],
    ["JSON-escaped in ASCII", JSON.stringify(nasty).slice(1, -1).replace("ü", "\\u00fc")],
    ["URL-encoded", encodeURIComponent(nasty)],
    ["as a form sends it", encodeURIComponent(nasty).replace(/%20/g, "+").replace("'", "%27")],
    ["as part of a query", encodeURI(nasty).replace("#", "%23")],
    ["as a query of a form", encodeURI(nasty).replace(/%20/g, "+")],
    ["JSON in JSON", JSON.stringify(JSON.stringify(nasty).slice(1, -1)).slice(1, -1)],
    ["JSON as Go writes it", JSON.stringify(nasty).slice(1, -1).replace("&", "\\u0026")],
    ["in a page", nasty.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/'/g, "&#39;")],
    ["in single quotes", nasty.replace(/'/g, "'\\''")],
    ["in single quotes of another style", nasty.replace(/'/g, `'"'"'`)],
    ["in double quotes", nasty.replace(/[\\"$`]/g, "\\$&")],
    ["as bytes would be printed", printable(nasty)],
  ])("strikes a value with every kind of quote out %s", (_how, written) => {
    expect(strike.text(`x ${written} y`)).toBe("x [secret nasty] y");
  });

  test("strikes out what real programs print", () => {
    const script = `
      printf '%s\\n' "$S"
      printf '%s' "$S" | base64
      printf 'user:%s' "$S" | base64
      printf 'me:%s:and a long tail, so that base64 wraps its line somewhere in here' "$S" | base64
      printf '%s' "$S" | od -An -v -tx1 | tr -d ' \\n'
      set -x; : "$S"; : "before $S after"`;
    for (const secret of [token, nasty, "correct horse battery staple"]) {
      const ran = spawnSync("sh", ["-c", script], { env: { ...process.env, S: secret } });
      const output = `${ran.stdout.toString()}\n${ran.stderr.toString()}`;
      const struck = redactor({ it: secret }).text(output);
      expect(struck).not.toContain(secret);
      expect(struck.match(/\[secret it\]/g)).toHaveLength(7);
      // Nothing that is left decodes to a part of the secret that says more than its ends.
      for (const word of struck.split(/\s+/))
        expect(Buffer.from(word, "base64").toString()).not.toContain(secret.slice(2, -2));
    }
  });

  test("finds a value in base64 wherever the line breaks fall", () => {
    for (let before = 0; before < 76; before += 1) {
      const text = "x".repeat(before) + token + "y".repeat(60);
      const base64 = Buffer.from(text).toString("base64");
      const lines = base64.replace(/.{76}(?=.)/g, "$&\r\n  ");
      const struck = strike.text(lines);
      expect(struck).toContain("[secret token]");
      const left = struck.split("[secret token]").map((part) => part.replaceAll(/\s/g, ""));
      const decoded = Buffer.from(left[1]!.slice(-76), "base64").toString();
      expect(decoded).toMatch(/y{50}/);
      expect(left.join("").length).toBeLessThan(base64.length - 24);
    }
  });

  test("ends, and leaves no value, where striking out makes the value anew each time", () => {
    const struck = redactor({ a: "z[" }).text(`${"z".repeat(40)}[`);
    expect(struck).not.toContain("z[");
  });

  test("strikes out each line of a private key", () => {
    const key = `-----BEGIN KEY-----\n${"QUJD".repeat(16)}\n${"REVG".repeat(5)}\n-----END KEY-----\n`;
    const struck = redactor({ key });
    expect(struck.text(key)).toBe("[secret key]");
    expect(struck.text(`line 2 is ${"REVG".repeat(5)}.`)).toBe("line 2 is [secret key].");
  });

  test("takes the longest of secrets that contain each other, and leaves no piece of one", () => {
    const both = redactor({ short: "alpha", long: "alphabet soup", overlap: "soup kitchen" });
    expect(both.text("alpha, alphabet soup!")).toBe("[secret short], [secret long, short]!");
    expect(both.text("alphabet soup kitchen")).toBe("[secret long, short, overlap]");
  });

  test.each<[string, string]>([
    ["…and the password is s3cr3t/T0k", "…and the password is [secret token]"],
    ["en+with=marks was wrong", "[secret token] was wrong"],
    ["basic czNjcjN0L1Qwa2VuK3dp", "basic [secret token]"],
    ["ends by chance with s3", "ends by chance with s3"],
  ])("strikes out a secret that a bound has torn: %j", (text, struck) => {
    expect(strike.text(text)).toBe(struck);
    expect(plain(strike.bytes(utf8(text)))).toBe(struck);
  });

  test("goes through any JSON value, keys too, and leaves names that only begin like a secret", () => {
    const deep = redactor({ pin: "cn01-4711" }).redactDeep({
      "cn01-4711": ["cn01-4711", { ok: true, count: 3, none: null }],
      instance: "cn01",
    });
    expect(deep).toEqual({
      "[secret pin]": ["[secret pin]", { ok: true, count: 3, none: null }],
      instance: "cn01",
    });
    const two = redactor({ a: "one", b: "two" }).redactDeep({ "x one": 1, "x two": 2, one: 3 });
    expect(Object.values(two)).toEqual([1, 2, 3]);
    const clash = redactor({ a: "one" }).redactDeep({ one: 1, "[secret a]": 2 });
    expect(Object.values(clash)).toEqual([1, 2]);
  });

  test("strikes out even short secrets, and ignores an empty one", () => {
    expect(redactor({ pin: "42" }).text("the pin is 42.")).toBe("the pin is [secret pin].");
    expect(redactor({ empty: "" }).text("nothing to hide")).toBe("nothing to hide");
    expect(redactor({}).text("nothing to hide")).toBe("nothing to hide");
  });

  test("keeps bytes that are no text as they are", () => {
    const input = Uint8Array.from([0, 255, 0xc3, 10, ...utf8(token), 0x80]);
    const struck = redactor({ token }).bytes(input);
    expect(struck.slice(0, 4)).toEqual(Uint8Array.of(0, 255, 0xc3, 10));
    expect(plain(struck.slice(4, -1))).toBe("[secret token]");
    expect(struck.at(-1)).toBe(0x80);
  });

  test("leaves no value in any output, whatever secret and text", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
      fc.constantFrom("a", "secret", "[", "]", "[secret a]", "*", "-", " ", "[***]", "----"),
    );
    fc.assert(
      fc.property(value, value, fc.array(fc.string({ maxLength: 6 })), (a, b, around) => {
        const text = around.join(a) + b + around.join(b) + a;
        const strikeBoth = redactor({ a, b });
        const bytes = Buffer.from(strikeBoth.bytes(utf8(text)));
        for (const secret of [a, b]) {
          expect(strikeBoth.text(text)).not.toContain(secret);
          expect(strikeBoth.redactDeep([text])[0]).not.toContain(secret);
          expect(bytes.includes(Buffer.from(utf8(secret)))).toBe(false);
        }
      }),
    );
  });

  test("leaves no embedded base64 of a long value, wherever it stands", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 12, maxLength: 40 }),
        fc.string({ maxLength: 5 }),
        fc.string({ maxLength: 5 }),
        (secret, before, after) => {
          const written = Buffer.from(before + secret + after).toString("base64");
          const struck = redactor({ secret }).text(`x ${written} y`);
          expect(struck).toContain("[secret secret]");
          const left = struck.replace("[secret secret]", "");
          expect(left.length).toBeLessThanOrEqual(
            4 + 8 + 8 + 4 * Buffer.byteLength(before + after),
          );
        },
      ),
    );
  });
});
