import { describe, expect, test } from "vitest";
import type { Plan, StepSpec } from "../../src/core/plan/plan.ts";
import type { InstanceState } from "../../src/core/state.ts";
import type { SmallWorld } from "../support/small-itinerary.ts";
import { ended, failureOf, never, refuses, says } from "./support/host-answers.ts";
import { performed, failureIn } from "./support/one-action.ts";

const restart: StepSpec["work"] = { kind: "service", args: { systemd: "app", do: "restart" } };
const request: StepSpec["work"] = {
  kind: "http",
  args: { url: "http://lb/drain", headers: {}, timeout: 1_000 },
};
const regenerating: Plan["protect"] = [
  { path: "/srv/app/etc", policy: { kind: "keep" } },
  {
    path: "/srv/app/cache",
    policy: { kind: "regenerates", withinMs: 1, recover: ["restore", "warm"] },
  },
];

interface Row {
  readonly world?: Partial<SmallWorld>;
  readonly state?: Partial<InstanceState>;
  /** Receipts that are there, by their keys. */
  readonly there: readonly string[];
  readonly asks: readonly string[];
  readonly putsBack: boolean;
}

function reverted({ world = {}, state = {}, there }: Row) {
  return performed(
    { kind: "revert", instance: "a", step: 0 },
    {
      world: { actions: { warm: { kind: "run", args: "warm-up" } }, ...world },
      state: { phase: "reverting", touched: 1, rollbacks: 1, bases: [1], attempts: [1], ...state },
      answers: () => ({ settle: ({ key }) => (there.includes(key) ? says(ended()) : never()) }),
    },
  );
}

describe("before anything is put back, what may still run is ended", () => {
  test.each<[string, Row]>([
    ["of the step", { there: ["a.1.1"], asks: ["a.1.1"], putsBack: true }],
    [
      "of each attempt of it",
      {
        state: { attempt: 3, attempts: [3] },
        there: ["a.1.1", "a.1.2", "a.1.3"],
        asks: ["a.1.3", "a.1.2", "a.1.1"],
        putsBack: true,
      },
    ],
    [
      "of an earlier attempt, where the newest never began",
      {
        state: { attempt: 2, attempts: [2] },
        there: ["a.1.1"],
        asks: ["a.1.2", "a.1.1"],
        putsBack: true,
      },
    ],
    [
      "of a recovery that a dead runner had waited for",
      {
        world: { protect: regenerating },
        there: ["a.1.1", "a.1.1.recover.2.2"],
        asks: ["a.1.1", "a.1.1.recover.2.2"],
        putsBack: true,
      },
    ],
    [
      "and there is no recovery of what never began",
      { world: { protect: regenerating }, there: [], asks: ["a.1.1"], putsBack: false },
    ],
    [
      "of a restart after an earlier rollback, whose answer was lost",
      {
        world: { steps: [{ work: restart }] },
        state: { verifies: 2, rollbacks: 2 },
        there: ["a.1.1"],
        asks: ["a.1.again.2.2", "a.1.1"],
        putsBack: true,
      },
    ],
    [
      "and one whose end is in the journal ran, although the host has no receipt of it any more",
      { state: { done: 1 }, there: [], asks: ["a.1.1"], putsBack: true },
    ],
    [
      "of the newest step alone: those before it had ended before its snapshot was taken",
      {
        world: { steps: [{}, {}] },
        state: { touched: 2, bases: [1, 1], attempts: [1, 1] },
        there: [],
        asks: [],
        putsBack: true,
      },
    ],
    [
      "and a request, which has no receipt, may have been heard",
      { world: { steps: [{ work: request }] }, there: [], asks: [], putsBack: true },
    ],
  ])("%s", async (_of, row) => {
    const it = await reverted(row);
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("settle").map(({ key }) => key)).toEqual(row.asks);
    expect(it.orders("restore")).toHaveLength(row.putsBack ? 1 : 0);
  });
});

test.each<[string, Parameters<typeof performed>[1]]>([
  [
    "was killed half-way, which is a beginning too",
    {
      answers: () => ({
        settle: () => says({ kind: "interrupted", failure: failureOf("STEP_INTERRUPTED") }),
      }),
    },
  ],
  [
    "ended with an error, which is a beginning too",
    { answers: () => ({ settle: () => says(ended({ exitCode: 1 })) }) },
  ],
])("a step that %s, is put back", async (_how, scene) => {
  const it = await performed(
    { kind: "revert", instance: "a", step: 0 },
    { ...scene, state: { phase: "reverting", touched: 1, rollbacks: 1, bases: [1] } },
  );
  expect(it.orders("restore")).toHaveLength(1);
});

test("what can't be ended is told, and nothing is put back under it", async () => {
  const it = await performed(
    { kind: "revert", instance: "a", step: 0 },
    {
      state: { phase: "reverting", touched: 1, rollbacks: 1, bases: [1] },
      answers: () => ({ settle: () => refuses("GUARD_HOST_UNFIT") }),
    },
  );
  expect(failureIn(it)?.code).toBe("GUARD_HOST_UNFIT");
  expect(it.orders("restore")).toEqual([]);
});
