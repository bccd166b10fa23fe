import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { ArmResult } from "../../src/ports/dead-man-switch.ts";
import type { Guard } from "../../src/ports/guard.ts";
import {
  type Answers,
  ended,
  failureOf,
  gone,
  hasFired,
  isOff,
  refuses,
  says,
} from "./support/host-answers.ts";
import { askedOf, failureIn, performed, type Scene } from "./support/one-action.ts";

const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
/** As its intent leaves the instance. */
const begun = { phase: "stepping", snapshotted: true, touched: 1, guard: "armed" } as const;

function applied(scene: Scene = {}): ReturnType<typeof performed> {
  return performed(apply, { ...scene, state: { ...begun, ...scene.state } });
}

const interrupted: Answers = {
  run: () => says({ kind: "interrupted", failure: failureOf("STEP_INTERRUPTED") }),
};
const unarmed: Answers = { run: () => refuses("GUARD_NOT_ARMED") };
const exits: Answers = { run: () => says(ended({ exitCode: 1 })) };
const deletes: Answers = { compare: () => says(gone("/srv/app/tmp/a")) };

/** A switch that is armed, and says this when it is asked again. */
function then(again: () => ReturnType<Guard["arm"]>): Answers {
  let asked = 0;
  const armed: ArmResult = { kind: "armed" };
  return { arm: () => (asked++ === 0 ? says(armed) : again()) };
}

describe("a step", () => {
  test("is armed, run and judged host by host, and no host is disarmed before all are good", async () => {
    const it = await applied({ hosts: ["a1", "a2"], probe: ["pass"] });
    expect(it.outcome).toEqual({ is: "done" });
    expect(askedOf(it)).toEqual([
      "arm a1",
      "run a1",
      "compare a1",
      "arm a2",
      "run a2",
      "compare a2",
      "disarm a1",
      "disarm a2",
    ]);
    expect(it.notes.findLast((note) => note.kind === "probe")).toMatchObject({ is: "pass" });
  });

  test("begins behind the snapshot and the switch of its generation, and nothing else", async () => {
    const it = await applied({ state: { attempt: 2, bases: [3] } });
    const key = "a.1.g3";
    expect(it.orders("arm").map((order) => order.key)).toEqual([key]);
    expect(it.orders("run")).toMatchObject([{ key: "a.1.1", snapshot: key, armed: key }]);
    expect(it.orders("compare").map((order) => order.key)).toEqual([key]);
    expect(it.orders("disarm")).toEqual([{ key }]);
  });

  test.each<[string, Scene, readonly string[]]>([
    ["is closed to it", {}, ["/srv/app/tmp"]],
    ["that the step writes is open", { world: { steps: [{ writes: ["/srv/app/tmp/x"] }] } }, []],
    ["is open where the plan says so", { world: { guard: { prevent: false } } }, []],
    ["is open where the step says so", { world: { steps: [{ prevent: false }] } }, []],
  ])("finds that a protected path %s", async (_how, scene, readOnly) => {
    const [order] = (await applied(scene)).orders("run");
    expect(order?.readOnly).toEqual(readOnly);
  });

  test("on the controller has no switch", async () => {
    const it = await applied({ world: { steps: [{ on: "controller" }] } });
    expect(it.orders("run")).toMatchObject([{ armed: null, readOnly: [] }]);
    expect([...it.orders("arm"), ...it.orders("disarm")]).toEqual([]);
  });
});

describe("no step begins on a host whose switch", () => {
  test.each<[string, Answers, FailureCode]>([
    ["can't be armed", { arm: () => refuses("GUARD_NOT_ARMED") }, "GUARD_NOT_ARMED"],
    ["has no snapshot to go by", { arm: () => refuses("SNAPSHOT_MISSING") }, "SNAPSHOT_MISSING"],
    ["has fired", { arm: () => hasFired() }, "GUARD_FIRED"],
  ])("%s", async (_what, answers, code) => {
    const it = await applied({ answers: () => answers });
    expect(it.outcome).toMatchObject({ is: "failed", failure: { code, host: "a" } });
    expect([...it.orders("run"), ...it.orders("disarm")]).toEqual([]);
    expect(it.notes.some((note) => note.kind === "step.started")).toBe(false);
  });
});

describe("whoever sees a step end, or not begin, without a reason asks its switch", () => {
  test.each<[string, Answers, FailureCode]>([
    ["that has ended it", { ...interrupted, ...then(hasFired) }, "GUARD_FIRED"],
    ["that knows nothing of it", interrupted, "STEP_INTERRUPTED"],
    ["that has kept it from beginning", { ...unarmed, ...then(hasFired) }, "GUARD_FIRED"],
    [
      "that is simply gone",
      { ...unarmed, ...then(() => refuses("GUARD_NOT_ARMED")) },
      "GUARD_NOT_ARMED",
    ],
    ["that lives", unarmed, "GUARD_NOT_ARMED"],
  ])("%s", async (_what, answers, code) => {
    const it = await applied({ answers: () => answers });
    expect(it.outcome).toMatchObject({ is: "failed", failure: { code } });
    expect(it.orders("arm")).toHaveLength(2);
    expect(it.notes.some((note) => note.kind === "guard.fired")).toBe(code === "GUARD_FIRED");
  });

  test("and only then", async () => {
    const it = await applied({ answers: () => exits });
    expect(failureIn(it)?.code).toBe("STEP_EXIT");
    expect(it.orders("arm")).toHaveLength(1);
  });
});

