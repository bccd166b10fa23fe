import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { Outcome } from "../../src/core/event.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import type { InstanceState } from "../../src/core/state.ts";
import { ended, gone, never, says } from "./support/host-answers.ts";
import { type Performed, performed, type Scene } from "./support/one-action.ts";

const restart: StepSpec["work"] = { kind: "service", args: { systemd: "app", do: "restart" } };
const steps = [{ writes: ["/srv/app/lib"] }, { writes: ["/srv/app/bin"] }];

/** After a rollback of two steps. */
function verified(scene: Scene = {}): Promise<Performed> {
  const back: Partial<InstanceState> = {
    phase: "verifying",
    touched: 2,
    rollbacks: 1,
    verifies: 1,
    bases: [1, 2],
    attempts: [1, 1],
  };
  const verify: Action = { kind: "verify", instance: "a" };
  return performed(verify, {
    world: { steps },
    answers: () => ({ settle: () => never() }),
    ...scene,
    state: { ...back, ...scene.state },
  });
}

describe("after a rollback", () => {
  test("every tree is compared with the snapshot of the first step, and users are asked", async () => {
    const it = await verified({ probe: ["pass"] });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("compare").map(({ key }) => key)).toEqual(["a.1", "a.2.g2"]);
    expect(it.notes).toMatchObject([{ kind: "probe", while: "verify" }]);
  });

  test.each<[string, string, boolean]>([
    ["a protected tree", "/srv/app/tmp/x", false],
    ["what the second step writes", "/srv/app/bin/x", true],
  ])(
    "the second snapshot, which holds what the first step did, says of %s: %s",
    async (_w, path, counts) => {
      const it = await verified({
        answers: () => ({
          settle: () => never(),
          compare: ({ key }) => says(key === "a.1" ? gone() : gone(path)),
        }),
      });
      expect(it.outcome.is).toBe(counts ? "failed" : "done");
    },
  );

  test.each<[string, Scene, Outcome["is"], FailureCode]>([
    [
      "content differs",
      { answers: () => ({ compare: () => says(gone("/srv/app/tmp/x")) }) },
      "failed",
      "RESTORE_INCOMPLETE",
    ],
    ["users are not served", { probe: ["fail"] }, "failed", "ROLLBACK_UNVERIFIED"],
    ["nobody can tell", { probe: ["error"] }, "inconclusive", "ROLLBACK_UNVERIFIED"],
  ])("it is not verified where %s", async (_where, scene, is, code) => {
    const it = await verified({ ...scene });
    expect(it.outcome).toMatchObject({ is, failure: { code } });
  });
});

describe("after a rollback, what runs with the files that were taken back is restarted", () => {
  const restarting = { steps: [{ work: restart }, { work: restart, undo: restart }] };

  test("where a step was a restart without an undo, and under a receipt of this look", async () => {
    const it = await verified({ world: restarting, state: { rollbacks: 3, verifies: 1 } });
    expect(it.orders("run")).toMatchObject([
      { key: "a.1.again.3.1", args: ["restart", "app"], snapshot: null, armed: null },
    ]);
    expect(it.asked.indexOf("run a")).toBeLessThan(it.asked.indexOf("compare a"));
  });

  test("once more in another look, when the one of the last look runs no more", async () => {
    const it = await verified({ world: restarting, state: { verifies: 2 } });
    expect(it.orders("settle").map(({ key }) => key)).toContain("a.1.again.1.1");
    expect(it.orders("run").map(({ key }) => key)).toEqual(["a.1.again.1.2"]);
  });

  test("and a restart that fails leaves it unverified", async () => {
    const it = await verified({
      world: restarting,
      answers: () => ({ settle: () => never(), run: () => says(ended({ exitCode: 1 })) }),
    });
    expect(it.outcome).toMatchObject({ is: "failed", failure: { code: "ROLLBACK_UNVERIFIED" } });
  });

  test.each<[string, readonly string[]]>([
    ["by a runner", ["a.2.1.recover.1.1"]],
    ["by the host's own switch", ["a.2.1.fired.1"]],
  ])("and so is what was recovered in the middle of the newest step %s", async (_by, there) => {
    const it = await verified({
      world: {
        steps,
        actions: { warm: { kind: "run", args: "warm-up" } },
        protect: [
          {
            path: "/srv/app/tmp",
            policy: { kind: "regenerates", withinMs: 1, recover: ["warm"] },
          },
        ],
      },
      answers: () => ({ settle: ({ key }) => (there.includes(key) ? says(ended()) : never()) }),
    });
    expect(it.orders("run").map(({ key, script }) => [key, script])).toEqual([
      ["a.2.again.1.1.1", "warm-up\n"],
    ]);
  });
});
