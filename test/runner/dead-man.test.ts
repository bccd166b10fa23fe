import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Note } from "../../src/core/event.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import type { InstanceState } from "../../src/core/state.ts";
import type { SmallWorld } from "../support/small-itinerary.ts";
import { hasFired, isOff, refuses } from "./support/host-answers.ts";
import { askedOf, failureIn, performed, type Scene } from "./support/one-action.ts";

const begun: Partial<InstanceState> = {
  phase: "stepping",
  snapshotted: true,
  touched: 1,
  guard: "armed",
};
const request = { kind: "http", args: { url: "http://lb/drain", headers: {}, timeout: 1_000 } };
const restart = { kind: "service", args: { systemd: "app", do: "restart" } };
const run = (args: string): StepSpec["work"] => ({ kind: "run", args });

/** The order that arms the switch of the first step. */
async function armedFor(world: Partial<SmallWorld>, state: Partial<InstanceState> = {}) {
  const attempt = state.attempt ?? 1;
  const it = await performed(
    { kind: "apply", instance: "a", step: 0, attempt },
    { world, state: { ...begun, ...state } },
  );
  const [order] = it.orders("arm");
  if (order === undefined) throw new Error("no switch was armed");
  return order;
}

describe("a switch", () => {
  test.each([1, 3])("ends the attempt that it was armed for: %i", async (attempt) => {
    const order = await armedFor({}, { attempt });
    expect(order.receipt).toBe(`a.1.${attempt}`);
  });

  test("has the lease of the plan", async () => {
    expect((await armedFor({ guard: { leaseMs: 90_000 } })).leaseMs).toBe(90_000);
  });

  test("puts back as much as a rollback would", async () => {
    const { rules } = await armedFor({
      protect: [
        { path: "/srv/app/tmp", policy: { kind: "keep" } },
        { path: "/srv/app/etc", policy: { kind: "keep-content" } },
        { path: "/srv/app/cache", policy: { kind: "regenerates", withinMs: 1, recover: [] } },
        { path: "/srv/app/log", policy: { kind: "may-change" } },
      ],
      steps: [{ writes: ["/srv/app/lib"] }],
    });
    expect(rules).toEqual([
      { path: "/srv/app/cache", how: "deleted" },
      { path: "/srv/app/etc", how: "changed" },
      { path: "/srv/app/lib", how: "exactly" },
      { path: "/srv/app/log", how: "leave" },
      { path: "/srv/app/tmp", how: "deleted" },
    ]);
  });

  test.each([0, 2])(
    "runs the undo under the receipt of the rollback that would come after %i others",
    async (rollbacks) => {
      const { undo } = await armedFor({ steps: [{ undo: run("mend") }] }, { rollbacks });
      expect(undo).toMatchObject({ key: `a.1.undo.${rollbacks + 1}`, script: "mend\n" });
    },
  );

  test.each<[string, Partial<StepSpec>]>([
    ["that the plan does not have", { undo: null }],
    ["that is a request from the controller", { undo: request }],
  ])("runs no undo %s", async (_which, step) => {
    expect((await armedFor({ steps: [step] })).undo).toBeNull();
  });

  test("brings the application back when its files are: what recovers paths, and a restart", async () => {
    const { recover } = await armedFor({
      steps: [{ work: restart }],
      actions: { warm: run("warm-up"), tell: request },
      protect: [
        {
          path: "/srv/app/cache",
          policy: { kind: "regenerates", withinMs: 1, recover: ["restore", "warm", "tell"] },
        },
        {
          path: "/srv/app/tmp",
          policy: { kind: "regenerates", withinMs: 1, recover: ["warm"] },
        },
      ],
    });
    expect(recover.map(({ key, args, script }) => [key, args.join(" ") || script])).toEqual([
      ["a.1.1.fired.1", "warm-up\n"],
      ["a.1.1.fired.3", "restart app"],
    ]);
  });

  test("does not repeat a restart that has an undo of its own", async () => {
    const { recover } = await armedFor({ steps: [{ work: restart, undo: run("mend") }] });
    expect(recover).toEqual([]);
  });
});

const armed: Note = { kind: "guard.armed", instance: "a", host: "a", step: 0, leaseMs: 60_000 };
const disarmed: Note = {
  kind: "guard.disarmed",
  instance: "a",
  host: "a",
  step: 0,
  because: "waits for a person",
};
const reverting: Partial<InstanceState> = {
  ...begun,
  phase: "reverting",
  rollbacks: 1,
  bases: [1, 1],
  attempts: [2, 1],
};

