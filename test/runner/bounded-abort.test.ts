import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Outcome } from "../../src/core/event.ts";
import type { InstanceState, RolloutState } from "../../src/core/state.ts";
import { openControl } from "../../src/runner/control.ts";
import { letGoMaxMs } from "../../src/runner/run-rollout.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { carried } from "./support/one-rollout.ts";

const instanceMs = 600_000;

/** An uninterruptible process: it neither answers nor hears that it is given up. */
const never = new Promise<Outcome>(() => undefined);

/** Only an abort leads to these: it comes in the second step. */
const wayBack: ReadonlySet<Action["kind"]> = new Set(["revert", "verify", "release"]);

interface Order {
  readonly silent: Action["kind"];
  readonly world?: Partial<SmallWorld>;
  readonly apply?: Outcome;
}

interface Ended {
  readonly state: RolloutState;
  /** From the abort on, by the rollout's clock. */
  readonly tookMs: number;
}

/** One instance, two steps. The abort comes while the action is under way that has no end. */
async function aborted({ silent, world = {}, apply = { is: "done" } }: Order): Promise<Ended> {
  const virtual = new VirtualClock();
  const control = openControl();
  let askedMs: number | null = null;
  const { state, error } = await carried({
    itinerary: smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}], ...world }),
    virtual,
    control,
    perform: ({ action }) => {
      if (action.kind === silent) return never;
      return Promise.resolve(action.kind === "apply" ? apply : { is: "done" });
    },
    onRecord({ event }) {
      if (event.kind !== "intent" || askedMs !== null) return;
      const { action } = event;
      const isTime = wayBack.has(silent)
        ? "step" in action && action.step === 1
        : action.kind === silent;
      if (!isTime) return;
      askedMs = virtual.nowMs;
      control.ask({ wish: { kind: "abort", rollback: true }, by: "a person", reason: "" });
    },
  });
  if (state === null) throw error;
  return { state, tookMs: virtual.nowMs - (askedMs ?? Infinity) };
}

function phaseOf({ state }: Ended): InstanceState["phase"] | undefined {
  return state.instances.get("a")?.phase;
}

describe("invariant 15: an abort ends in bounded time, also where a host never answers", () => {
  test.each<[Action["kind"], InstanceState["phase"]]>([
    ["preflight", "unchecked"],
    ["bake", "rolled-back"],
  ])("while %s looks on: it is given up almost at once", async (silent, phase) => {
    const ended = await aborted({ silent });
    expect([ended.state.closed === null, phaseOf(ended)]).toEqual([false, phase]);
    expect(ended.tookMs).toBeLessThanOrEqual(letGoMaxMs + 1_000);
  });

  test.each<[Action["kind"], InstanceState["phase"]]>([
    ["begin", "unfit"],
    ["snapshot", "unfit"],
    ["apply", "rolled-back"],
  ])("while %s is under way: its instance's time, and then the way back", async (silent, phase) => {
    const ended = await aborted({ silent });
    expect([ended.state.closed === null, phaseOf(ended)]).toEqual([false, phase]);
    expect(ended.tookMs).toBeLessThanOrEqual(instanceMs + 1_000);
  });

  test.each<[Action["kind"], InstanceState["phase"]]>([
    ["revert", "rollback-failed"],
    ["verify", "rolled-back-unverified"],
  ])("on the way back in %s: it is named as one that needs a person", async (silent, phase) => {
    const ended = await aborted({ silent });
    expect([ended.state.closed, phaseOf(ended)]).toEqual(["halted", phase]);
    expect(ended.state.instances.get("a")?.doubt?.code).toBe("DEADLINE_INSTANCE");
    // A person is needed there: its lock is kept, and what it is kept for is told.
    expect(ended.state.released.has("a")).toBe(false);
    expect(ended.tookMs).toBeLessThanOrEqual(instanceMs + 1_000);
  });

  test("in giving the lock back: it is tried twice, and named as lingering", async () => {
    const ended = await aborted({ silent: "release" });
    expect([ended.state.closed, phaseOf(ended)]).toEqual(["halted", "rolled-back"]);
    expect([...ended.state.lingering]).toEqual(["a"]);
    expect(ended.tookMs).toBeLessThanOrEqual(2 * instanceMs + 1_000);
  });

  test("in standing down for a person: what was to be asked goes back", async () => {
    const failure = { code: "STEP_EXIT", message: "exit 1", hint: "look" } as const;
    const ended = await aborted({
      silent: "stand-down",
      world: { onFail: "ask" },
      apply: { is: "failed", failure },
    });
    expect(ended.state.closed).toBe("halted");
    expect(ended.tookMs).toBeLessThanOrEqual(2 * instanceMs + 1_000);
  });

  test("in putting a snapshot back before another attempt", async () => {
    const failure = { code: "STEP_EXIT", message: "exit 1", hint: "look" } as const;
    const ended = await aborted({
      silent: "rewind",
      world: { steps: [{ idempotent: true, retries: 1 }, {}] },
      apply: { is: "failed", failure },
    });
    expect([ended.state.closed, phaseOf(ended)]).toEqual(["halted", "rolled-back"]);
    expect(ended.tookMs).toBeLessThanOrEqual(instanceMs + 1_000);
  });
});
