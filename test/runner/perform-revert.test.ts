import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Note } from "../../src/core/event.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import type { InstanceState } from "../../src/core/state.ts";
import {
  type Answers,
  ended,
  hasFired,
  isOff,
  never,
  refuses,
  restored,
  says,
} from "./support/host-answers.ts";
import { askedOf, failureIn, performed, type Scene } from "./support/one-action.ts";

const mend: Partial<StepSpec> = { undo: { kind: "run", args: "mend" } };
const tell: Partial<StepSpec> = {
  undo: { kind: "http", args: { url: "http://lb/enable", headers: {}, timeout: 1_000 } },
};
const exits: Answers = { run: () => says(ended({ exitCode: 1 })) };

function back(kind: "revert" | "rewind" | "stand-down", scene: Scene = {}) {
  const action: Action = { kind, instance: "a", step: 0 };
  const begun: Partial<InstanceState> = {
    phase: kind === "rewind" ? "rewinding" : "reverting",
    touched: 1,
    guard: "armed",
    rollbacks: kind === "revert" ? 1 : 0,
    bases: [1],
    attempts: [1],
  };
  return performed(action, { ...scene, state: { ...begun, ...scene.state } });
}

/** What the journal says of a step that was begun on these hosts, and not judged. */
const armedOn = (...hosts: readonly string[]): readonly Note[] =>
  hosts.map((host) => ({ kind: "guard.armed", instance: "a", host, step: 0, leaseMs: 60_000 }));

const flaw = (undos: number): Partial<InstanceState> => ({
  flaws: [{ step: 0, failure: { code: "UNDO_FAILED", message: "m", hint: "h" }, undos }],
});

describe("a step is taken back", () => {
  test("on the last host first, and each is disarmed when everything on it is done", async () => {
    const it = await back("revert", {
      hosts: ["a1", "a2"],
      world: { steps: [mend] },
      noted: armedOn("a1", "a2"),
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.asked).toEqual(
      ["a2", "a1"].flatMap((host) =>
        ["claim", "arm", "settle", "run", "restore", "compare", "disarm"].map(
          (each) => `${each} ${host}`,
        ),
      ),
    );
    expect(it.notes).toMatchObject([
      { kind: "guard.disarmed", host: "a2", because: "taken back" },
      { kind: "guard.disarmed", host: "a1", because: "taken back" },
    ]);
  });

  test("on a host only with its lock", async () => {
    const it = await back("revert", { answers: () => ({ claim: () => refuses("FENCED") }) });
    expect(failureIn(it)?.code).toBe("FENCED");
    expect(it.asked).toEqual(["claim a"]);
  });

  test("only as far as settling and disarming where it never began", async () => {
    const answers: Answers = { settle: () => never(), disarm: () => hasFired() };
    const it = await back("revert", { world: { steps: [mend] }, answers: () => answers });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.asked).toEqual(["claim a", "settle a", "disarm a"]);
  });

  test("on the others too where one of its hosts is in trouble", async () => {
    const it = await back("revert", {
      hosts: ["a1", "a2"],
      answers: (host) => (host === "a2" ? { restore: () => refuses("SNAPSHOT_MISSING") } : {}),
    });
    expect(failureIn(it)?.code).toBe("SNAPSHOT_MISSING");
    expect(it.asked.filter((each) => each.startsWith("restore"))).toEqual([
      "restore a2",
      "restore a1",
    ]);
  });

  test("once more where its host went back too, and was perhaps ended half-way", async () => {
    const it = await back("revert", { answers: () => ({ disarm: () => hasFired() }) });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.asked.slice(-3)).toEqual(["disarm a", "restore a", "compare a"]);
  });

  test("not while what may still run of it can't be ended", async () => {
    const it = await back("revert", { answers: () => ({ settle: () => isOff("unknown") }) });
    expect(it.outcome.is).toBe("unknown");
    expect(it.orders("restore")).toEqual([]);
  });
});

