import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { type InstanceState, openRollout, type RolloutState } from "../../src/core/state.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const itinerary = smallItinerary({ regions: { eu: [["eu1"]], us: [["us1"]] }, steps: [{}, {}] });
const failure = { code: "STEP_EXIT", message: "m", hint: "h" } as const;
const bad = { as: "failed", failure, step: 0 } as const;

/** Both regions as given, and one instance changed. */
function state(
  change: Partial<Omit<RolloutState, "instances" | "regions">> & {
    readonly eu?: RolloutState["regions"][number]["stage"];
    readonly us1?: Partial<InstanceState>;
    readonly eu1?: Partial<InstanceState>;
  },
): RolloutState {
  const { eu = "sealed", us1 = {}, eu1 = {}, ...rest } = change;
  const open = openRollout(itinerary);
  const [first, second] = open.regions;
  return {
    ...open,
    mode: "forward",
    regions: [
      { ...first!, stage: eu },
      { ...second!, stage: "started", batchesStarted: 1 },
    ],
    instances: new Map([
      ["eu1", { ...open.instances.get("eu1")!, phase: "sealed", ...eu1 }],
      ["us1", { ...open.instances.get("us1")!, phase: "stepping", snapshotted: true, ...us1 }],
    ]),
    ...rest,
  };
}

function intent(action: Partial<Action> & Pick<Action, "kind">): RolloutEvent {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each row names what its kind needs
  return { kind: "intent", action: { instance: "us1", step: 0, attempt: 1, ...action } as Action };
}

const applied: Action = { kind: "apply", instance: "us1", step: 0, attempt: 1 };
const apply = intent({ kind: "apply" });
const closed: RolloutEvent = { kind: "closed", outcome: "sealed" };
const parked: RolloutEvent = { kind: "parked", why: { kind: "paused" } };

describe("a promise that would be broken is named with its number", () => {
  test.each<[string, string, RolloutState, RolloutEvent]>([
    ["1", "a region begins before the one ahead of it is sealed", state({ eu: "started" }), apply],
    [
      "1",
      "a region is sealed with an instance that is not",
      state({ eu: "started", eu1: { phase: "rolled-back", bad } }),
      { kind: "region-sealed", region: "eu" },
    ],
    ["2", "a step runs without a snapshot", state({ us1: { snapshotted: false } }), apply],
    [
      "2",
      "a snapshot is taken while the last step's switch is armed",
      state({ us1: { guard: "armed" } }),
      intent({ kind: "snapshot" }),
    ],
    [
      "2",
      "a step runs while an earlier one's switch is armed",
      state({ us1: { guard: "armed", touched: 2 } }),
      apply,
    ],
    [
      "3",
      "an instance goes back to a snapshot that no step began from",
      state({ us1: { phase: "reverting", bases: [] } }),
      intent({ kind: "revert" }),
    ],
    [
      "3",
      "snapshots are given up behind an armed switch",
      state({ us1: { guard: "armed" } }),
      intent({ kind: "release" }),
    ],
    ["5", "a step runs while the rollout halts", state({ mode: "halting" }), apply],
    [
      "5",
      "a step runs although a person asked for no new work",
      state({ held: { why: { kind: "paused" } } }),
      apply,
    ],
    [
      "5",
      "an instance begins although the halt rule is broken",
      state({ eu1: { bad } }),
      intent({ kind: "begin" }),
    ],
    [
      "12",
      "something outside the target list is touched",
      state({}),
      intent({ kind: "apply", instance: "strange" }),
    ],
  ])("%s: %s", (number, _what, before, event) => {
    const broken = brokenPromises(before, event, before);
    expect(broken.map((sentence) => sentence.split(":")[0])).toContain(number);
  });

  test.each<[string, string, RolloutState, RolloutEvent]>([
    [
      "4",
      "the rollout ends with an instance half-way",
      state({ closed: "halted", us1: { touched: 1 } }),
      { kind: "closed", outcome: "halted" },
    ],
    [
      "9",
      "the end is green with an instance that is not sealed",
      state({ closed: "sealed" }),
      closed,
    ],
    [
      "9",
      "the end is green with a bad instance",
      state({ closed: "sealed", us1: { phase: "sealed", bad } }),
      closed,
    ],
    [
      "6",
      "a person is waited for behind an armed switch",
      state({ us1: { phase: "left", guard: "armed" } }),
      parked,
    ],
  ])("%s: %s", (number, _what, after, event) => {
    const broken = brokenPromises(state({}), event, after);
    expect(broken.map((sentence) => sentence.split(":")[0])).toContain(number);
  });

  test.each<[string, RolloutEvent]>([
    ["by a verdict", { kind: "outcome", action: applied, outcome: { is: "done" } }],
    ["by a new runner", { kind: "taken-up", runner: "next", epoch: 2 }],
  ])("9: an instance becomes sealed %s", (_by, event) => {
    const after = state({ us1: { phase: "sealed" } });
    expect(brokenPromises(state({}), event, after)).toHaveLength(1);
  });
});

test("a plain rollout keeps every promise", () => {
  let before = openRollout(itinerary);
  const broken: string[] = [];
  for (const event of drive(itinerary, () => null).events) {
    const after = evolve(before, event);
    broken.push(...brokenPromises(before, event, after));
    before = after;
  }
  expect(before.closed).toBe("sealed");
  expect(broken).toEqual([]);
});
