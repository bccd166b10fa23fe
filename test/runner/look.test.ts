import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Note } from "../../src/core/event.ts";
import type { ProbeSpec } from "../../src/core/plan/plan.ts";
import { probeKind } from "../../src/probes/registry.ts";
import { probeAnswerMaxMs } from "../../src/runner/look.ts";
import { type Answers, isOff, printed, says } from "./support/host-answers.ts";
import { type Performed, performed, type Scene } from "./support/one-action.ts";

const bake: Action = { kind: "bake", instance: "a" };
const begin: Action = { kind: "begin", instance: "a" };
const onHost = { name: "alive", surface: "ui", on: "host", intervalMs: 1_000 } as const;
const command: ProbeSpec = { ...onHost, kind: "run", args: { command: "alive", timeout: 1_000 } };
const log: ProbeSpec = {
  ...onHost,
  kind: "log",
  args: { path: "/var/log/app", not: "FATAL", optional: false, timeout: 1_000 },
};

function looked(probe: ProbeSpec, action: Action, scene: Scene): Promise<Performed> {
  return performed(action, { ...scene, world: { probes: [probe] }, parts: { probeKind } });
}

function probed({ notes }: Performed): readonly Extract<Note, { kind: "probe" }>[] {
  return notes.filter((note) => note.kind === "probe");
}

const exits = (code: number): Answers => ({ ask: () => says(printed("", { exitCode: code })) });

describe("a probe on an instance with several hosts is asked on each, and", () => {
  test.each<[string, Scene, "pass" | "fail" | "error", RegExp]>([
    ["passes where all pass", {}, "pass", /^a1: exit code 0$/],
    [
      "fails where one fails",
      { answers: (host) => (host === "a2" ? exits(1) : {}) },
      "fail",
      /^a2: exit code 1$/,
    ],
    [
      "can't tell where one can't",
      { answers: (host) => (host === "a1" ? exits(127) : {}) },
      "error",
      /^a1: exit code 127/,
    ],
    [
      "can't tell where one does not answer",
      { answers: (host) => (host === "a1" ? { ask: () => isOff("unknown") } : {}) },
      "error",
      /^a1: it said CONNECT_LOST$/,
    ],
    [
      "can't tell where one can't be reached",
      { silent: ["a2"] },
      "error",
      /^a2: .*CONNECT_REFUSED$/,
    ],
    [
      "fails where one fails and another can't tell",
      { silent: ["a1"], answers: (host) => (host === "a2" ? exits(1) : {}) },
      "fail",
      /^a2: exit code 1$/,
    ],
  ])("%s", async (_how, scene, is, because) => {
    const it = await looked(command, bake, { hosts: ["a1", "a2"], ...scene });
    expect(probed(it).at(0)).toMatchObject({ is, because: expect.stringMatching(because) });
    expect(it.outcome.is).toBe({ pass: "done", fail: "failed", error: "inconclusive" }[is]);
  });
});

test("a probe that never answers says nothing of the users, and is not waited for", async () => {
  const it = await looked(command, bake, {
    answers: () => ({ ask: () => new Promise(() => undefined) }),
  });
  expect(probed(it)).toMatchObject([{ is: "error", because: "no answer within 60 s" }]);
  expect([it.outcome.is, it.tookMs]).toEqual(["inconclusive", probeAnswerMaxMs]);
});

describe("what a probe must know of the time before the first step", () => {
  const mark = "7 100 1:2:3";

  test("is noted before an instance is touched, host by host", async () => {
    const it = await looked(log, begin, {
      hosts: ["a1", "a2"],
      answers: () => ({
        ask: ({ args = [] }) => says(printed(args.length === 1 ? `${mark}\n` : "same 0\n0\n")),
      }),
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.notes.filter(({ kind }) => kind === "mark")).toMatchObject([
      { host: "a1", probe: "alive", mark },
      { host: "a2", probe: "alive", mark },
    ]);
  });

  test.each<[string, readonly Note[], "done" | "inconclusive"]>([
    [
      "is known to a runner that takes over",
      [{ kind: "mark", instance: "a", host: "a", probe: "alive", mark }],
      "done",
    ],
    ["is never guessed", [], "inconclusive"],
  ])("%s", async (_how, noted, is) => {
    const it = await looked(log, bake, {
      noted,
      answers: () => ({ ask: () => says(printed("same 0\n0\n")) }),
    });
    expect(it.outcome.is).toBe(is);
  });
});
