import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { watchEventSchemas } from "../../src/views/watch-events.ts";
import { publicEvents } from "../../src/views/events-of-record.ts";
import { jsonLines } from "../../src/views/json-lines.ts";
import {
  eventsJsonSchema,
  type PublicEvent,
  publicEvent,
  publicEventSchemas,
} from "../../src/views/public-events.ts";
import { summarise } from "../../src/views/summary.ts";
import { refusalEvent, summaryEvent } from "../../src/views/summary-event.ts";
import { hostile, scenario, scenarioNames } from "./support/scenarios.ts";

/** What `apply --json` prints for this rollout. */
function printed(name: string): string {
  let text = "";
  const told = scenario(name);
  const view = jsonLines({ output: { write: (line) => (text += line) }, handrail: "0.1.0" });
  for (const { record, before, after } of told) view.record(record, before, after);
  const { record, after } = told.at(-1)!;
  const summary = summarise(
    after,
    told.map((it) => it.record),
  );
  view.summary(summaryEvent(summary, after.halt?.sentence ?? null, record.at));
  return text;
}

function parsed(name: string): PublicEvent[] {
  return printed(name)
    .trimEnd()
    .split("\n")
    .map((line) => publicEvent.parse(JSON.parse(line)));
}

function types(name: string): string[] {
  return parsed(name).map((event) => event.type);
}

describe("--json", () => {
  test.each(scenarioNames)("prints only lines that the schema knows: %s", (name) => {
    const lines = parsed(name);
    expect(lines[0]).toEqual({ type: "version", schema: 1, handrail: "0.1.0" });
    expect(lines.at(-1)?.type).toBe("summary");
    expect(lines.filter((event) => event.type === "summary")).toHaveLength(1);
    expect(lines.filter((event) => event.type === "version")).toHaveLength(1);
    const rollouts = lines.flatMap((event) => (event.type === "version" ? [] : [event.rollout]));
    expect(new Set(rollouts)).toEqual(new Set(["kb-4711-20261123-0312-7f3a"]));
  });

  test("prints every type that the schema knows in one or another rollout", () => {
    // Told before there is any rollout (see below), and after it (see test/e2e/watch.test.ts).
    const outside = ["lock.waiting", ...Object.keys(watchEventSchemas)];
    const seen = new Set([...outside, ...scenarioNames.flatMap(types)]);
    expect(Object.keys(publicEventSchemas).filter((type) => !seen.has(type))).toEqual([]);
  });

  test("never prints a control character, whatever a host said", () => {
    const text = printed("noisy");
    expect(text).toContain("\\\\x1b[2J");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    for (const line of text.trimEnd().split("\n"))
      expect(JSON.stringify(JSON.parse(line))).not.toMatch(/\\u00[0189][0-9a-f]|\\r|\\b|\\f/);
  });

  test("tells the incident in order", () => {
    const about = parsed("incident").filter(
      (event) => "instance" in event && event.instance === "cn01",
    );
    const told = about.map((event) => event.type).filter((type) => type !== "probe");
    expect(told.join(" ")).toBe(
      "instance.started snapshot.taken step.started step.finished verdict " +
        "snapshot.taken step.started step.finished verdict recovery " +
        "instance.bad rollback.started restored restored rollback.finished",
    );
  });

  test("counts steps and batches from 1 and names them", () => {
    const lines = parsed("incident");
    expect(lines.find((event) => event.type === "step.started")).toMatchObject({
      step: "new jar",
      stepNumber: 1,
      region: "apac",
      instance: "ap01",
    });
    expect(lines.find((event) => event.type === "batch.started")).toMatchObject({
      batch: 1,
      batches: 2,
      instances: ["ap01"],
    });
    expect(lines.find((event) => event.type === "instance.bad")).toMatchObject({
      step: "clear compiled pages",
      stepNumber: 2,
      as: "contract broken",
      touched: true,
    });
  });

  test("says the halt before the first rollback, and each rollback once", () => {
    const order = types("incident, everything taken back");
    expect(order.indexOf("halted")).toBeLessThan(order.indexOf("rollback.started"));
    expect(order.filter((type) => type === "rollback.started")).toHaveLength(11);
    expect(order.filter((type) => type === "rollback.finished")).toHaveLength(11);
  });

  test("an instance that was never touched is bad without being touched", () => {
    const bad = parsed("refused").find((event) => event.type === "instance.bad");
    expect(bad).toMatchObject({ instance: "cn01", touched: false });
    expect(types("refused")).toContain("preflight.failed");
  });

  test("says of a resumed rollout that it was resumed, and not of a first one", () => {
    expect(types("paused and resumed").filter((type) => type === "resumed")).toHaveLength(1);
    expect(types("goes well")).not.toContain("resumed");
  });

  test("a refusal before there is a rollout is a whole document too", () => {
    let text = "";
    const view = jsonLines({ output: { write: (line) => (text += line) }, handrail: "0.1.0" });
    const failure = { code: "CHECK_FAILED", message: hostile, hint: "" } as const;
    view.summary(refusalEvent({ at: "2026-11-23T03:12:40.000Z", exit: 3, failures: [failure] }));
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => publicEvent.parse(JSON.parse(line)));
    expect(lines.map((event) => event.type)).toEqual(["version", "summary"]);
    expect(lines[1]).toMatchObject({ outcome: "refused", exit: 3, rollout: null });
  });

  test("a wait for another rollout's lock is a line that the schema knows, with no raw control characters", () => {
    let text = "";
    const view = jsonLines({ output: { write: (line) => (text += line) }, handrail: "0.1.0" });
    const failure = { code: "HOST_LOCKED", message: hostile, hint: "wait", host: "ap01" } as const;
    view.waiting({ at: "2026-11-23T03:12:40.000Z", failure, leftMs: 1_799_400.4 });
    const line = text.trimEnd().split("\n").at(-1) ?? "";
    expect(publicEvent.parse(JSON.parse(line))).toMatchObject({
      type: "lock.waiting",
      rollout: null,
      failure: { code: "HOST_LOCKED", host: "ap01" },
      leftMs: 1_799_400,
    });
    expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });
});

