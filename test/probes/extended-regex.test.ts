import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { regexTrouble } from "../../src/probes/extended-regex.ts";
import { spawnSync } from "../support/bounded-process.ts";
import { probeShells } from "./probe-contexts.ts";

test.each([
  "ERROR",
  "ERROR|FATAL",
  "^[0-9]{4}-[0-9]{2} .*(ERROR|FATAL)$",
  "a\\.b\\[c\\]",
  "[]x]",
  "[^]x]+",
  "[[:space:]]+[^[:alnum:]_]",
  "(ab)+",
  "x{2,}",
  "$HOME",
])("%s is taken", (pattern) => {
  expect(regexTrouble(pattern)).toBeNull();
});

test.each([
  ["", "is empty"],
  ["a\nb", "line break"],
  ["(a", 'a "(" that is not closed'],
  ["a)", 'a ")" without "("'],
  ["()", "nothing in it"],
  ["[a", 'a "[" that is not closed'],
  ["[[:word:]]", "begins no class like [:digit:]"],
  ["[:digit:]", 'a class is written "[[:digit:]]"'],
  ["[z-a]", "runs backwards"],
  ["*a", "nothing before it to repeat"],
  ["(+)", "nothing before it to repeat"],
  ["$+", "nothing before it to repeat"],
  ["a|", "nothing on one side"],
  ["|a", "nothing on one side"],
  ["a||b", "nothing on one side"],
  ["a{2", "no repeat like {2,5}"],
  ["a{5,2}", "second number is smaller"],
  ["a{999}", "more than 255 times"],
  ["a.*?b", "one repeat after another"],
  ["\\d+", "write [0-9]"],
  ["\\s", "write [[:space:]]"],
  ["(?:a)", "POSIX does not know"],
  ["\\bword\\b", "POSIX does not know"],
  ["a\\", 'ends with "\\"'],
])("%j is refused: %s", (pattern, trouble) => {
  expect(regexTrouble(pattern)).toContain(trouble);
});

const greps = probeShells.map((shell) => ({
  ...shell,
  grep: shell.name === "busybox" ? [...shell.command.slice(0, 1), "grep"] : ["grep"],
}));

describe.each(greps)("$name", ({ grep, missing }) => {
  test.skipIf(missing !== null)(
    `its grep -E takes whatever is taken here${missing === null ? "" : ` (skipped, because ${missing})`}`,
    () => {
      const piece = fc.constantFrom(
        ..."ab1 .^$|*+?(){}[]\\-:,=_d".split(""),
        "[:alpha:]",
        "[a-b1]",
        "[^]]",
        "{1,2}",
        "(a|b)",
      );
      const pattern = fc
        .array(piece, { minLength: 1, maxLength: 8 })
        .map((parts) => parts.join(""));
      fc.assert(
        fc.property(
          pattern.filter((text) => regexTrouble(text) === null),
          (text) => {
            const [program = "", ...args] = grep;
            const ran = spawnSync(program, [...args, "-a", "-E", "-e", text], {
              input: "a\n",
              env: { LC_ALL: "C", PATH: process.env["PATH"] },
            });
            expect(ran.stderr.toString()).toBe("");
            expect([0, 1]).toContain(ran.status);
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
