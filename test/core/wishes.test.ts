import { describe, expect, test } from "vitest";
import { answerTo } from "../../src/core/answer-to.ts";
import type { Action } from "../../src/core/action.ts";
import type { Outcome, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import { type InstanceState, openRollout, type RolloutState } from "../../src/core/state.ts";
import { afterDecision } from "../../src/core/wish.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

const failure = (code: FailureCode = "STEP_EXIT"): Failure => ({ code, message: "m", hint: "h" });
const failed: Outcome = { is: "failed", failure: failure() };
const inconclusive: Outcome = { is: "inconclusive", failure: failure("PROBE_INCONCLUSIVE") };
const fine: Script = () => null;

/** Fails these actions, as "apply eu1", and nothing else. */
function failing(...names: readonly string[]): Script {
  return (action) => (names.includes(`${action.kind} ${action.instance}`) ? failed : null);
}

function ask(state: RolloutState, wish: Wish): RolloutState {
  return evolve(state, { kind: "asked", wish, by: "somebody", reason: "" });
}

function phases(state: RolloutState): Readonly<Record<string, string>> {
  return Object.fromEntries([...state.instances].map(([name, it]) => [name, it.phase]));
}

const doubtfulBake: Script = (action) => (action.kind === "bake" ? inconclusive : null);

const unsure: Script = (action) =>
  action.kind === "apply" && action.instance === "a" ? inconclusive : null;

const lostOnA: Script = (action) =>
  action.kind === "apply" && action.instance === "a"
    ? { is: "unknown", failure: failure("CONNECT_LOST") }
    : null;

const badOf = (): InstanceState["bad"] => ({ as: "failed", failure: failure(), step: 0 });

const giveUp = (instance: string): Wish => ({ kind: "release-lock", instance, reason: "seen to" });

function doubtful(resumeAt: "begin" | "step" | "bake", touched = 1): Partial<InstanceState> {
  return { phase: "inconclusive", resumeAt, touched, doubt: failure("PROBE_INCONCLUSIVE") };
}

describe("approve", () => {
  const itinerary = smallItinerary({
    regions: { eu: [["eu1"]], us: [["us1"]] },
    approve: ["eu", "us"],
  });

  test("opens the region that it names, and the next one waits for its own", () => {
    const first = drive(itinerary, fine);
    expect(first.state.parked).toEqual({ kind: "approval", region: "eu" });
    expect(first.actions.filter((it) => it.startsWith("begin"))).toEqual([]);
    const second = drive(itinerary, fine, {
      from: ask(first.state, { kind: "approve", region: "eu" }),
    });
    expect(second.state.parked).toEqual({ kind: "approval", region: "us" });
    expect(phases(second.state)).toEqual({ eu1: "sealed", us1: "waiting" });
  });

  test("of a later region does not open the one that waits", () => {
    const { state } = drive(itinerary, fine);
    const after = ask(state, { kind: "approve", region: "us" });
    expect(after.parked).toEqual({ kind: "approval", region: "eu" });
  });
});

describe("abort", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu0"], ["eu1"]] } });

  test("with everything taken back widens a halt that goes on already", () => {
    const script = failing("apply eu1");
    const { state } = drive(itinerary, script, { until: (it) => it.mode === "halting" });
    expect(phases(state)).toMatchObject({ eu0: "sealed" });
    const asked = ask(state, { kind: "abort", rollback: true });
    const end = drive(itinerary, script, { from: asked });
    expect(phases(end.state)).toEqual({ eu0: "rolled-back", eu1: "rolled-back" });
    expect(end.state.halt).toMatchObject({ rule: "abort", scope: "all", instances: ["eu1"] });
  });

  test("can be widened to everything while it is under way", () => {
    const { state } = drive(itinerary, fine, {
      until: (it) => it.instances.get("eu1")?.pending?.kind === "apply",
    });
    const { state: ends } = drive(itinerary, fine, {
      from: ask(state, { kind: "abort", rollback: false }),
      until: (it) => it.mode === "halting",
    });
    const asked = ask(ends, { kind: "abort", rollback: true });
    const end = drive(itinerary, fine, { from: asked });
    expect(phases(end.state)).toEqual({ eu0: "rolled-back", eu1: "rolled-back" });
    expect(end.state.halt).toMatchObject({ rule: "abort", scope: "all" });
  });

  test("means nothing when only locks are left to give back", () => {
    const { state } = drive(itinerary, fine, {
      until: (it) => [...it.instances.values()].some(({ pending }) => pending?.kind === "release"),
    });
    expect(ask(state, { kind: "abort", rollback: true }).abort).toBeNull();
  });
});

describe("undo", () => {
  test("of what is over gives every lock back again at its end", () => {
    const itinerary = smallItinerary({ regions: { eu: [["eu0"]] } });
    const { state } = drive(itinerary, fine);
    expect([...state.released.keys()]).toEqual(["eu0"]);
    expect([...ask(state, { kind: "undo" }).released.keys()]).toEqual([]);
    const end = drive(itinerary, fine, { from: ask(state, { kind: "undo" }) });
    expect(end.actions.filter((it) => it.startsWith("release"))).toEqual(["release eu0"]);
  });
});

