import { describe, expect, test } from "vitest";
import type { EvidenceGoal } from "../../../src/core/plan/metric.ts";
import type { Bake } from "../../../src/core/plan/plan.ts";
import { type Named, readExpression } from "../../../src/core/plan/until-expression.ts";
import { planOf } from "./read.ts";

const metrics: readonly Named[] = [
  { name: "requests", surface: "ui", probe: null, of: "value" },
  { name: "requests", surface: "api v1.2", probe: null, of: "value" },
  { name: "latency", surface: "ui", probe: "behind the login", of: "time" },
];

describe("an expression is read strictly", () => {
  test.each<[string, string, string, number]>([
    ["ui.requests >= 100", "ui.requests", ">=", 100],
    ["ui.requests>99.5", "ui.requests", ">", 99.5],
    ["  ui.requests  <= -1 ", "ui.requests", "<=", -1],
    ["api v1.2.requests < 7", "api v1.2.requests", "<", 7],
    ["behind the login.latency <= 300ms", "ui.latency", "<=", 300],
    ["ui.latency <= 2s", "ui.latency", "<=", 2000],
    ["ui.latency <= 250", "ui.latency", "<=", 250],
  ])("%s", (written, metric, is, number) => {
    expect(readExpression(written, metrics)).toEqual({
      metric,
      is,
      number,
      written: written.trim(),
    });
  });

  test.each<[string, string]>([
    ["ui.requests", "is no comparison of a metric"],
    ["requests >= 100", "is no comparison of a metric"],
    [".requests >= 100", "is no comparison of a metric"],
    ["ui. >= 100", "is no comparison of a metric"],
    ["ui.requests >= 100 and more", "is no comparison of a metric"],
    ["ui.requests >= 100 || 1 >= 0", "no metric is named"],
    ["ui.requests == 100", 'compares by "=="'],
    ["ui.requests >= 1e3", "is not a number"],
    ["ui.requests >= 5s", "is not a number"],
    ["ui.requests >= 1_000", "is not a number"],
    ["jobs.requests >= 100", "no metric is named"],
    ["behind the login.requests >= 100", "no metric is named"],
  ])("%s is refused, because it %s", (written, message) => {
    expect(readExpression(written, metrics)).toMatchObject({
      message: expect.stringContaining(message),
    });
  });
});

const base = `
metrics:
  - { name: requests, surface: ui, as: counter, run: "echo 1" }
probes:
  - { name: page, surface: ui, on: controller, http: { url: "http://x/", contains: hello } }
`;

describe("what a plan leaves out", () => {
  test("a metric is a gauge of the number in an answer, looked at every 2 s", () => {
    const { metrics: [metric] = [] } = planOf(`metrics: [{ name: n, surface: ui, run: "echo 1" }]`);
    expect(metric).toEqual({
      name: "n",
      surface: "ui",
      probe: null,
      kind: "run",
      on: "host",
      intervalMs: 2000,
      args: { command: "echo 1", timeout: 10_000 },
      of: "value",
      as: "gauge",
      better: null,
      compare: null,
    });
  });

  test("a metric of a probe asks the probe's question, on its surface, from its place", () => {
    const { metrics: all = [] } = planOf(
      `${base}  - { name: other, surface: api, tcp: "x:80" }\n`.replace(
        "probes:",
        "  - { name: latency, probe: page, of: time, compare: { with: baseline, worseBy: 3x, atLeast: 200ms } }\nprobes:",
      ),
    );
    expect(all[1]).toMatchObject({
      name: "latency",
      surface: "ui",
      probe: "page",
      kind: "http",
      on: "controller",
      args: { url: "http://x/", contains: "hello" },
      better: "lower",
      compare: {
        with: "baseline",
        byPart: 2,
        byAtLeast: 200,
        samples: 8,
        mode: "shadow",
        whenTooFew: "ask",
      },
    });
  });

  test.each([
    ["50%", "lower", 0.5],
    ["3x", "lower", 2],
    ["50%", "higher", 0.5],
    ["4x", "higher", 0.75],
  ])("worse by %s, where %s is better, is %s parts of the others", (worseBy, better, part) => {
    const compare = `{ with: control, worseBy: ${worseBy} }`;
    const { metrics: all = [] } = planOf(
      `metrics: [{ name: n, surface: ui, run: "echo 1", better: ${better}, compare: ${compare} }]`,
    );
    expect(all[0]?.compare).toMatchObject({ byPart: part, byAtLeast: 0, samples: 5 });
  });
});

const bakes = (rollout: string) => planOf(`${base}rollout: ${rollout}`).rollout;

describe("a bake that waits for evidence", () => {
  const and: EvidenceGoal = {
    metric: "ui.requests",
    is: ">=",
    number: 100,
    written: "ui.requests >= 100",
  };

  test.each<[string, string, Partial<Bake>]>([
    [
      "has three times as long as it hopes for",
      '{ bake: { until: { time: 15m, and: "ui.requests >= 100" } } }',
      { until: { timeMs: 900_000, and }, deadlineMs: 5_000 + 3 * 900_000 },
    ],
    [
      "or three times as long as being healthy takes",
      '{ bake: { until: { and: "ui.requests >= 100" } } }',
      { until: { timeMs: 0, and }, deadlineMs: 5_000 + 3 * 90_000 },
    ],
    [
      "or as long as the plan says",
      "{ bake: { until: { time: 1m }, deadline: 5m } }",
      { until: { timeMs: 60_000, and: null }, deadlineMs: 300_000 },
    ],
  ])("%s", (_what, rollout, expected) => {
    expect(bakes(rollout).bake).toMatchObject(expected);
  });

  test("is the same in the first region, unless the plan says otherwise", () => {
    const same = bakes(
      "{ bake: { until: { time: 1m }, deadline: 5m }, bakeFirst: { stable: 40s } }",
    );
    expect(same.bakeFirst).toMatchObject({ until: { timeMs: 60_000 }, deadlineMs: 300_000 });
    const own = bakes(
      "{ bake: { until: { time: 1m }, deadline: 5m }, bakeFirst: { until: { time: 4m } } }",
    );
    expect(own.bakeFirst).toMatchObject({ until: { timeMs: 240_000 }, deadlineMs: 725_000 });
  });

  test("gives its instance and the rollout more time by itself", () => {
    expect(bakes("{ bake: { until: { time: 15m } } }").deadline).toEqual({
      stepMs: 300_000,
      instanceMs: 2_705_000 + 300_000,
      progressMs: 2 * 3_005_000,
    });
    expect(bakes("{ bake: { stable: 1m } }").deadline).toMatchObject({ instanceMs: 900_000 });
  });
});
