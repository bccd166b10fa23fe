import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { freeze } from "../../src/core/freeze.ts";
import { metricRows, previewBake, previewMetrics } from "../../src/views/preview-metrics.ts";
import { untilWords } from "../../src/views/comparison-words.ts";
import { inventoryOf, planOf } from "../core/plan/read.ts";

/** Its first lines are the reader's own. */
async function example(name: string): Promise<string> {
  const text = await readFile(new URL(`../../plans/${name}.yaml`, import.meta.url), "utf8");
  return text.replace(/^(?:handrail|name): .*\n/gm, "");
}

const order = {
  plan: planOf(await example("evidence")),
  inventory: inventoryOf(await example("inventory")),
  files: {},
  rollout: "r",
  digest: "d",
};
const itinerary = freeze(order);

test("a preview says how many will stand against how many, and where that is too few", () => {
  expect(metricRows(previewMetrics(itinerary)).map((row) => row.join(" | "))).toEqual([
    "ui.requests | http from the controller, every 10 s, a counter",
    "ui.errors | http from the controller, every 10 s, a counter",
    " | against instances not yet changed: higher by 50 %, and by at least 0.5 a second makes instances bad",
    " | control group of apac batch 1: 1 changed against 39: too few to tell, which decides nothing",
    " | control group of apac batch 2: 5 changed against 34",
    " | control group of apac batch 3: 8 changed against 26",
    " | control group of apac batch 4: 8 changed against 18",
    " | control group of apac batch 5: 8 changed against 10",
    " | control group of apac batch 6: 8 changed against 2: too few to tell, which decides nothing",
    " | control group of apac batch 7: 2 changed against 0: too few to tell, which decides nothing",
    "ui.wait | time of http from the controller, every 2 s",
    " | against itself before it is touched: higher by 200 %, and by at least 200 ms is told, and decides nothing",
  ]);
});

test("a gate that asks says that a person will be asked", () => {
  const metrics = previewMetrics(itinerary).map((it) => ({
    ...it,
    compare: it.compare && { ...it.compare, whenTooFew: "ask" as const },
  }));
  const [canary] = metricRows(metrics).filter(([, text]) => text.includes("batch 1:"));
  expect(canary?.[1]).toContain("too few to tell, so that a person is asked");
});

test("a preview says until when a bake goes on", () => {
  expect(untilWords(previewBake(itinerary.regions[0]!.bake))).toBe(
    "until 15 min are over and ui.requests >= 100, else a person is asked after 45 min",
  );
  const { until: _until, deadlineMs: _deadline, ...plain } = itinerary.regions[0]!.bake;
  expect(untilWords(previewBake(plain))).toBe("");
});
