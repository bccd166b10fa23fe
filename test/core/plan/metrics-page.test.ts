import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { metricSchema } from "../../../src/core/plan/metric-schema.ts";
import { isMapping, valueAt } from "../../../src/core/plan/raw.ts";
import { options } from "../../sources/registries.ts";
import { planOf } from "./read.ts";

const page = await readFile(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
const schema = z.toJSONSchema(metricSchema(options.kinds), { io: "input", unrepresentable: "any" });
const keysAt = (...path: readonly string[]): readonly string[] => {
  const keys = valueAt(schema, path);
  return isMapping(keys) ? Object.keys(keys) : [];
};

test("docs/metrics.md has every key of a metric, and of what it is compared by", () => {
  const kinds: readonly string[] = options.kinds.probes.map(({ name }) => name);
  const keys = [
    ...keysAt("properties").filter((key) => !kinds.includes(key)),
    ...keysAt("properties", "compare", "properties"),
  ];
  expect(keys.length).toBeGreaterThan(12);
  expect(keys.filter((key) => !page.includes(`\`${key}`))).toEqual([]);
});

test("docs/metrics.md names every kind that gives a number", () => {
  const giving = options.kinds.probes.filter((kind) => kind.unmeasured !== undefined);
  expect(
    giving.map(({ name }) => name).filter((name) => !page.includes(`| \`${name}\` |`)),
  ).toEqual([]);
});

test("what docs/metrics.md shows is a plan", () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const probe = `probes: [{ name: page, surface: ui, http: { url: "http://x/", contains: x } }]`;
  const { rollout, metrics = [] } = planOf(`${example}${probe}\n`);
  expect(rollout.bake.until?.and).toMatchObject({ metric: "ui.requests", number: 100 });
  expect(metrics.map(({ name }) => name)).toEqual(["requests", "errors", "wait"]);
});
