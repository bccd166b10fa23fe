import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { inventoryJsonSchema, planJsonSchema } from "../../../src/core/plan/json-schema.ts";
import { isMapping, valueAt } from "../../../src/core/plan/raw.ts";
import { initTexts } from "../../../src/core/plan/starter.ts";
import { options } from "../../sources/registries.ts";

const schemas = {
  plan: planJsonSchema(options.kinds),
  inventory: inventoryJsonSchema(options),
};

/** Every key of every object in a schema, with what is said of it. */
function keysOf(schema: unknown, path = ""): { readonly path: string; readonly said: unknown }[] {
  if (Array.isArray(schema)) return schema.flatMap((one) => keysOf(one, path));
  if (!isMapping(schema)) return [];
  return Object.entries(schema).flatMap(([key, inner]) => {
    if (key !== "properties" || !isMapping(inner)) return keysOf(inner, path);
    return Object.entries(inner).flatMap(([name, property]) => [
      { path: `${path}/${name}`, said: valueAt(property, ["description"]) },
      ...keysOf(property, `${path}/${name}`),
    ]);
  });
}

describe.each(Object.entries(schemas))("the schema of the %s", (what, schema) => {
  test("says which draft and which schema it is", () => {
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: `urn:handrail:schema:${what}:1`,
      additionalProperties: false,
    });
  });

  test("explains every key, for editors to show", () => {
    const silent = keysOf(schema).filter(({ said }) => typeof said !== "string" || said === "");
    expect(silent.map(({ path }) => path)).toEqual([]);
    expect(keysOf(schema).length).toBeGreaterThan(20);
  });

  test("is the one that lies beside the examples", async () => {
    const file = new URL(`../../../plans/${what}.schema.json`, import.meta.url);
    // When this fails: npx handrail schema plan > plans/plan.schema.json, and the same for inventory.
    expect(await readFile(file, "utf8")).toBe(initTexts(options)[`${what}.schema.json`]);
  });
});

test("a duration is a text with a unit, as it is written", () => {
  expect(schemas.plan).toHaveProperty("properties.rollout.properties.retention.type", "string");
  expect(schemas.plan).toHaveProperty("properties.rollout.properties.retention.pattern");
});

test("a step has exactly one kind, and every kind of the registry is among them", () => {
  const kinds = options.kinds.steps.map((kind) => ({ required: [kind.name] }));
  expect(schemas.plan).toHaveProperty("properties.steps.items.oneOf", [
    ...kinds,
    { required: ["do"] },
  ]);
});
