import { describe, expect, test } from "vitest";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import { previewJson } from "../../src/views/preview-json.ts";
import { previewText } from "../../src/views/preview-text.ts";
import { knownBy, reversal } from "../../src/views/reversal.ts";
import { almaItinerary, bigFleet } from "./support/alma.ts";
import { hostile } from "./support/scenarios.ts";

const summary = (step: StepSpec, instance: { readonly name: string }) =>
  `${step.work.kind} on ${instance.name}`;

describe("what a step is known by, and how it is taken back", () => {
  const step = almaItinerary().plan.steps[0]!;

  test.each<[string, Partial<StepSpec>, string, boolean, string]>([
    ["a copy", { work: { kind: "copy", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a patch", { work: { kind: "patch", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a remove", { work: { kind: "remove", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a run", { work: { kind: "run", args: "x" }, writes: [] }, "unknown", false, "not reversible"],
    [
      "a run with undo",
      { work: { kind: "run", args: "x" }, writes: [], undo: { kind: "run", args: "y" } },
      "unknown",
      true,
      'undo: run "y"',
    ],
    [
      "a run with writes",
      { work: { kind: "run", args: "x" }, writes: ["/srv/a", "/srv/b"] },
      "declared",
      true,
      "put back: /srv/a, /srv/b",
    ],
    ["a script", { work: { kind: "script", args: {} }, writes: [] }, "unknown", false, "not rev"],
    ["a request", { work: { kind: "http", args: {} }, writes: [] }, "unknown", false, "not rev"],
    [
      "a restart",
      { work: { kind: "service", args: { systemd: "app", do: "restart" } }, writes: [] },
      "unknown",
      true,
      "only restarts",
    ],
    [
      "a stop",
      { work: { kind: "service", args: { systemd: "app", do: "stop" } }, writes: [] },
      "unknown",
      false,
      "not reversible",
    ],
  ])("%s", (_name, change, known, is, how) => {
    const changed = { ...step, undo: null, ...change };
    expect(knownBy(changed)).toBe(known);
    expect(reversal(changed)).toMatchObject({ is, how: expect.stringContaining(how) });
  });
});

describe("a preview", () => {
  const itinerary = almaItinerary({ approve: ["cn"] });

  test("is, as data, what will happen in the order in which it will", () => {
    const preview = previewJson(itinerary, { summary });
    expect(preview.regions.map((region) => [region.name, region.approve])).toEqual([
      ["apac", false],
      ["eu", false],
      ["na", false],
      ["cn", true],
    ]);
    expect(preview.regions[1]?.batches).toEqual([
      { size: "1", instances: ["eu01"], maxBad: 0, atOnce: 1 },
      { size: "3", instances: ["eu02", "eu03", "eu04"], maxBad: 0, atOnce: 3 },
    ]);
    expect(preview.steps.map((step) => step.summary)).toEqual([
      "copy on ap01",
      "run on ap01",
      "patch on ap01",
      "service on ap01",
    ]);
    expect(preview.limits).toMatchObject({ maxBad: "0", atOnce: 3, largestBatch: 3 });
    expect(preview.notReversible).toEqual(["restart"]);
    expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
  });

  test("prints the number beside each percentage", () => {
    const { plan } = itinerary;
    const rollout = {
      ...plan.rollout,
      batches: [{ number: 1 }, { percent: 75 }],
      maxBad: { percent: 10 },
    };
    const percent = {
      ...itinerary,
      maxBad: { rollout: 1 },
      plan: { ...plan, rollout },
    };
    const preview = previewJson(percent, { summary });
    expect(preview.regions[1]?.batches.map((batch) => batch.size)).toEqual(["1", "75 % = 3"]);
    expect(preview.limits.maxBad).toBe("10 % = 1");
    const text = previewText(percent, { summary });
    expect(text).toContain("batch 2 (75 % = 3)");
    expect(text).toContain("at most 10 % = 1 per batch");
  });

  test("says in words what is protected, how each step is taken back, and what can't be", () => {
    const text = previewText(itinerary, { summary });
    const words = [
      "digest     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "alma (production)",
      "waits for a person's approval",
      "regenerates: may go, must be back within 2 s, else restore and restart-app",
      "! not reversible: it has neither undo nor writes",
      'undo: run "warm"',
      "can harm     ui, api",
      "ui   upload (http, every 1 s)",
      'not reversible  "restart"',
    ];
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  });

  test("stays readable with 300 instances at 60 columns", () => {
    const lines = previewText(bigFleet(6, 50), { summary, columns: 60 }).split("\n");
    const digest = lines.filter((line) => line.length >= 60);
    expect(digest.every((line) => line.includes("9f86d081"))).toBe(true);
    expect(lines.length).toBeLessThan(130);
  });

  test("prints nothing raw of what a plan says", () => {
    const { plan } = itinerary;
    const text = previewText(
      { ...itinerary, plan: { ...plan, summary: hostile } },
      {
        summary: () => hostile,
      },
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});
