import { describe, expect, test } from "vitest";
import { instancesOf } from "../../src/core/state.ts";
import {
  type Asked,
  measuredRollout,
  type MeasuredWorld,
  metricOf,
} from "./support/measured-rollout.ts";

/** Instances differ by themselves, by up to a tenth, and so do their answers. */
function usual({ instance, times }: Asked): number {
  const own = Number(instance.replace(/\D/g, ""));
  return 100 + ((own * 7) % 10) + ((times * 3) % 5);
}

const same = (it: Asked) => ({ value: usual(it) });
const wild = ({ instance }: Asked) => ({
  value: Number(instance.slice(2)) % 3 === 0 ? 1_000 : 10,
});
const deaf = (it: Asked) => (it.instance === "eu20" ? null : { value: usual(it) });
const counting = ({ changed, times, instance }: Asked) => ({
  value: Number(instance.slice(2)) * 1_000 + times * (changed ? 4 : 1),
});
const fewer = (it: Asked) => ({ value: usual(it) / (it.changed ? 3 : 1) });

const latency = metricOf({ compare: { byAtLeast: 20 } });
const fleet: MeasuredWorld = {
  regions: { eu: [1, 6, 13] },
  metrics: [{ ...latency, compare: { ...latency.compare!, whenTooFew: "shadow" } }],
  gives: (it) => ({ value: usual(it) * (it.changed ? 3 : 1) }),
};

describe("a fix that makes every answer slower, with every probe passing", () => {
  test("is halted by its control group, with the numbers in the sentence", async () => {
    const { state, notes } = await measuredRollout(fleet);
    expect(state.closed).toBe("halted");
    expect(state.halt?.sentence).toMatch(
      /^1 bad in eu batch 2 \(eu2\), at most 0 allowed; eu2 is of a batch on which ui\.latency is worse than on instances not yet changed: 320\.\d on 6 changed, 106\.\d on 13 others, by chance in 1 of \d+ at most$/,
    );
    const verdicts = notes.filter((note) => note.kind === "control.compared");
    // One canary proves nothing; the verdict on six is noted once.
    expect(verdicts).toMatchObject([
      { batch: 0, is: "inconclusive", few: true, mode: "gate", instances: ["eu1"] },
      {
        batch: 1,
        is: "harm",
        instances: ["eu2", "eu3", "eu4", "eu5", "eu6", "eu7"],
        changed: { instances: 6 },
        control: { instances: 13 },
      },
    ]);
  });

  test("makes every instance of the batch bad, and takes them back", async () => {
    const { state } = await measuredRollout(fleet);
    const phases = instancesOf(state, "eu").map(({ name, phase, bad }) => [
      name,
      phase,
      bad?.failure.code ?? null,
    ]);
    expect(phases.slice(0, 7)).toEqual([
      ["eu1", "sealed", null],
      ...[2, 3, 4, 5, 6, 7].map((at) => [`eu${at}`, "rolled-back", "METRIC_WORSE"]),
    ]);
    expect(new Set(phases.slice(7).map(([, phase]) => phase))).toEqual(new Set(["waiting"]));
  });

  test("is told, and goes on, in shadow mode", async () => {
    const metrics = [metricOf({ compare: { byAtLeast: 20, mode: "shadow" } })];
    const { state, notes } = await measuredRollout({ ...fleet, metrics });
    expect(state.closed).toBe("sealed");
    const verdicts = notes.filter((note) => note.kind === "control.compared");
    expect(verdicts.map(({ is, mode, few }) => [is, mode, few])).toEqual([
      ["inconclusive", "shadow", true],
      ["harm", "shadow", false],
      // There is nobody left to compare the last batch with.
      ["inconclusive", "shadow", true],
    ]);
  });
});

describe("a fix that changes nothing of it", () => {
  test("is proved to do so, and goes on", async () => {
    const { state, notes } = await measuredRollout({ ...fleet, gives: same });
    expect(state.closed).toBe("sealed");
    const verdicts = notes.filter((note) => note.kind === "control.compared");
    expect(verdicts.map(({ is }) => is)).toEqual(["inconclusive", "no harm", "inconclusive"]);
  });

  test("waits for a person where there are too few to tell, unless the plan says otherwise", async () => {
    const { state } = await measuredRollout({ ...fleet, metrics: [latency], gives: same });
    expect(state.parked).toEqual({ kind: "inconclusive", instances: ["eu1"] });
    expect(state.instances.get("eu1")?.doubt).toMatchObject({
      code: "METRIC_INCONCLUSIVE",
      message:
        "nobody can tell whether ui.latency of the batch of eu1 is worse: too few to tell: 1 changed and 19 others with 5 measurements or more each, and it takes 3 of either",
    });
  });

  test("waits for a person where enough of them prove nothing", async () => {
    // So different by themselves that a half more would not show.
    const { state } = await measuredRollout({ ...fleet, gives: wild });
    const batch = ["eu2", "eu3", "eu4", "eu5", "eu6", "eu7"];
    expect(state.parked).toEqual({ kind: "inconclusive", instances: batch });
    expect(state.instances.get("eu2")?.doubt?.message).toContain("nothing is proved: ");
  });
});

describe("the groups", () => {
  test("are measured at the same time, and nobody else is asked", async () => {
    const { asked } = await measuredRollout({
      ...fleet,
      regions: { eu: [6, 7], us: [3] },
      gives: (it) => ({ value: usual(it) }),
    });
    const [eu1 = 0, eu7 = 0] = [asked.get("eu1"), asked.get("eu7")];
    expect(eu1).toBeGreaterThan(8);
    // As control of the first batch and as changed one of the second.
    expect(eu7).toBe(2 * eu1);
    // Its own batch only: another region has another hour of the day.
    expect(asked.get("us1")).toBe(eu1);
  });

  test("may be of the other regions, where the plan says so", async () => {
    const metrics = [metricOf({ compare: { byAtLeast: 20, among: "targets" } })];
    const { notes } = await measuredRollout({
      ...fleet,
      metrics,
      regions: { eu: [6], us: [12, 3] },
    });
    expect(notes.find((note) => note.kind === "control.compared")).toMatchObject({
      is: "harm",
      control: { instances: 15 },
    });
  });

  test("do without whoever gives no number, and a bake does not wait for them for ever", async () => {
    const { state, notes, tookMs } = await measuredRollout({ ...fleet, gives: deaf });
    expect(state.instances.get("eu7")?.phase).toBe("sealed");
    const verdict = notes.findLast((note) => note.kind === "control.compared" && note.batch === 1);
    expect(verdict).toMatchObject({ is: "no harm", control: { instances: 12 } });
    expect(tookMs).toBeLessThan(3 * 60_000);
  });

  test("count a counter by its growth per second", async () => {
    const metrics = [
      metricOf({ name: "errors", as: "counter", compare: { byAtLeast: 1, whenTooFew: "shadow" } }),
    ];
    const { state } = await measuredRollout({ ...fleet, metrics, gives: counting });
    expect(state.halt?.sentence).toContain(
      "ui.errors is worse than on instances not yet changed: 4 on 6 changed, 1 on 13 others",
    );
  });

  test("say which way is harm", async () => {
    const metrics = [metricOf({ better: "higher", compare: { whenTooFew: "shadow" } })];
    expect((await measuredRollout({ ...fleet, metrics })).state.closed).toBe("sealed");
    expect((await measuredRollout({ ...fleet, metrics, gives: fewer })).state.closed).toBe(
      "halted",
    );
  });
});
