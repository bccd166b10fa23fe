import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Outcome, Wish } from "../../src/core/event.ts";
import type { Failure } from "../../src/core/failure.ts";
import { haltPanel } from "../../src/views/halt-panel.ts";
import { statusText } from "../../src/views/status-text.ts";
import { summarise, type SummaryOptions } from "../../src/views/summary.ts";
import { type SmallWorld, smallItinerary } from "../support/small-itinerary.ts";
import { madeUpRollout, type Told } from "./support/made-up-rollout.ts";

/** What the last lines of a rollout claim must be true of it: each row is an ending, and its words. */
interface Ending {
  readonly world?: Partial<SmallWorld>;
  readonly outcome?: (action: Action) => Outcome | null;
  readonly wishes?: readonly (readonly [number, Wish])[];
  readonly options?: SummaryOptions;
  /** The headline, without its time. */
  readonly says: string;
  readonly exit: number;
  /** Verb and why of each command. */
  readonly next: readonly (readonly [string, string])[];
}

const failure = (code: Failure["code"]): Failure => ({ code, message: "it did", hint: "look" });

/** The step of this instance fails. */
const fails =
  (name: string, kind: Action["kind"] = "apply") =>
  (action: Action): Outcome | null =>
    action.instance === name && action.kind === kind
      ? { is: "failed", failure: failure("STEP_EXIT") }
      : null;

const unreachable = (action: Action): Outcome | null =>
  action.instance === "us1" && action.kind === "begin"
    ? { is: "unreachable", failure: failure("CONNECT_REFUSED") }
    : null;

const resume = ["resume", "go on"] as const;
const takeBack = ["abort --rollback", "end here, and take all of it back"] as const;
const report = ["report", "timeline and verdicts"] as const;
const harmful = ["preview", "once it is corrected; this very plan is refused from now on"] as const;
const again = ["apply", "again, once that is put right"] as const;

const endings: Readonly<Record<string, Ending>> = {
  "the first instance fails": {
    outcome: fails("eu1"),
    says: "✖ HALTED: every instance that was harmed is as before, verified",
    exit: 4,
    next: [report, harmful],
  },
  "the second region fails, the first stays": {
    outcome: fails("us1"),
    says: "✖ HALTED: every instance that was harmed is as before, verified; 1 instance stays sealed",
    exit: 4,
    next: [["undo", "also take back the instances that are sealed"], report, harmful],
  },
  "an instance can't be reached any more, and nothing was harmed": {
    outcome: unreachable,
    says: "✖ HALTED: no instance was harmed; 1 instance stays sealed",
    exit: 4,
    next: [["undo", "also take back the instances that are sealed"], report, again],
  },
  "what was under way at the halt comes to its end, and is sealed after it": {
    world: { regions: { eu: [["eu1", "eu2"]] } },
    outcome: fails("eu1", "bake"),
    says: "✖ HALTED: every instance that was harmed is as before, verified; 1 instance stays sealed",
    exit: 4,
    next: [["undo", "also take back the instances that are sealed"], report, harmful],
  },
  "a person ends it while an instance is under way": {
    wishes: [[3_500, { kind: "abort", rollback: false }]],
    says: "✖ HALTED: 1 instance taken back and as before, verified",
    exit: 4,
    next: [report, ["preview", "what it would do, before it is started again"]],
  },
  "an instance is left as it is, and another is sealed": {
    world: { onFail: "halt" },
    outcome: fails("us1"),
    says: "✖ HALTED: a person is needed",
    exit: 5,
    next: [
      ["undo", "take back what was left as it is, and the 1 sealed instance with it"],
      report,
      harmful,
    ],
  },
  "an instance is left as it is, and no other was touched": {
    world: { onFail: "halt" },
    outcome: fails("eu1"),
    says: "✖ HALTED: a person is needed",
    exit: 5,
    next: [["undo", "take back what was left as it is"], report, harmful],
  },
  "it waits for approval, with a region sealed": {
    world: { approve: ["us"] },
    says: "‖ PAUSED: region us waits for a person's approval",
    exit: 6,
    next: [
      ["approve", "let region us begin"],
      ["resume", "and go on"],
      ["abort", "end here: what is sealed stays"],
    ],
  },
  "an emergency waits for the person who approves it": {
    world: { emergency: { bake: { stableMs: 500 }, approvers: ["ann", "bob"], starter: true } },
    says: "‖ PAUSED: the emergency waits for the approval of ann or bob",
    exit: 6,
    next: [
      ['approve  --emergency --reason "…"', "let it go on with the bakes of an emergency"],
      ["resume", "and go on"],
      ["abort", "end here: nothing is changed anywhere"],
    ],
  },
  "it was paused while an instance was under way": {
    wishes: [[3_500, { kind: "pause" }]],
    says: "‖ PAUSED: as was asked for",
    exit: 6,
    next: [resume, ["abort", "end here: what is under way goes back"], takeBack],
  },
  "it was paused before anything was touched": {
    wishes: [[0, { kind: "pause" }]],
    says: "‖ PAUSED: as was asked for",
    exit: 6,
    next: [resume, ["abort", "end here: nothing is changed anywhere"], takeBack],
  },
  "a signal stopped it": {
    wishes: [[3_500, { kind: "interrupt", signal: "SIGTERM" }]],
    says: "‖ INTERRUPTED: no new work was begun; it can go on from here",
    exit: 143,
    next: [resume, ["abort", "end here: what is under way goes back"], takeBack],
  },
  "the journal's disk is full, and an instance is under way": {
    wishes: [[3_500, { kind: "interrupt", signal: "STATE_FULL" }]],
    says: "‖ STOPPED: the journal's disk is full; no new work was begun",
    exit: 5,
    next: [resume, ["abort", "end here: what is under way goes back"], takeBack],
  },
  "the journal's disk is full before anything was touched": {
    wishes: [[0, { kind: "interrupt", signal: "STATE_FULL" }]],
    says: "‖ STOPPED: the journal's disk is full; no new work was begun",
    exit: 3,
    next: [resume, ["abort", "end here: nothing is changed anywhere"], takeBack],
  },
  "an instance of a tolerated few failed at a step that is required": {
    world: { maxBad: 1, steps: [{ required: true }], concurrency: 1 },
    outcome: fails("eu1"),
    says: "‖ PAUSED: region eu has bad instances (eu1), and a step that did not succeed is required: nobody may go on without it",
    exit: 6,
    next: [["abort", "end here: nothing is changed anywhere"], takeBack],
  },
  "it was undone": {
    world: { retentionMs: 3_600_000 },
    wishes: [[3_600_000, { kind: "undo" }]],
    says: "✔ UNDONE: all is as before, verified",
    exit: 0,
    next: [report],
  },
};