describe("pause", () => {
  test("between two batches begins no other batch", () => {
    const itinerary = smallItinerary({ regions: { eu: [["eu0"], ["eu1"]] } });
    const { state } = drive(itinerary, fine, {
      until: (it) => it.instances.get("eu0")?.phase === "sealed",
    });
    const { state: rests, events } = drive(itinerary, fine, {
      from: ask(state, { kind: "pause" }),
    });
    expect(rests.parked).toEqual({ kind: "paused" });
    expect(events.filter((event) => event.kind === "batch-started")).toEqual([]);
  });
});

describe("undo", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu0", "eu1"]] }, maxBad: 1 });

  test("takes back what was touched, nothing else, and gives its locks back again", () => {
    const sealed = drive(itinerary, failing("begin eu1"));
    const excluded = ask(sealed.state, { kind: "decide", instance: "eu1", choice: "exclude" });
    const closed = drive(itinerary, fine, { from: excluded });
    expect(closed.state.closed).not.toBeNull();
    const undone = drive(itinerary, fine, { from: ask(closed.state, { kind: "undo" }) });
    expect(undone.state.closed).toBe("undone");
    expect(phases(undone.state)).toEqual({ eu0: "rolled-back", eu1: "unfit" });
    expect(undone.actions).toContain("release eu0");
    expect(undone.actions.filter((it) => /^(revert|verify) eu1/.test(it))).toEqual([]);
  });

  test("that needs a person does not end as undone", () => {
    const sealed = drive(smallItinerary({ regions: { eu: [["eu0"]] } }), fine);
    const asked = ask(sealed.state, { kind: "undo" });
    const end = drive(itinerary, failing("revert eu0"), { from: asked });
    expect(phases(end.state)).toEqual({ eu0: "rollback-failed" });
    expect(end.state.closed).toBe("halted");
  });
});

describe("release-lock", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu0", "eu1"]] }, onFail: "halt" });
  const left = drive(itinerary, failing("apply eu0")).state;

  test("gives back the lock that was kept on purpose", () => {
    expect(phases(left)).toMatchObject({ eu0: "left" });
    const { actions, state } = drive(itinerary, fine, { from: ask(left, giveUp("eu0")) });
    expect(actions).toEqual(["release eu0"]);
    expect(state.closed).toBe("halted");
  });

  test("means nothing for an instance whose lock nobody kept", () => {
    const sealed = drive(smallItinerary({ regions: { eu: [["eu0"]] } }), fine).state;
    expect(ask(sealed, giveUp("eu0"))).toBe(sealed);
  });
});

