import { expect, test } from "vitest";
import { Measuring, metricsOfBake } from "../../src/runner/measuring.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { metricOf, plainBake } from "./support/measured-rollout.ts";
import { quietParts } from "./support/quiet-parts.ts";

const wait = metricOf({ name: "wait", compare: { with: "baseline" } });
const requests = metricOf({ name: "requests" });
const itinerary = smallItinerary({ regions: { eu: [["a"]] }, metrics: [wait, requests] });

test("a runner that takes over compares with what an earlier one has measured, the newest first", () => {
  const measuring = new Measuring({
    itinerary,
    door: { open: () => Promise.reject(new Error("nobody is asked")) },
    clock: new VirtualClock().seenBy({ value: true }),
    probeKind: () => null,
    ...quietParts,
  });
  expect(measuring.baseline("a", wait)).toEqual([]);
  for (const values of [
    [1, 2],
    [3, 4],
  ])
    measuring.recall({ kind: "baseline", instance: "a", metric: "ui.wait", values });
  expect(measuring.baseline("a", wait)).toEqual([3, 4]);
  expect(measuring.baseline("b", wait)).toEqual([]);
  expect(measuring.baseline("a", requests)).toEqual([]);
});

test("a bake measures what it waits for and what is compared, and nothing else", () => {
  const { plan } = itinerary;
  const names = (bake: Parameters<typeof metricsOfBake>[1]) =>
    metricsOfBake(plan, bake).map(({ name }) => name);
  expect(names(plainBake)).toEqual(["wait"]);
  const and = { metric: "ui.requests", is: ">=", number: 1, written: "ui.requests >= 1" } as const;
  expect(names({ ...plainBake, until: { timeMs: 0, and } })).toEqual(["wait", "requests"]);
});