test.each([
  ["", /^it printed nothing; /],
  ["no such table", /^its output says why; /],
])("a step that failed and printed %j sends nobody to what is not there", async (text, hint) => {
  const stderr = new TextEncoder().encode(text);
  const it = await applied({
    answers: () => ({ run: () => says(ended({ exitCode: 1, stderr })) }),
  });
  expect(failureIn(it)?.hint).toMatch(hint);
});

describe("a step is not good, and its switch stays armed, where", () => {
  test.each<[string, Scene, "failed" | "inconclusive", FailureCode]>([
    ["it ended with an error", { answers: () => exits }, "failed", "STEP_EXIT"],
    ["it broke a contract", { answers: () => deletes }, "failed", "CONTRACT_BROKEN"],
    ["users are not served", { probe: ["fail"] }, "failed", "PROBE_FAILED"],
    ["nobody can tell", { probe: ["error"] }, "inconclusive", "PROBE_INCONCLUSIVE"],
  ])("%s", async (_what, scene, is, code) => {
    const it = await applied(scene);
    expect(it.outcome).toMatchObject({ is, failure: { code } });
    expect(it.orders("disarm")).toEqual([]);
  });

  test("the second of two hosts is not served by it, and the first is not disarmed either", async () => {
    const it = await applied({
      hosts: ["a1", "a2"],
      answers: (host) => (host === "a2" ? deletes : {}),
    });
    expect(it.outcome).toMatchObject({ is: "failed", failure: { host: "a2" } });
    expect(it.orders("disarm")).toEqual([]);
  });

  test("its host went back in the last moment", async () => {
    const it = await applied({ answers: () => ({ disarm: () => hasFired() }) });
    expect(failureIn(it)?.code).toBe("GUARD_FIRED");
  });

  test("it ended with an error: what it did is judged all the same", async () => {
    const it = await applied({ answers: () => ({ ...exits, ...deletes }) });
    expect(failureIn(it)?.code).toBe("STEP_EXIT");
    expect(it.notes.find((note) => note.kind === "verdict")).toMatchObject({
      verdict: { is: "broken" },
    });
  });
});

test("a step that takes the service out on purpose is good without asking users", async () => {
  const it = await applied({ probe: ["fail"], world: { steps: [{ probes: false }] } });
  expect(it.outcome).toEqual({ is: "done" });
  expect(it.orders("disarm")).toHaveLength(1);
});

describe("a host that could not be reached", () => {
  test.each<[string, Scene, "unreachable" | "unknown"]>([
    ["at all was not touched", { silent: ["a"] }, "unreachable"],
    [
      "for its switch was not touched",
      { answers: () => ({ arm: () => isOff("not-sent") }) },
      "unreachable",
    ],
    [
      "for the answer of its switch may have one",
      { answers: () => ({ arm: () => isOff("unknown") }) },
      "unknown",
    ],
    [
      "any more once its switch was armed may go back by itself",
      { answers: () => ({ run: () => isOff("not-sent") }) },
      "unknown",
    ],
    [
      "after another one of the instance was done leaves it half-way",
      {
        hosts: ["a1", "a2"],
        answers: (host) => (host === "a2" ? { arm: () => isOff("not-sent") } : {}),
      },
      "unknown",
    ],
    [
      "for the verdict on what has run without a switch",
      {
        world: { steps: [{ on: "controller" }] },
        answers: () => ({ compare: () => isOff("not-sent") }),
      },
      "unknown",
    ],
    [
      "for the end of its step may have done it",
      { answers: () => ({ run: () => isOff("unknown") }) },
      "unknown",
    ],
  ])("%s", async (_what, scene, is) => {
    expect((await applied(scene)).outcome.is).toBe(is);
  });
});

describe("a step in doubt is asked for, and never begun", () => {
  const inDoubt = { inDoubt: true } as const;
  /** Its receipt is not there; and no switch is ever armed under the name that is given. */
  const neverBegan: Answers = {
    run: ({ armed }) => (armed === "a.1" ? says(ended()) : refuses("GUARD_NOT_ARMED")),
  };

  test("where it never began: a new snapshot is to be taken first", async () => {
    const it = await applied({ state: inDoubt, answers: () => neverBegan });
    expect(failureIn(it)?.code).toBe("STEP_NOT_BEGUN");
    expect(it.orders("run")).toHaveLength(1);
    expect(it.orders("disarm")).toHaveLength(1);
  });

  test("where its host went back before it began", async () => {
    const answers: Answers = { ...neverBegan, disarm: () => hasFired() };
    const it = await applied({ state: inDoubt, answers: () => answers });
    expect(failureIn(it)?.code).toBe("GUARD_FIRED");
    expect(it.orders("run")).toHaveLength(1);
  });

  test("on any other host where the first went back, as it does after a long pause", async () => {
    const it = await applied({
      state: inDoubt,
      hosts: ["a1", "a2"],
      answers: (host) => (host === "a1" ? { arm: () => hasFired() } : {}),
    });
    expect(failureIn(it)).toMatchObject({ code: "GUARD_FIRED", host: "a1" });
    expect(askedOf(it)).toEqual(["arm a1"]);
  });

  test("but on another host, where the first one has ended and its switch lives: there it begins", async () => {
    const it = await applied({ state: inDoubt, hosts: ["a1", "a2"] });
    expect(it.outcome).toEqual({ is: "done" });
    expect(askedOf(it).filter((each) => each.startsWith("run"))).toEqual([
      "run a1",
      "run a1",
      "run a2",
    ]);
  });

  test("where it has ended: it is judged by its receipt", async () => {
    const it = await applied({ state: inDoubt });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("run").map(({ key }) => key)).toEqual(["a.1.1", "a.1.1"]);
  });
});