describe("on the way back, a switch that may be armed", () => {
  function wayBack(scene: Scene, kind: "revert" | "rewind" = "revert") {
    const action: Action = { kind, instance: "a", step: 0 };
    const state = { ...reverting, rollbacks: kind === "revert" ? 1 : 0, ...scene.state };
    return performed(action, { noted: [armed], ...scene, state });
  }

  test.each(["revert", "rewind"] as const)(
    "is kept from firing into a %s before anything is done, and shares its undo's receipt",
    async (kind) => {
      const it = await wayBack({ world: { steps: [{ undo: run("mend") }] } }, kind);
      expect(it.outcome).toEqual({ is: "done" });
      expect(askedOf(it)[0]).toBe("arm a");
      expect(it.orders("arm")).toMatchObject([
        { key: "a.1", receipt: "a.1.2", undo: { key: "a.1.undo.1" } },
      ]);
      expect(it.asked.at(-1)).toBe("disarm a");
    },
  );

  test.each<[string, Partial<Scene>]>([
    ["the journal knows of none on that host", { noted: [{ ...armed, host: "other" }] }],
    [
      "it was disarmed since",
      {
        noted: [armed, disarmed],
      },
    ],
  ])("is not armed anew where %s", async (_where, scene) => {
    const it = await wayBack(scene);
    expect(it.orders("arm")).toEqual([]);
    // It may be there all the same, because notes are no promise: none can be armed later.
    expect(it.orders("disarm")).toEqual([{ key: "a.1" }]);
  });

  test.each<[string, Scene["answers"]]>([
    ["has fired", () => ({ arm: () => hasFired() })],
    ["can't be renewed", () => ({ arm: () => refuses("GUARD_NOT_ARMED") })],
  ])("and %s keeps nobody from putting back", async (_what, answers) => {
    const it = await wayBack({ ...(answers && { answers }) });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("restore")).toHaveLength(1);
  });

  test("that can't be asked is asked again, and nothing is put back under it", async () => {
    const it = await wayBack({ answers: () => ({ arm: () => isOff("unknown") }) });
    expect(it.outcome.is).toBe("unknown");
    expect(it.orders("restore")).toEqual([]);
  });

  test.each<[string, Scene]>([
    ["is that of a newer step", { world: { steps: [{}, {}] }, state: { touched: 2 } }],
    ["was disarmed with its step's verdict", { state: { guard: "none" } }],
    [
      "is none, because the step runs on the controller",
      { world: { steps: [{ on: "controller" }] } },
    ],
    ["is none, because the step is a request", { world: { steps: [{ work: request }] } }],
  ])("is not asked for where it %s", async (_where, scene) => {
    const it = await wayBack(scene);
    expect(it.outcome).toEqual({ is: "done" });
    expect([...it.orders("arm"), ...it.orders("disarm")]).toEqual([]);
  });
});

test.each<
  [string, Parameters<typeof hasFired>[0], Partial<Extract<Note, { kind: "guard.fired" }>>, RegExp]
>([
  [
    "what it did",
    {
      restored: 7,
      conflicts: { paths: ["/srv/app/tmp/x"], total: 1 },
      failed: [{ path: "/srv/app/tmp/y", message: "no leave" }],
    },
    {
      firedAt: "2023-11-14T22:13:20.000Z",
      complete: true,
      restored: 7,
      conflicts: ["/srv/app/tmp/x"],
      failed: ["/srv/app/tmp/y: no leave"],
    },
    /^the guard on a took step "step 1" back by itself at 2023-11-14T22:13:20\.000Z, because it had heard nothing for 1m$/,
  ],
  [
    "that it was ended half-way, by a clock that is wrong",
    { at: 1e15, complete: false },
    { firedAt: "an unknown time", complete: false },
    /at an unknown time, .*, and was ended before it had done everything$/,
  ],
])("a switch that has fired tells %s", async (_what, fired, note, message) => {
  const it = await performed(
    { kind: "apply", instance: "a", step: 0, attempt: 1 },
    { state: begun, answers: () => ({ arm: () => hasFired(fired) }) },
  );
  expect(it.notes).toMatchObject([{ kind: "guard.fired", host: "a", step: 0, ...note }]);
  expect(failureIn(it)).toMatchObject({
    code: "GUARD_FIRED",
    message: expect.stringMatching(message),
  });
});
