import { describe, expect, test } from "vitest";
import { isLong } from "../support/long-suite.ts";
import { crashScenarios, failingUndo } from "./crash-scenarios.ts";
import { sweptEnd } from "./crash-sweep.ts";
import type { Death } from "./fate.ts";

describe.each(crashScenarios)("$name: a runner that dies", (scenario) => {
  test("would not have changed that it comes to this end", async () => {
    const { end, broken } = await sweptEnd(scenario);
    const instances = end?.instances.map(([name, phase]) => [name, phase]) ?? [];
    const all = end?.closed ?? (end?.parked === null ? "endless" : "parked");
    expect({ broken, ends: { ...Object.fromEntries(instances), all } }).toEqual({
      broken: [],
      ends: scenario.ends,
    });
    if (scenario.undoes === undefined) return;
    const undone = end?.hosts.map(({ name, undone: steps }) => [name, steps]) ?? [];
    const wanted = Object.entries(scenario.undoes).map(([name, steps]) => [
      name,
      steps.map((step) => [step, 1]),
    ]);
    expect(undone).toEqual(wanted);
  });

  test.each(["before", "after"] as const)(
    "%s any one record is durable, and is followed by another, comes to the same end",
    async (when) => {
      const undisturbed = await sweptEnd(scenario);
      expect(undisturbed.broken).toEqual([]);
      expect(undisturbed.records).toBeGreaterThan(30);
      // Every seventh of each; the long suite has all of both.
      const [from, stride] = isLong ? [2, 1] : [when === "before" ? 3 : 2, 7];
      for (let at = from; at <= undisturbed.records; at += stride) {
        const death: Death = { at, when };
        const { end, broken, deaths } = await sweptEnd(scenario, [death]);
        expect({ death, broken, end }).toEqual({ death, broken: [], end: undisturbed.end });
        expect(deaths).toBe(1);
      }
    },
  );
});

test("an undo that went well on one of two hosts is not run there again", async () => {
  const { end, broken } = await sweptEnd(failingUndo);
  expect(broken).toEqual([]);
  expect(end).toMatchObject({
    closed: "halted",
    instances: [
      ["eu1", "sealed", null],
      ["cn1", "rolled-back", expect.anything()],
      ["cn2", "waiting", null],
    ],
  });
  const undone = end?.hosts.map((host) => [host.name, host.undone]);
  expect(undone).toEqual([
    ["eu1", []],
    [
      "cn1-a",
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      "cn1-b",
      [
        [0, 1],
        [1, 1],
      ],
    ],
    ["cn2", []],
  ]);
});
