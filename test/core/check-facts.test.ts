import { describe, expect, test } from "vitest";
import { checkFact } from "../../src/core/check-facts.ts";
import { outliers } from "../../src/core/outliers.ts";

const variables = (name: string) => ({
  name,
  address: `${name}.example.com`,
  home: `/srv/${name}`,
});

const names = Array.from({ length: 20 }, (_, at) => `ap${String(at + 1).padStart(2, "0")}`);

/** What the check prints on each of twenty hosts, held against each other. */
function oddOnes(output: (name: string) => string): readonly string[] {
  const fleet = names.map((name) => ({
    name,
    facts: [checkFact("prepared", output(name), variables(name))],
  }));
  return outliers(fleet).map(({ says }) => says);
}

describe("what a check says", () => {
  test.each<[string, (name: string) => string]>([
    ["nothing at all", () => ""],
    ["the same everywhere", () => "prepared for 4711\n"],
    [
      "each host's own name, address and places",
      (it) => `${it} at ${it}.example.com: /srv/${it}/tmp ok`,
    ],
    ["another time on each", (it) => `prepared at 02:00:${it.slice(2)}`],
    ["numbers that are near each other", (it) => String(100 + Number(it.slice(2)))],
    ["a name that only begins like a host's", () => "ap01-backup is there, and so is ap01.old"],
  ])("makes nobody odd where it is %s", (_name, output) => {
    expect(oddOnes(output)).toEqual([]);
  });

  test.each<[string, (name: string) => string, string]>([
    [
      "another marker",
      (it) => `PREPARED ${it === "ap07" ? "4699" : "4711"} on ${it}`,
      'what check "prepared" says is "PREPARED 4699 on ${name}" on ap07, and "PREPARED 4711 on ${name}" on all the others',
    ],
    [
      "something where the others have nothing",
      (it) => (it === "ap07" ? "left over" : ""),
      'what check "prepared" says is "left over" on ap07, and nothing on all the others',
    ],
    [
      "a number that is far from the others",
      (it) => (it === "ap07" ? "90000" : "100"),
      'what check "prepared" says: 90000 on ap07, and about 100 on the others',
    ],
  ])("tells of %s", (_name, output, says) => {
    expect(oddOnes(output)).toEqual([says]);
  });

  test("is bounded and safe to show, whatever a host sends", () => {
    const { value } = checkFact("x\u001b[2J\ny", `\u001b]0;pwned\u0007${"z".repeat(100_000)}`, {});
    expect(String(value).length).toBeLessThan(110);
    expect(String(value)).toMatch(/^"\\x1b\]0;pwned\\x07z+"$/);
    expect(checkFact("x\u001b[2J\ny", "", {}).about).toBe(String.raw`what check "x\x1b[2J y" says`);
  });
});
