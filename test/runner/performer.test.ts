import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { InstanceState } from "../../src/core/state.ts";
import { isOff, refuses } from "./support/host-answers.ts";
import { failureIn, onStage, performed, type Scene } from "./support/one-action.ts";

const begin: Action = { kind: "begin", instance: "a" };
const snapshot: Action = { kind: "snapshot", instance: "a", step: 0 };
const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const release: Action = { kind: "release", instance: "a" };
const begun: Partial<InstanceState> = { phase: "stepping", touched: 1, guard: "armed" };

function claims(asked: readonly string[]): readonly string[] {
  return asked.filter((each) => each.startsWith("claim"));
}

describe("a runner makes itself known to all hosts of an instance", () => {
  test.each<[Action["kind"], Action]>([
    ["begin", begin],
    ["snapshot", snapshot],
    ["apply", apply],
    ["stand-down", { kind: "stand-down", instance: "a", step: 0 }],
    ["rewind", { kind: "rewind", instance: "a", step: 0 }],
    ["revert", { kind: "revert", instance: "a", step: 0 }],
    ["verify", { kind: "verify", instance: "a" }],
  ])("before it does anything else there for its first %s", async (_kind, action) => {
    const it = await performed(action, { hosts: ["a1", "a2"], state: begun });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.asked[0]).toMatch(/^claim/);
    expect(claims(it.asked).toSorted()).toEqual(["claim a1", "claim a2"]);
    expect(it.orders("claim")[0]).toMatchObject({ epoch: 1, holder: "somebody", leaseMs: 60_000 });
  });

  test.each<[Action["kind"], Action]>([
    ["preflight", { kind: "preflight", instance: "a" }],
    ["bake", { kind: "bake", instance: "a" }],
    ["release", release],
  ])("and takes no lock for a %s", async (_kind, action) => {
    expect(claims((await performed(action)).asked)).toEqual([]);
  });

  test("once, and again after it gave the locks back", async () => {
    const stage = onStage({ state: begun });
    const asked: (readonly string[])[] = [];
    for (const action of [begin, snapshot, release, snapshot])
      asked.push(claims((await stage.perform(action)).asked));
    expect(asked).toEqual([["claim a"], [], [], ["claim a"]]);
  });

  test("and does nothing there where it is refused", async () => {
    const it = await performed(begin, {
      hosts: ["a1", "a2"],
      answers: (host) => (host === "a2" ? { claim: () => refuses("HOST_LOCKED") } : {}),
    });
    expect(failureIn(it)?.code).toBe("HOST_LOCKED");
    expect(it.asked).toEqual(["claim a1", "claim a2"]);
  });

  test("before it gives up a lock for a person, what runs is ended first", async () => {
    const it = await performed(release, { state: { ...begun, phase: "left", freed: true } });
    expect(it.asked).toEqual(["claim a", "settle a", "disarm a", "release a"]);
  });
});

describe("a question that had no answer", () => {
  test.each([
    [0, 0],
    [1, 500],
    [2, 2_000],
    [3, 5_000],
    [7, 5_000],
  ])("after %i tries is put again in %i ms", async (tries, ms) => {
    const it = await performed(snapshot, { state: { tries } });
    expect([it.outcome.is, it.tookMs]).toEqual(["done", ms]);
  });

  test("is told before it is put again, and no longer when nobody will", async () => {
    const silent: Scene = { silent: ["a"] };
    const first = await performed(snapshot, silent);
    expect(first.notes).toMatchObject([
      { kind: "retrying", what: 'snapshot of step "step 1"', inMs: 500 },
    ]);
    const last = await performed(snapshot, { ...silent, state: { tries: 3 } });
    expect(last.notes).toEqual([]);
  });

  test("is put over another connection, and one that had an answer over the same", async () => {
    const stage = onStage({ state: begun, answers: () => ({ snapshot: () => isOff("unknown") }) });
    const opened: (readonly string[])[] = [];
    for (const action of [begin, snapshot, snapshot])
      opened.push((await stage.perform(action)).opened);
    expect(opened).toEqual([["a"], [], ["a"]]);
  });
});

test("a connection is closed where its instance waits for the rest of its batch", async () => {
  const stage = onStage({ state: begun, world: { steps: [{}, {}] } });
  const second: Action = { kind: "apply", instance: "a", step: 1, attempt: 1 };
  const opened: (readonly string[])[] = [];
  for (const action of [apply, second, begin]) opened.push((await stage.perform(action)).opened);
  expect(opened).toEqual([["a"], [], ["a"]]);
});
