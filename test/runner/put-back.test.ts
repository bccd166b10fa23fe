import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { type Answers, gone, refuses, restored, says } from "./support/host-answers.ts";
import { failureIn, performed, type Scene } from "./support/one-action.ts";

const two = { steps: [{ writes: ["/srv/app/lib"] }, { writes: ["/srv/app/bin"] }] };

/** The second of two steps is taken back, or tried again. */
function back(scene: Scene = {}, kind: "revert" | "rewind" = "revert") {
  const action: Action = { kind, instance: "a", step: 1 };
  return performed(action, {
    world: two,
    ...scene,
    state: {
      phase: kind === "revert" ? "reverting" : "rewinding",
      step: 1,
      touched: 2,
      rollbacks: kind === "revert" ? 1 : 0,
      bases: [1, 2],
      attempts: [1, 1],
      ...scene.state,
    },
  });
}

const kept: Answers = {
  restore: () =>
    restored({ restored: 2, conflicts: { paths: ["/p/1", "/p/2", "/p/3", "/p/4"], total: 9 } }),
};

describe("what is put back", () => {
  test.each(["revert", "rewind"] as const)(
    "in a %s is the snapshot that the step began from, and it is looked at afterwards",
    async (kind) => {
      const it = await back({}, kind);
      expect(it.outcome).toEqual({ is: "done" });
      expect(it.orders("restore")).toMatchObject([
        {
          key: "a.2.g2",
          rules: [
            { path: "/srv/app/bin", how: "exactly" },
            { path: "/srv/app/tmp", how: "deleted" },
          ],
        },
      ]);
      expect(it.orders("compare")).toMatchObject([{ key: "a.2.g2", moment: "quiet" }]);
      expect(it.asked.indexOf("compare a")).toBeGreaterThan(it.asked.indexOf("restore a"));
    },
  );

  test("is noted with what stood in its way and what was kept of it, or not where it was nothing", async () => {
    const setAside = { paths: ["/srv/app/bin/x"], total: 1 };
    const it = await back({
      answers: () => ({ restore: () => restored({ restored: 2, setAside }) }),
    });
    expect(it.notes.filter(({ kind }) => kind === "restored")).toMatchObject([
      { host: "a", step: 1, restored: 2, conflicts: [], setAside: ["/srv/app/bin/x"] },
    ]);
    expect((await back()).notes.filter(({ kind }) => kind === "restored")).toEqual([]);
  });
});

describe("what was changed after the step had ended", () => {
  const undoing: Partial<RolloutState> = { mode: "undoing" };

  test.each<[string, Partial<RolloutState>, "revert" | "rewind", "keep" | "replace"]>([
    ["is left alone where a person takes it back later", undoing, "revert", "keep"],
    ["is set aside where that person has said so", { ...undoing, over: true }, "revert", "replace"],
    ["is set aside while the rollout halts", { mode: "halting" }, "revert", "replace"],
    ["is set aside before another attempt, which follows at once", undoing, "rewind", "replace"],
  ])("%s", async (_how, rollout, kind, later) => {
    expect((await back({ rollout }, kind)).orders("restore")).toMatchObject([{ later }]);
  });

  test("and stays is told to a person, by its first paths, and is no harm to the rest", async () => {
    const it = await back({ rollout: undoing, answers: () => kept });
    expect(failureIn(it)).toMatchObject({
      code: "RESTORE_CONFLICT",
      path: "/p/1",
      message:
        '/p/1, /p/2, /p/3 and 6 more on a changed after step "step 2" had ended, and were left as they are: it needs a person',
    });
    // What stays differs, as it should.
    expect(it.orders("compare")).toEqual([]);
  });

  test("and can't be moved while the rollout halts is no reason to look no further", async () => {
    const it = await back({ rollout: { mode: "halting" }, answers: () => kept });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("compare")).toHaveLength(1);
  });
});

describe("nobody takes a step for taken back where", () => {
  test.each<[string, Answers, FailureCode, string]>([
    [
      "a path can't be put back",
      {
        restore: () =>
          restored({ failedTotal: 3, failed: [{ path: "/srv/app/bin/x", message: "no leave" }] }),
      },
      "RESTORE_INCOMPLETE",
      "3 paths could not be put back on a, first /srv/app/bin/x: no leave",
    ],
    [
      "a path is missing still",
      { compare: () => says(gone("/srv/app/bin/x")) },
      "RESTORE_INCOMPLETE",
      'a is not as it was before step "step 2": 1 file below /srv/app/bin is still missing, after the rollback',
    ],
    [
      "its snapshot can't be read",
      { restore: () => refuses("SNAPSHOT_MISSING") },
      "SNAPSHOT_MISSING",
      "it said SNAPSHOT_MISSING",
    ],
    [
      "nobody can compare",
      { compare: () => refuses("SNAPSHOT_MISSING") },
      "SNAPSHOT_MISSING",
      "it said SNAPSHOT_MISSING",
    ],
  ])("%s", async (_where, answers, code, message) => {
    for (const kind of ["revert", "rewind"] as const) {
      const it = await back({ answers: () => answers, state: { guard: "armed" } }, kind);
      expect(failureIn(it)).toMatchObject({ code, message });
      // Its switch is the only one who may do better.
      expect(it.orders("disarm")).toEqual([]);
    }
  });
});