function told({ world, outcome, wishes }: Ending): readonly Told[] {
  const regions = { eu: [["eu1"]], us: [["us1"]] };
  return madeUpRollout({
    itinerary: smallItinerary({ regions, retentionMs: 86_400_000, ...world }),
    perform: (action) => ({
      takesMs: 1_000,
      notes: [],
      outcome: outcome?.(action) ?? { is: "done" },
    }),
    ...(wishes === undefined ? {} : { wishes }),
  });
}

describe("the end is told as it is", () => {
  test.each(Object.entries(endings))("%s", (_name, ending) => {
    const records = told(ending);
    const state = records.at(-1)!.after;
    const journal = records.map(({ record }) => record);
    const panel = haltPanel(state, journal, ending.options);
    const headline = panel.trimStart().split("\n")[0]!;
    expect(headline.replace(/ after [^:]*:/, ":")).toBe(ending.says);
    const { exit, next } = summarise(state, journal, ending.options);
    expect(exit).toBe(ending.exit);
    const rollout = state.itinerary.rollout;
    const verbs = next.map(({ command, why }) => [
      command
        .replace("handrail ", "")
        .replace(rollout, "")
        .replace(/ PLAN| \w+$/, "")
        .trim(),
      why.replace(/; snapshots are kept .*/, ""),
    ]);
    expect(verbs).toEqual(ending.next);
  });
});

test("an instance that is sealed after the halt is not said to have been before", () => {
  const records = told(
    endings["what was under way at the halt comes to its end, and is sealed after it"]!,
  );
  const halting = records.find(({ record }) => record.event.kind === "halting");
  expect(halting?.after.instances.get("eu2")?.phase).toBe("baking");
  expect(records.at(-1)?.after.instances.get("eu2")?.phase).toBe("sealed");
});

test("an undo took as long as the undo, not as long as since the rollout began", () => {
  const records = told(endings["it was undone"]!);
  const panel = haltPanel(
    records.at(-1)!.after,
    records.map(({ record }) => record),
  );
  const [, took] = /UNDONE after ([\d.]+) s:/.exec(panel) ?? [];
  expect(Number(took)).toBeLessThan(60);
});

test("what is half-way and has nobody is stopped, never running, and tells what its hosts do", () => {
  const records = told({ ...endings["it was undone"]!, wishes: [] });
  const applies = records.findIndex(
    ({ record: { event } }) => event.kind === "intent" && event.action.kind === "apply",
  );
  const cut = records.slice(0, applies + 1);
  const state = cut.at(-1)!.after;
  const journal = cut.map(({ record }) => record);
  const dead = statusText(state, journal, { attended: false });
  expect(dead).toMatch(/^‖ STOPPED after .*: nobody runs it: its process is gone$/m);
  expect(dead).toContain(
    "a step may still run on eu1: unless somebody goes on within 1 min after its process ended, the host ends the step",
  );
  expect(dead).not.toContain("RUNNING");
  expect(dead).toContain(`handrail resume ${state.itinerary.rollout}`);
  expect(statusText(state, journal, { attended: true })).toContain("RUNNING");
});

test("what is suggested can be typed as it stands", () => {
  const records = told(endings["the second region fails, the first stays"]!);
  const state = records.at(-1)!.after;
  const options = { program: "npx handrail --state s", plan: "fix/plan.yaml --inventory i.yaml" };
  const { next } = summarise(
    state,
    records.map(({ record }) => record),
    options,
  );
  expect(next.map(({ command }) => command)).toEqual([
    `npx handrail --state s undo ${state.itinerary.rollout}`,
    `npx handrail --state s report ${state.itinerary.rollout}`,
    "npx handrail --state s preview fix/plan.yaml --inventory i.yaml",
  ]);
});