describe("the undo of a step", () => {
  test.each<[string, Partial<InstanceState>, string]>([
    ["of the first rollback", {}, "a.1.undo.1"],
    ["of another rollback", { rollbacks: 3 }, "a.1.undo.3"],
    ["that failed before", flaw(2), "a.1.undo.1.3"],
  ])("%s has a receipt of its own, and needs no switch", async (_which, state, key) => {
    const answers: Answers = { settle: () => says(ended({ exitCode: 1 })) };
    const it = await back("revert", { world: { steps: [mend] }, state, answers: () => answers });
    expect(it.orders("run")).toMatchObject([
      { key, script: "mend\n", snapshot: null, armed: null, readOnly: [] },
    ]);
  });

  test("that went well here before, and failed on another host, is not run again", async () => {
    const it = await back("revert", { world: { steps: [mend] }, state: flaw(1) });
    expect(it.orders("settle").map(({ key }) => key)).toEqual(["a.1.1", "a.1.undo.1"]);
    expect(it.orders("run")).toEqual([]);
  });

  test("that fails keeps no file from being put back, and is told at the end", async () => {
    const it = await back("revert", {
      hosts: ["a1", "a2"],
      world: { steps: [mend] },
      answers: (host) => (host === "a2" ? exits : {}),
    });
    expect(failureIn(it)).toMatchObject({ code: "UNDO_FAILED", host: "a2" });
    expect(it.asked.slice(-5)).toEqual([
      "settle a1",
      "run a1",
      "restore a1",
      "compare a1",
      "disarm a1",
    ]);
    expect(it.orders("restore")).toHaveLength(2);
    expect(it.orders("disarm")).toHaveLength(2);
  });

  test("of an older step, in doubt, is waited for before a newer one is put back once more", async () => {
    const order: Action = { kind: "revert", instance: "a", step: 1 };
    const state: Partial<InstanceState> = { phase: "reverting", touched: 2, rollbacks: 1 };
    const world = { steps: [{ ...mend, timeoutMs: 70_000 }, {}] };
    const again = await performed(order, {
      world,
      state: { ...state, flaws: [{ ...flaw(1).flaws![0]!, step: 1 }] },
    });
    expect(again.orders("settle")).toContainEqual({
      key: "a.1.undo.1",
      waitMs: 70_000,
      onlyIfBegun: true,
    });
    expect(again.asked.lastIndexOf("settle a")).toBeLessThan(again.asked.indexOf("restore a"));
    const first = await performed(order, { world, state });
    expect(first.orders("settle").map(({ key }) => key)).not.toContain("a.1.undo.1");
  });

  test("that fails hides nothing that was left as it is", async () => {
    const conflicts = { paths: ["/srv/app/bin/x"], total: 1 };
    const answers: Answers = { ...exits, restore: () => restored({ conflicts }) };
    const it = await back("revert", {
      world: { steps: [mend] },
      rollout: { mode: "undoing" },
      answers: () => answers,
    });
    expect(failureIn(it)).toMatchObject({
      code: "UNDO_FAILED",
      message: expect.stringMatching(/exit code 1; and \/srv\/app\/bin\/x on a changed after/),
    });
  });

  test.each<[string, Partial<StepSpec>, number, FailureCode | null]>([
    ["is sent", tell, 0, null],
    ["that may have been heard is not sent again", tell, 1, "UNDO_FAILED"],
    ["that may be heard twice is sent again", { ...tell, idempotent: true }, 1, null],
  ])("as a request %s", async (_how, step, tries, code) => {
    const sent: string[] = [];
    const it = await back("revert", {
      world: { steps: [step] },
      state: { tries },
      parts: {
        async sendHttp({ url }) {
          sent.push(url);
          return { kind: "result", value: { status: 200, expected: true, body: "" } };
        },
      },
    });
    expect(failureIn(it)?.code ?? null).toBe(code);
    expect(sent).toEqual(code === null ? ["http://lb/enable"] : []);
    expect(it.orders("restore")).toHaveLength(1);
  });
});

describe("before another attempt", () => {
  test("what the last one left is ended, put back, and its switch used up", async () => {
    const it = await back("rewind", { hosts: ["a1", "a2"], world: { steps: [mend] } });
    expect(it.outcome).toEqual({ is: "done" });
    expect(askedOf(it)).toEqual(
      ["a2", "a1"].flatMap((host) =>
        ["settle", "restore", "compare", "disarm"].map((each) => `${each} ${host}`),
      ),
    );
  });

  test("nothing is put back where the last one never began", async () => {
    const it = await back("rewind", { answers: () => ({ settle: () => never() }) });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("restore")).toEqual([]);
  });

  test("a guard that has fired is heard: there is none", async () => {
    const it = await back("rewind", { answers: () => ({ disarm: () => hasFired() }) });
    expect(failureIn(it)?.code).toBe("GUARD_FIRED");
    expect(it.orders("restore")).toHaveLength(2);
  });
});

describe("where an instance waits for a person", () => {
  test("its step is ended and its switch disarmed on every host, and nothing is put back", async () => {
    const it = await back("stand-down", { hosts: ["a1", "a2"], noted: armedOn("a1", "a2") });
    expect(it.outcome).toEqual({ is: "done" });
    expect(askedOf(it)).toEqual(["settle a1", "disarm a1", "settle a2", "disarm a2"]);
    expect(it.notes).toMatchObject([
      { kind: "guard.disarmed", because: "waits for a person" },
      { kind: "guard.disarmed", because: "waits for a person" },
    ]);
  });

  test("a host that went back before that is told, and the others are stood down all the same", async () => {
    const it = await back("stand-down", {
      hosts: ["a1", "a2"],
      answers: (host) => (host === "a1" ? { disarm: () => hasFired() } : {}),
    });
    expect(failureIn(it)).toMatchObject({ code: "GUARD_FIRED", host: "a1" });
    expect(it.asked.at(-1)).toBe("disarm a2");
  });
});
