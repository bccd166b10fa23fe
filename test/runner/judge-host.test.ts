import { describe, expect, test } from "vitest";
import type { Finding, Note } from "../../src/core/event.ts";
import type { Plan, StepSpec } from "../../src/core/plan/plan.ts";
import type { InstanceState } from "../../src/core/state.ts";
import type { Comparison } from "../../src/ports/guard.ts";
import type { ProbeAnswer } from "../../src/ports/probe-kind.ts";
import type { SmallWorld } from "../support/small-itinerary.ts";
import { type Answers, ended, gone, never, restored, says } from "./support/host-answers.ts";
import { failureIn, type Performed, performed, type Scene } from "./support/one-action.ts";

const begun: Partial<InstanceState> = {
  phase: "stepping",
  step: 1,
  snapshotted: true,
  touched: 2,
  guard: "armed",
  bases: [1, 2],
  attempts: [1, 1],
};

/** The second of two steps is run and judged. */
function judged(scene: Scene): Promise<Performed> {
  const action = { kind: "apply", instance: "a", step: 1, attempt: 1 } as const;
  return performed(action, { ...scene, state: { ...begun, ...scene.state } });
}

/** Looks that find this, one after the other; the last repeats. */
function looks(...all: readonly Comparison[]): Answers {
  let at = 0;
  return { compare: () => says(all[Math.min(at++, all.length - 1)]!) };
}

function steps(second: Partial<StepSpec>): Partial<SmallWorld> {
  return { steps: [{}, second] };
}

function verdicts({ notes }: Performed): readonly Extract<Note, { kind: "verdict" }>[] {
  return notes.filter((note) => note.kind === "verdict");
}

/** A verdict that is in the journal already. */
function found(code: Finding["code"], attempt: number): Note {
  const finding: Finding = {
    path: "/srv/app/tmp",
    policy: "any",
    code,
    message: "it was found",
    count: 1,
    examples: [],
  };
  const verdict = { is: "broken", findings: [finding], counts: {}, remarks: [] } as const;
  return { kind: "verdict", instance: "a", host: "a", step: 1, attempt, verdict };
}

const lost = "/srv/app/tmp/session";

describe("a step", () => {
  test("is judged by what differs from the snapshot that it began from, right after it has ended", async () => {
    const it = await judged({ world: steps({}) });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("compare")).toMatchObject([{ key: "a.2.g2", moment: "after-step" }]);
    expect(verdicts(it)).toMatchObject([{ step: 1, attempt: 1, verdict: { is: "kept" } }]);
  });

  test("is judged as quiet where it was judged before, because what is there now is not what it left", async () => {
    const it = await judged({
      world: steps({}),
      answers: () => ({ arm: () => says({ kind: "disarmed" }) }),
    });
    expect(it.orders("compare")).toMatchObject([{ moment: "quiet" }]);
  });

  test.each<[string, Partial<StepSpec>, string | null]>([
    ["that deletes what it should keep broke its contract", {}, "CONTRACT_BROKEN"],
    [
      "may delete what the plan allows",
      { allow: [{ effect: "delete", glob: "${home}/tmp/**", max: 1 }] },
      null,
    ],
    [
      "may not delete more than that",
      { allow: [{ effect: "delete", glob: "${home}/tmp/**", max: 0 }] },
      "BUDGET_EXCEEDED",
    ],
    ["may do what it likes with what it writes", { writes: [lost] }, null],
  ])("%s", async (_what, step, code) => {
    const it = await judged({
      world: steps(step),
      variables: { home: "/srv/app" },
      answers: () => looks(gone(lost)),
    });
    expect(failureIn(it)?.code ?? null).toBe(code);
    expect(verdicts(it)).toMatchObject([
      {
        verdict: {
          is: code === null ? "kept" : "broken",
          findings: code === null ? [] : [{ code }],
        },
      },
    ]);
  });
});

