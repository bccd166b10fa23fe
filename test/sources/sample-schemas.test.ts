import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { initTexts } from "../../src/core/plan/starter.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { options } from "./registries.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string | URL): string => readFileSync(new URL(path, root), "utf8");
const samples = execFileSync("git", ["ls-files", "-z", "plans", "fixtures/demo"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => /(plan|inventory|minimal)\.yaml$/.test(path));

const ajv = new Ajv2020({ allErrors: true, strict: false });

/** What an editor that knows the schema would underline. */
function underlined(text: string, schema: string): readonly string[] {
  const validate = ajv.compile(JSON.parse(schema));
  const fits = validate(parse(text));
  ajv.removeSchema();
  return fits
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const schemaLine = /^# yaml-language-server: \$schema=(\S+)$/m;

describe("a sample", () => {
  test.each(samples)("names its schema, and is right by it: %s", (path) => {
    const text = read(path);
    const named = schemaLine.exec(text)?.[1];
    expect(named).toBeDefined();
    expect(underlined(text, read(new URL(named!, new URL(path, root))))).toEqual([]);
  });

  test("of each kind is there", () => {
    expect(samples).toEqual(
      expect.arrayContaining([
        "plans/inventory.yaml",
        "plans/minimal.yaml",
        "plans/kb-4711-session-redirect/plan.yaml",
      ]),
    );
  });

  test.each(["plan", "inventory"])(
    "that init writes names its schema, and is right by it: %s",
    (what) => {
      const texts = initTexts(options);
      const text = texts[`${what}.yaml`]!;
      expect(schemaLine.exec(text)?.[1]).toBe(`./${what}.schema.json`);
      expect(underlined(text, texts[`${what}.schema.json`]!)).toEqual([]);
    },
  );

  test("that is wrong is underlined", () => {
    const wrong = read("plans/minimal.yaml").replace("steps:", "stepps:");
    expect(underlined(wrong, read("plans/plan.schema.json")).join()).toContain("steps");
  });
});
