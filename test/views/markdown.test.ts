import { describe, expect, test } from "vitest";
import { code, fenced, markdown, markdownBytesMax } from "../../src/views/markdown.ts";
import { rolloutReport } from "../../src/views/ci-report.ts";
import { summarise } from "../../src/views/summary.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

function reportOf(name: string) {
  const told = scenario(name);
  const state = told.at(-1)!.after;
  const records = told.map(({ record }) => record);
  const summary = summarise(state, records);
  return { ...rolloutReport(state, records, { summary, program: "handrail" }), summary };
}

describe("Markdown", () => {
  test.each<[string, string]>([
    ["a|b", "<code>a&#124;b</code>"],
    ["</code><img src=x>", "<code>&#60;/code&#62;&#60;img src=x&#62;</code>"],
    ["`*_[x](y)_*`", "<code>&#96;&#42;&#95;&#91;x&#93;&#40;y&#41;&#95;&#42;&#96;</code>"],
    ["@team #1 &amp;", "<code>&#64;team &#35;1 &#38;amp;</code>"],
    ["see https://evil.example", "<code>see https&#58;&#47;&#47;evil.example</code>"],
    ["WWW.evil.example", "<code>&#87;&#87;&#87;&#46;evil.example</code>"],
    ["one\ntwo\u001b[31m\u202e", "<code>one two&#92;x1b&#91;31m&#92;u&#123;202e&#125;</code>"],
    ["20 % = 3, eu-01: ok", "<code>20 % = 3, eu-01: ok</code>"],
  ])("takes nothing of %j for its own", (text, said) => {
    expect(code(text)).toBe(said);
  });

  test("puts a fence around a text that the text can't close", () => {
    const text = "a\n```\n# title\n`````x";
    const [first, ...rest] = fenced(text).split("\n");
    expect(first).toBe("``````text");
    expect(rest).toEqual([...text.split("\n"), "``````"]);
  });

  test("keeps whole paragraphs within its bytes, and says that some are left out", () => {
    const paragraphs = ["first", "ä".repeat(100), "third"];
    const all = markdown(paragraphs);
    expect(all).toBe(`first\n\n${"ä".repeat(100)}\n\nthird\n`);
    const short = markdown(paragraphs, 150);
    expect(short).toBe("first\n\n*There was no room for the rest.*\n");
    const huge = markdown(Array.from({ length: 99 }, () => "x".repeat(5_000)));
    expect(Buffer.byteLength(huge)).toBeLessThanOrEqual(markdownBytesMax);
    expect(huge).toContain("no room");
  });

  test.each(scenarioNames)(
    "tells a rollout that is called %j, whatever its hosts print",
    (name) => {
      const { markdown: paragraphs, summary, annotations } = reportOf(name);
      const text = markdown(paragraphs);
      expect(text.split("\n")[0]).toBe(`### Handrail: ${summary.outcome}`);
      expect(text).toContain(`| exit code | ${summary.exit} |`);
      // oxlint-disable-next-line no-control-regex -- that is what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E\uD800]/u);
      expect(annotations.length > 0).toBe(summary.exit !== 0);
    },
  );

  test("of a halt says rule, place, what was done, how users are and what to type", () => {
    const text = markdown(reportOf("incident").markdown);
    for (const words of [
      "Halted by the rule: <code>1 bad in cn batch 1 &#40;cn01&#41;, at most 0 allowed</code>",
      "| <code>cn</code> | 2 | 0 | 1 | 0 | 0 | 0 | 1 |",
      "* **<code>cn01</code>** (<code>cn</code>): contract broken, at step 2 <code>clear compiled pages</code>",
      "  * done: <code>content and health verified: as before</code>",
      "  * users: <code>",
      "handrail undo ",
    ])
      expect(text).toContain(words);
  });
});
