import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldsOf, FrameReader, ProtocolError } from "../../src/host/frames.ts";
import { manifestLines } from "../../src/host/manifest.ts";
import { command, exported, shellBytes, word } from "../../src/host/shell-text.ts";
import { execFileSync } from "../support/bounded-process.ts";

const nonce = "0123456789abcdef";

function frame(kind: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${nonce} ${kind} ${body.length}\n`), body]);
}

test("frames arrive whole wherever the stream is cut, and whatever came before", () => {
  const anything = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(
      anything,
      fc.array(anything, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(40)),
      (chatter, bodies, cuts) => {
        const reader = new FrameReader(nonce);
        const stream = Buffer.concat([chatter, ...bodies.map((body) => frame("LINES", body))]);
        const got: Uint8Array[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          for (const each of reader.push(stream.subarray(at, at + cut))) got.push(each.body);
          at += cut;
        }
        expect(got.map((body) => [...body])).toEqual(bodies.map((body) => [...body]));
      },
    ),
  );
});

test.each([
  ["bytes between two frames", Buffer.concat([frame("A", Buffer.of(1)), Buffer.from("stray\n")])],
  [
    "another nonce after the first",
    Buffer.concat([frame("A", Buffer.of(1)), Buffer.from("fedcba9876543210 DONE 0\n")]),
  ],
  ["a frame too long to be meant", Buffer.from(`${nonce} A 999999999\n`)],
  ["endless chatter", Buffer.alloc(100_000, "x")],
  ["a head without end", Buffer.concat([frame("A", Buffer.of(1)), Buffer.alloc(500, "x")])],
])("%s is no protocol", (_what, bytes) => {
  expect(() => new FrameReader(nonce).push(bytes)).toThrow(ProtocolError);
});

test("a frame's fields end with zero bytes, and one that does not is refused", () => {
  const [good, open] = new FrameReader(nonce).push(
    Buffer.concat([frame("A", Buffer.from("a\0\0b\n\0")), frame("A", Buffer.from("a\0b"))]),
  );
  expect(fieldsOf(good!).map(String)).toEqual(["a", "", "b\n"]);
  expect(() => fieldsOf(open!)).toThrow(ProtocolError);
});

test("a manifest's lines are read alike from find and from stat, newlines in names too", () => {
  const find = "-f 2 644 0 10 12 77 1700000000.1234567890 -5.0000000000 ./a\0b  c\n";
  const stat =
    "+f 2 644 0 10 12 77 2023-11-14T22:13:20.123456789 1969-12-31T23:59:55.0 ./a//nb  c\n";
  const [before, after] = manifestLines(Buffer.from(find + stat));
  expect(before).toEqual({ ...after, side: "before" });
  expect(before).toMatchObject({
    name: "./a\nb  c",
    entry: { type: "file", mode: "0644", mtime: "1700000000.123456789", ctime: "-5.000000000" },
  });
});

test.each([
  "-f 1 644 0 0 1 1 1.0 1.0",
  "-x 1 644 0 0 1 1 1.0 1.0 ./a",
  "*f 1 644 0 0 1 1 1.0 1.0 ./a",
  "-f 1 999 0 0 1 1 1.0 1.0 ./a",
  "-f 1 644 0 0 -1 1 1.0 1.0 ./a",
  "-f 1 644 0 0 1 1 soon 1.0 ./a",
])("the line %j is no line of a manifest", (line) => {
  expect(() => manifestLines(Buffer.from(line))).toThrow(ProtocolError);
});

test("any bytes but zero come through a shell as one word", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => value.filter((byte) => byte !== 0));
  const words = fc.array(bytes, { minLength: 1, maxLength: 5 });
  const runs = fc.property(words, (values) => {
    const text = `printf '%s\\0' ${command(...values)}`;
    const output = execFileSync("/bin/sh", [], { input: shellBytes(text), env: { LC_ALL: "C" } });
    expect(output.toString("latin1").split("\0").slice(0, -1)).toEqual(
      values.map((value) => Buffer.from(value).toString("latin1")),
    );
  });
  fc.assert(runs, { numRuns: 40 });
});

test("a zero byte, or a variable that a shell can't name, is a mistake of ours", () => {
  expect(() => word("a\0b")).toThrow("zero byte");
  expect(() => exported({ "a b": "" })).toThrow('"a b"');
});

test("a long frame that comes in small pieces does not keep the controller from its other hosts", () => {
  const reader = new FrameReader(nonce);
  const whole = frame("LINES", Buffer.alloc(32 * 1024 * 1024, "a"));
  let got = 0;
  for (let at = 0; at < whole.length; at += 16_384)
    got += reader.push(whole.subarray(at, at + 16_384)).length;
  expect(got).toBe(1);
}, 20_000);