const regenerates = (recover: readonly string[]): Partial<SmallWorld> => ({
  ...steps({}),
  protect: [
    { path: "/srv/app/tmp", policy: { kind: "regenerates", withinMs: 2_000, recover } },
  ] satisfies Plan["protect"],
  actions: { warm: { kind: "run", args: "warm-up" } },
});

describe("what may come back by itself", () => {
  test("is waited for, and is no finding once it is back", async () => {
    const it = await judged({
      world: regenerates([]),
      answers: () => looks(gone(lost), gone(lost), gone()),
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("compare")).toHaveLength(3);
    expect(verdicts(it)).toMatchObject([{ verdict: { is: "kept", findings: [] } }]);
  });

  test("is waited for no longer than the plan says, and then is a finding", async () => {
    const it = await judged({ world: regenerates([]), answers: () => looks(gone(lost)) });
    expect(failureIn(it)).toMatchObject({ code: "REGENERATION_LATE", path: "/srv/app/tmp" });
    // One right after the step, one each half second, one for the finding, one for its recovery.
    expect(it.orders("compare")).toHaveLength(1 + 4 + 1 + 1);
    expect(verdicts(it)).toMatchObject([
      { verdict: { is: "broken", findings: [{ code: "REGENERATION_LATE" }] } },
    ]);
  });

  test("is not waited for where the step broke another contract: back it goes at once", async () => {
    const world = regenerates([]);
    const it = await judged({
      world: {
        ...world,
        protect: [...world.protect!, { path: "/srv/app/etc", policy: { kind: "keep" } }],
      },
      answers: () => looks(gone(lost, "/srv/app/etc/conf")),
    });
    expect(failureIn(it)?.code).toBe("CONTRACT_BROKEN");
    expect(it.orders("compare")).toHaveLength(1);
  });
});

describe("what is late is recovered without asking anyone, after it is known to be late", () => {
  const late = looks(gone(lost));
  /** Missing in every look up to the finding, and there in the one after the recovery. */
  const backInTheEnd = (): Answers => looks(...Array.from({ length: 6 }, () => gone(lost)), gone());

  test("by each action of the plan in order, under a receipt for each", async () => {
    const it = await judged({
      world: regenerates(["restore", "warm"]),
      answers: () => ({ ...late, restore: () => restored({ restored: 1 }) }),
    });
    expect(it.orders("restore")).toMatchObject([
      { key: "a.2.g2", later: "keep", rules: [{ path: "/srv/app/tmp", how: "deleted" }] },
    ]);
    expect(it.orders("run").map(({ key }) => key)).toEqual(["a.2.1", "a.2.1.recover.1.2"]);
    const told = it.notes.map(({ kind }) => kind);
    expect(told.indexOf("verdict")).toBeLessThan(told.indexOf("recovery"));
    expect(it.notes.find(({ kind }) => kind === "recovery")).toMatchObject({
      did: ["restore of 1", "warm"],
    });
  });

  test.each<[string, Scene, boolean, RegExp]>([
    [
      "helped makes no good step of it",
      { answers: () => backInTheEnd() },
      true,
      /; recovered by warm, and verified$/,
    ],
    [
      "left paths missing is told",
      { answers: () => late },
      false,
      /; recovery \(warm\) did not help: 1 paths are still missing$/,
    ],
    [
      "left users unserved is told",
      {
        probe: ["fail"] satisfies readonly ProbeAnswer["is"][],
        answers: () => backInTheEnd(),
      },
      false,
      /; recovery \(warm\) did not help: never healthy/,
    ],
    [
      "failed is told",
      {
        answers: () => ({
          ...late,
          run: ({ key }) => says(ended({ exitCode: key.includes("recover") ? 1 : 0 })),
        }),
      },
      false,
      /recovery \(warm \(which failed: .* exit code 1\)\) did not help/,
    ],
  ])("and a recovery that %s", async (_how, scene, verified, message) => {
    const it = await judged({ world: regenerates(["warm"]), ...scene });
    expect(failureIn(it)).toMatchObject({
      code: "REGENERATION_LATE",
      message: expect.stringMatching(message),
    });
    expect(it.notes.find(({ kind }) => kind === "recovery")).toMatchObject({ verified });
  });

  test("and goes on where a dead runner had begun it, whatever is back by now", async () => {
    const it = await judged({
      world: regenerates(["restore", "warm"]),
      noted: [found("REGENERATION_LATE", 1)],
      answers: () => ({ settle: () => never() }),
    });
    expect(failureIn(it)?.code).toBe("REGENERATION_LATE");
    // What was found is told already, and all is back: only the rest of the recovery is done.
    expect(verdicts(it)).toEqual([]);
    expect(it.orders("restore")).toEqual([]);
    expect(it.orders("run").map(({ key }) => key)).toContain("a.2.1.recover.1.2");
  });
});

const letsGo = (envelope: "pause" | "off"): Partial<SmallWorld> => ({
  ...steps({}),
  protect: [
    { path: "/srv/app/etc", policy: { kind: "keep" } },
    { path: "/srv/app/tmp", policy: { kind: "may-change" } },
  ],
  bakeMs: { settleMs: 5_000, stableMs: 0, retryMs: 0 },
  envelope,
});
const trees = (it: Performed) => verdicts(it)[0]?.verdict.trees;

describe("what nobody demands back", () => {
  test("is looked for until it is back, and the verdict says when that was", async () => {
    const it = await judged({
      world: letsGo("pause"),
      answers: () => looks(gone(lost), gone(lost), gone()),
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(trees(it)).toEqual([
      { protect: 1, counts: { deleted: 1 }, notBack: 0, backMs: 500 + 1_000 },
    ]);
  });

  test("is looked for no longer than the application may take to settle, less and less often", async () => {
    const it = await judged({ world: letsGo("pause"), answers: () => looks(gone(lost)) });
    expect(it.outcome).toEqual({ is: "done" });
    expect(trees(it)).toEqual([{ protect: 1, counts: { deleted: 1 }, notBack: 1 }]);
    // Right after the step, and half a second, one, two and the rest later.
    expect(it.orders("compare")).toHaveLength(1 + 4);
    expect(it.tookMs).toBe(5_000);
  });

  test("is not looked for where nobody asks what is usual", async () => {
    const it = await judged({ world: letsGo("off"), answers: () => looks(gone(lost)) });
    expect(trees(it)).toEqual([{ protect: 1, counts: { deleted: 1 }, notBack: 0 }]);
    expect(it.orders("compare")).toHaveLength(1);
  });

  test("is also what the plan declares, whatever the policy", async () => {
    const it = await judged({
      world: {
        ...letsGo("pause"),
        ...steps({ allow: [{ effect: "delete", glob: "/srv/app/etc/**", max: 1 }] }),
      },
      answers: () => looks(gone("/srv/app/etc/conf")),
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(trees(it)).toEqual([{ protect: 0, counts: { deleted: 1 }, notBack: 1 }]);
  });
});

test("the verdict says when what regenerates was back", async () => {
  const it = await judged({
    world: regenerates([]),
    answers: () => looks(gone(lost), gone(lost), gone()),
  });
  expect(verdicts(it)[0]?.verdict).toMatchObject({
    trees: [{ protect: 0, counts: { deleted: 1 }, notBack: 0, backMs: 1_000 }],
    entries: 3,
  });
});

test("what a verdict found once on an attempt is found for ever, and only on that attempt", async () => {
  const world = steps({});
  const same = await judged({ world, noted: [found("CONTRACT_BROKEN", 1)] });
  expect(failureIn(same)?.code).toBe("CONTRACT_BROKEN");
  const other = await judged({ world, noted: [found("CONTRACT_BROKEN", 2)] });
  expect(other.outcome).toEqual({ is: "done" });
});