describe("a decision", () => {
  interface Row {
    readonly from: Partial<InstanceState>;
    readonly choice: Parameters<typeof afterDecision>[1];
    /** null: nothing changes. */
    readonly to: Partial<InstanceState> | null;
    readonly world?: Partial<SmallWorld>;
  }
  const asking: Partial<InstanceState> = { phase: "asking", touched: 1, bad: badOf() };

  test.each<[string, Row]>([
    ["retry of a step that may not run twice", { from: asking, choice: "retry", to: null }],
    [
      "retry of an idempotent step",
      {
        from: asking,
        choice: "retry",
        to: { phase: "rewinding", bad: null },
        world: { steps: [{ idempotent: true }] },
      },
    ],
    [
      "retry of a step that never began, because its snapshot was refused",
      {
        from: { ...asking, step: 1 },
        choice: "retry",
        to: { phase: "stepping", step: 1, snapshotted: false, generation: 2, bad: null },
      },
    ],
    [
      "retry where every step is done, and the bake was bad",
      { from: { ...asking, step: 2, touched: 2 }, choice: "retry", to: null },
    ],
    ["rollback of what asks", { from: asking, choice: "rollback", to: { phase: "reverting" } }],
    ["leave of what asks", { from: asking, choice: "leave", to: { phase: "left" } }],
    ["exclude of a good one", { from: { phase: "sealed" }, choice: "exclude", to: null }],
    [
      "exclude of a bad one",
      {
        from: { phase: "rolled-back", bad: badOf() },
        choice: "exclude",
        to: { excluded: true },
      },
    ],
    [
      "retry of a bake",
      { from: doubtful("bake"), choice: "retry", to: { phase: "baking", doubt: null } },
    ],
    ["accept of a bake", { from: doubtful("bake"), choice: "accept", to: { phase: "sealed" } }],
    [
      "accept of a step",
      { from: doubtful("step"), choice: "accept", to: { phase: "stepping", step: 1 } },
    ],
    [
      "retry of a begin",
      { from: doubtful("begin", 0), choice: "retry", to: { phase: "waiting", bad: null } },
    ],
    [
      "rollback of what was not touched",
      { from: doubtful("begin", 0), choice: "rollback", to: { phase: "unfit" } },
    ],
    [
      "rollback of a doubtful step",
      { from: doubtful("step"), choice: "rollback", to: { phase: "reverting" } },
    ],
  ])("%s", (_name, { from, choice, to, world }) => {
    const itinerary = smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}], ...world });
    const it = { ...openRollout(itinerary).instances.get("a")!, ...from };
    const after = afterDecision(it, choice, itinerary);
    expect(after).toMatchObject(to ?? it);
    expect(after === it).toBe(to === null);
  });

  const required = { steps: [{ required: true }, {}] };
  const failedAt = (step: number | null): Partial<InstanceState> => ({
    phase: "rolled-back",
    bad: { as: "failed", failure: failure(), step },
  });

  const any = ["accept", "leave", "retry", "rollback"];
  const against = ["leave", "retry", "rollback"];
  const takenBack: Partial<InstanceState> = {
    phase: "rolled-back",
    bad: { as: "failed", failure: failure(), step: null, doubted: 0 },
  };

  test.each<[string, Partial<InstanceState>, readonly string[], readonly string[]]>([
    ["undecided at it", doubtful("step"), against, any],
    ["undecided at another step", { ...doubtful("step"), step: 1 }, any, any],
    ["undecided in its bake", doubtful("bake", 2), any, any],
    ["undecided before it", doubtful("begin", 0), any, any],
    ["failed at it", failedAt(0), [], ["exclude"]],
    ["failed at another step", failedAt(1), ["exclude"], ["exclude"]],
    ["failed in its bake", failedAt(null), ["exclude"], ["exclude"]],
    ["taken back, because nobody could tell what it did", takenBack, [], ["exclude"]],
  ])("never goes on without a required step: where it is %s", (_name, from, open, otherwise) => {
    const choices = ["accept", "exclude", "leave", "retry", "rollback"] as const;
    const openIn = (world: Partial<SmallWorld>): readonly string[] => {
      const start = openRollout(smallItinerary({ regions: { eu: [["a"]] }, ...world }));
      const it = { ...start.instances.get("a")!, ...from };
      const state: RolloutState = { ...start, mode: "forward", instances: new Map([["a", it]]) };
      return choices.filter(
        (choice) => ask(state, { kind: "decide", instance: "a", choice }) !== state,
      );
    };
    expect(openIn(required)).toEqual(open);
    expect(openIn({ steps: [{}, {}] })).toEqual(otherwise);
  });

  test("against what a required step left undecided leaves nobody a way round it", () => {
    const itinerary = smallItinerary({ regions: { eu: [["a", "b"]] }, maxBad: 1, ...required });
    const asked = ask(drive(itinerary, unsure).state, {
      kind: "decide",
      instance: "a",
      choice: "rollback",
    });
    const { state } = drive(itinerary, unsure, { from: asked });
    expect(phases(state)).toEqual({ a: "rolled-back", b: "sealed" });
    expect(state.parked).toMatchObject({ kind: "bad-in-region", instances: ["a"] });
    expect(ask(state, { kind: "decide", instance: "a", choice: "exclude" })).toBe(state);
    expect(answerTo({ state, attended: false, wish: { kind: "resume" } }).says).toMatch(/required/);
  });

  test("waits while an action is under way, and counts for nothing", () => {
    const itinerary = smallItinerary({ regions: { eu: [["a"]] } });
    const { state } = drive(itinerary, doubtfulBake);
    expect(phases(state)).toEqual({ a: "inconclusive" });
    const retried = ask(state, { kind: "decide", instance: "a", choice: "retry" });
    const { state: busy } = drive(itinerary, doubtfulBake, {
      from: retried,
      until: (it) => it.instances.get("a")?.pending !== null,
    });
    expect(ask(busy, { kind: "decide", instance: "a", choice: "accept" })).toBe(busy);
    // Whoever is stood down is still inconclusive.
    const leaves: Action = { kind: "stand-down", instance: "a", step: 0 };
    const it = { ...state.instances.get("a")!, pending: leaves };
    const standing = { ...state, instances: new Map([["a", it]]) };
    expect(ask(standing, { kind: "decide", instance: "a", choice: "accept" })).toBe(standing);
  });
});

describe("reconcile", () => {
  test("of a rollout that was not yet begun does not begin it", () => {
    const itinerary = smallItinerary({ regions: { eu: [["a"]] } });
    const killed = drive(itinerary, fine, {
      until: (it) => it.instances.get("a")?.pending?.kind === "preflight",
    }).state;
    const taken = [
      { kind: "taken-up", runner: "next", epoch: 2 } as const,
      { kind: "forgotten", action: { kind: "preflight", instance: "a" } } as const,
    ].reduce<RolloutState>(evolve, killed);
    const { state, actions } = drive(itinerary, fine, { from: ask(taken, { kind: "reconcile" }) });
    expect([state.parked, actions]).toEqual([{ kind: "paused" }, []]);
  });

  test("asks for an unknown step again, and begins nothing new", () => {
    const itinerary = smallItinerary({ regions: { eu: [["a", "b"]] }, maxBad: 1 });
    const { state } = drive(itinerary, lostOnA);
    expect(phases(state)).toMatchObject({ a: "unknown" });
    const asked = ask(state, { kind: "reconcile" });
    expect(asked.instances.get("a")).toMatchObject({ phase: "stepping", inDoubt: true, bad: null });
    expect(asked.held).toEqual({ why: { kind: "paused" } });
  });
});
