import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { planSchema } from "../../src/core/plan/plan-schema.ts";
import { isMapping } from "../../src/core/plan/raw.ts";
import { probeKinds } from "../../src/probes/registry.ts";
import { options } from "../sources/registries.ts";

const page = await readFile(new URL("../../docs/probes.md", import.meta.url), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .map((section): [string, string] => [
      section.slice(0, section.indexOf("\n")).replaceAll("`", ""),
      section,
    ]),
);

/** Every key of every object in a schema. */
function keysIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysIn);
  if (!isMapping(schema)) return [];
  return Object.entries(schema).flatMap(([key, inner]) =>
    key === "properties" && isMapping(inner)
      ? [...Object.keys(inner), ...Object.values(inner).flatMap(keysIn)]
      : keysIn(inner),
  );
}

test.each(probeKinds.map(({ name, args }) => ({ name, args })))(
  "docs/probes.md has every key of $name",
  ({ name, args }) => {
    const section = sections.get(name) ?? "";
    const schema = z.toJSONSchema(args, { io: "input", unrepresentable: "any" });
    const words = new Set(section.match(/[A-Za-z]+/g));
    expect(section).not.toBe("");
    expect([...new Set(keysIn(schema))].filter((key) => !words.has(key))).toEqual([]);
  },
);

test("docs/probes.md has every key of all probes", () => {
  const section = sections.get("Keys of every probe") ?? "";
  const kinds: readonly string[] = probeKinds.map(({ name }) => name);
  const { probes } = planSchema(options.kinds).shape;
  const schema = z.toJSONSchema(probes, { io: "input", unrepresentable: "any" });
  const items = isMapping(schema["items"]) ? schema["items"]["properties"] : {};
  const keys = Object.keys(isMapping(items) ? items : {}).filter((key) => !kinds.includes(key));
  expect(keys.length).toBeGreaterThan(4);
  expect(keys.filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
});

test("what docs/probes.md shows is right", () => {
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
  const [example = "", json = ""] = blocks;
  const plan = { handrail: 1, name: "p", steps: [], ...parse(example) };
  expect(planSchema(options.kinds).safeParse(plan).error).toBeUndefined();
  const http = { url: "http://x", ...parse(json) };
  const other = { ...plan, probes: [{ name: "p", surface: "ui", http }] };
  expect(planSchema(options.kinds).safeParse(other).error).toBeUndefined();
  expect(blocks).toHaveLength(2);
});
