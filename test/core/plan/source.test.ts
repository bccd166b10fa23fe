import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readInventory, readPlan } from "../../../src/core/plan/parse.ts";
import { decodeSource, readSource, sourceBytesMax } from "../../../src/core/plan/source.ts";
import { options } from "../../sources/registries.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("the bytes of a file", () => {
  test("UTF-8 is text, with or without a byte order mark", () => {
    expect(decodeSource("f", bytes("name: ä"))).toBe("name: ä");
    expect(decodeSource("f", bytes("\ufeffname: ä"))).toBe("name: ä");
  });

  test("a byte that is no UTF-8 is named by its place", () => {
    const broken = Uint8Array.of(...bytes("name: x\nsummary: "), 0xe4, 0x0a);
    expect(decodeSource("f", broken)).toMatchObject({ line: 2, column: 10, message: /not UTF-8/ });
  });

  test("UTF-16 is called by its name", () => {
    expect(decodeSource("f", Uint8Array.of(0xff, 0xfe, 0x61, 0))).toMatchObject({
      message: "the file is UTF-16, not UTF-8",
    });
  });

  test("a file over the limit is refused before it is read as text", () => {
    expect(decodeSource("f", new Uint8Array(sourceBytesMax + 1))).toMatchObject({
      message: /at most 4194304 are read/,
    });
  });
});

describe("a document", () => {
  const text =
    "a: 1\nlist:\n  - name: x\n    deep: [1, { b: 2.50 }]\nmerged: &m { k: v }\nuse: *m\n";
  const source = readSource("f", text).source!;

  test.each([
    [["a"], 1, 4],
    [["list", 0], 3, 5],
    [["list", 0, "name"], 3, 11],
    [["list", 0, "deep", 1, "b"], 4, 20],
    [["list", 0, "missing"], 3, 5],
    [["use", "k"], 5, 17],
    [[], 1, 1],
  ])("the value at %j begins on line %i, column %i", (path, line, column) => {
    expect(source.at(path)).toEqual({ line, column });
  });

  test("the key of a value has a place of its own", () => {
    expect(source.keyAt(["list", 0, "deep"])).toEqual({ line: 4, column: 5 });
  });

  test("a number is also there as it was written", () => {
    expect(source.written(["list", 0, "deep", 1, "b"])).toBe("2.50");
  });

  test("deep nesting is a problem, never a crash", () => {
    expect(readSource("f", `a: ${"[".repeat(100_000)}`).problems.length).toBeGreaterThan(0);
    expect(readSource("f", `${"- ".repeat(50_000)}x`).problems.length).toBeGreaterThan(0);
  });

  test("columns count after a byte order mark as without it", () => {
    expect(readSource("f", "\ufeffa: @").problems).toEqual(readSource("f", "a: @").problems);
  });
});

describe("whatever somebody writes", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.json(),
    fc
      .array(
        fc.constantFrom(
          "handrail: 1",
          "name: p",
          "steps:",
          "  - ",
          "name",
          ": ",
          "[",
          "{",
          "}",
          "]",
          "&a ",
          "*a",
          "\n",
          "  ",
          "\t",
          "run: x",
          "${",
          "}",
          "'",
          '"',
          "<<: ",
          "!!set ",
          "%",
          "---",
          "? ",
          "| ",
          "__proto__",
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join("")),
  );

  test("reading never throws, and gives a document or a reason", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { source, problems } = readSource("f", text);
        expect(source !== null || problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("a plan and an inventory of any data are read or refused with a reason at a real place", () => {
    const data = fc.object({
      key: fc.constantFrom(
        "handrail",
        "name",
        "steps",
        "regions",
        "instances",
        "run",
        "do",
        "vars",
        "rollout",
        "probes",
        "targets",
        "__proto__",
        "constructor",
      ),
      maxDepth: 4,
    });
    fc.assert(
      fc.property(data, (value) => {
        const source = readSource("f", JSON.stringify(value)).source;
        if (source === null) return;
        const plan = readPlan(source, options.kinds);
        const inventory = readInventory(source, options.transports);
        for (const read of [plan, inventory]) {
          expect(read.problems.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
        }
        expect(plan.plan !== null || plan.problems.length > 0).toBe(true);
        expect(inventory.inventory !== null || inventory.problems.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