describe("publicEvents", () => {
  test("gives the same for the same record, and changes nothing", () => {
    for (const { record, before, after } of scenario("incident")) {
      const was = JSON.stringify(record);
      expect(publicEvents(before, record, after)).toEqual(publicEvents(before, record, after));
      expect(JSON.stringify(record)).toBe(was);
    }
  });
});

interface Shape {
  readonly description?: string;
  readonly properties: Readonly<Record<string, { readonly const?: string }>>;
  readonly additionalProperties: boolean;
}

describe("the JSON Schema of events", () => {
  const shapes: readonly Shape[] = JSON.parse(JSON.stringify(eventsJsonSchema())).oneOf;

  test("is draft 2020-12 and has one closed, described shape per type", () => {
    expect(eventsJsonSchema()).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
    });
    const found = shapes.map((shape) => shape.properties["type"]?.const ?? "none");
    expect(new Set(found)).toEqual(new Set(Object.keys(publicEventSchemas)));
    expect(found).toHaveLength(Object.keys(publicEventSchemas).length);
    for (const shape of shapes) {
      expect(shape.additionalProperties).toBe(false);
      expect(shape.description).toMatch(/\.$/);
    }
  });

  test("refuses what is not an event", () => {
    expect(publicEvent.safeParse({ type: "nonsense" }).success).toBe(false);
    expect(publicEvent.safeParse({ type: "version", schema: 2, handrail: "1" }).success).toBe(
      false,
    );
    expect(
      publicEvent.safeParse({ type: "version", schema: 1, handrail: "1", more: 1 }).success,
    ).toBe(false);
  });
});

describe("docs/events.md", () => {
  const page = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");

  test("names every type, and none that there is not", () => {
    const named = [...page.matchAll(/^\| `([a-z.]+)` \|/gm)].map(([, type]) => type);
    expect(new Set(named)).toEqual(new Set(Object.keys(publicEventSchemas)));
    expect(named).toHaveLength(Object.keys(publicEventSchemas).length);
  });

  test("names every field of every type", () => {
    const rows = new Map(
      [...page.matchAll(/^\| `([a-z.]+)` \| (.*)$/gm)].map(([, type = "", row = ""]) => [
        type,
        row,
      ]),
    );
    const common = new Set("type at rollout region instance host step stepNumber".split(" "));
    const missing = Object.entries(publicEventSchemas).flatMap(([type, { shape }]) =>
      type === "summary"
        ? Object.keys(shape).filter((field) => !page.includes(`"${field}"`))
        : Object.keys(shape)
            .filter((field) => !common.has(field) && !rows.get(type)?.includes(`\`${field}\``))
            .map((field) => `${type}.${field}`),
    );
    expect(missing).toEqual([]);
  });

  test("shows only lines that the schema knows", () => {
    const lines = page.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(publicEvent.safeParse(JSON.parse(line)).error).toBeUndefined();
  });
});
