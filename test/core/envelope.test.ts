import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { standingOf } from "../../src/core/envelope.ts";
import type { Note, TreeEffects } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { endsOutside, heldToEnvelope } from "../../src/core/held-to-envelope.ts";
import type { EnvelopePolicy } from "../../src/core/plan/plan.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { type InstanceState, openRollout, type RolloutState } from "../../src/core/state.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

/** What a step did on one host; all that is not named is nothing at all. */
interface Did {
  readonly counts?: Readonly<Record<string, number>>;
  readonly notBack?: number;
  readonly backMs?: number;
  readonly entries?: number;
  readonly tookMs?: number;
  readonly attempt?: number;
  readonly host?: string;
  /** A journal that does not say it. */
  readonly isOld?: boolean;
}

const earlier = ["a", "b", "c"] as const;

/** Three instances that are done with the step, and one that has just ended it. */
function world(
  dids: Readonly<Record<string, Did | readonly Did[]>>,
  {
    envelope = "pause",
    states = {},
  }: {
    readonly envelope?: EnvelopePolicy;
    readonly states?: Readonly<Record<string, Partial<InstanceState>>>;
  } = {},
): RolloutState {
  const itinerary = smallItinerary({
    regions: { ap: [[...earlier]], cn: [["x"]] },
    protect: [
      { path: "${home}/etc", policy: { kind: "keep" } },
      { path: "${home}/tmp", policy: { kind: "may-change" } },
    ],
    envelope,
  });
  const open = openRollout(itinerary);
  const instances = new Map(
    [...open.instances.values()].map((it): [string, InstanceState] => [
      it.name,
      {
        ...it,
        phase: it.name === "x" ? "stepping" : "sealed",
        step: it.name === "x" ? 0 : 1,
        ...states[it.name],
      },
    ]),
  );
  return Object.entries(dids)
    .flatMap(([instance, did]) =>
      (Array.isArray(did) ? did : [did]).flatMap((one: Did) => notesOf(instance, one)),
    )
    .reduce<RolloutState>((state, note) => evolve(state, { kind: "noted", note }), {
      ...open,
      mode: "forward",
      instances,
    });
}

function notesOf(instance: string, did: Did): readonly Note[] {
  const { counts, notBack = 0, backMs, entries = 100, tookMs = 1_000, attempt = 1 } = did;
  const { host = instance, isOld = false } = did;
  const tree: TreeEffects = {
    protect: 1,
    counts: counts ?? {},
    notBack,
    ...(backMs === undefined ? {} : { backMs }),
  };
  const trees = counts === undefined ? [] : [tree];
  const plain = { is: "kept", findings: [], counts: {}, remarks: [] } as const;
  const verdict = isOld ? plain : { ...plain, trees, entries };
  const on = { instance, host, step: 0, attempt };
  const ended = { exitCode: 0, timedOut: false, durationMs: tookMs, output: "" };
  return [
    { kind: "step.finished", ...on, ...ended },
    { kind: "verdict", ...on, verdict },
  ];
}

/** Said of the last instance beside the others, the worst first. */
function unlike(others: Did, own: Did): readonly string[] {
  const state = world({ a: others, b: others, c: others, x: own });
  return (standingOf(state, { instance: "x", step: 0 })?.unlike ?? []).map(
    (it) => `${it.outside ? "outside" : "told"}: ${it.says}`,
  );
}

const deleted = (count: number, more: Partial<Did> = {}): Did => ({
  counts: { deleted: count },
  ...more,
});

describe("outside what the earlier instances showed is", () => {
  test.each<[string, Did, Did, string]>([
    [
      "what does not come back, where it did",
      deleted(3, { backMs: 500 }),
      deleted(3, { notBack: 3 }),
      "3 not back below ${home}/tmp, none on a, b and c",
    ],
    [
      "one entry that stays away, where nothing was deleted",
      {},
      deleted(1, { notBack: 1 }),
      "1 not back below ${home}/tmp, none on a, b and c",
    ],
    [
      "a deletion of many, where nothing was deleted, even if they come back",
      {},
      deleted(214, { backMs: 100 }),
      "214 deleted below ${home}/tmp, none on a, b and c",
    ],
    [
      "another type in the place of one entry",
      deleted(1),
      { counts: { deleted: 1, "type-changed": 1 } },
      "1 of another type below ${home}/tmp, none on a, b and c",
    ],
    [
      "far more of the same in a tree of the same size",
      deleted(12),
      deleted(90),
      "90 deleted below ${home}/tmp, at most 12 on a, b and c",
    ],
    [
      "most of the files truncated",
      { counts: { content: 2 } },
      { counts: { content: 1_214 }, entries: 1_300 },
      "1,214 changed in content below ${home}/tmp, at most 2 on a, b and c",
    ],
    [
      "a step that takes minutes where it took seconds",
      { tookMs: 3_000 },
      { tookMs: 600_000 },
      "it took 10 min 00 s, at most 3.0 s on a, b and c",
    ],
    [
      "what is back after a long time only",
      deleted(3, { backMs: 500 }),
      deleted(3, { backMs: 40_000 }),
      "what was deleted below ${home}/tmp was back after 40 s, at most 500 ms on a, b and c",
    ],
  ])("%s", (_what, others, own, says) => {
    expect(unlike(others, own)[0]).toBe(`outside: ${says}`);
  });
});

test("what is back before it is looked at is no other thing than what comes back a moment later", () => {
  const late = deleted(16, { backMs: 900 });
  expect(unlike({ counts: { replaced: 16 } }, late)).toEqual([]);
  expect(unlike(late, { counts: { replaced: 16 } })).toEqual([]);
  expect(unlike({ counts: { replaced: 16 } }, deleted(16, { notBack: 16 }))[0]).toBe(
    "outside: 16 not back below ${home}/tmp, none on a, b and c",
  );
});

describe("told, and no more, is", () => {
  test.each<[string, Did, Did, string]>([
    [
      "a handful that is back at once",
      {},
      deleted(2, { backMs: 500 }),
      "2 deleted below ${home}/tmp, none on a, b and c",
    ],
    [
      "what an application does in its temp files",
      {},
      { counts: { created: 30 } },
      "30 created below ${home}/tmp, none on a, b and c",
    ],
    ["another attempt", {}, { attempt: 3 }, "it was tried 3 times, at most 1 on a, b and c"],
  ])("%s", (_what, others, own, says) => {
    expect(unlike(others, own)).toEqual([`told: ${says}`]);
  });
});

describe("nothing is said of", () => {
  test.each<[string, Did, Did]>([
    ["the same", deleted(3, { notBack: 3 }), deleted(3, { notBack: 3 })],
    ["a few more", deleted(12), deleted(30)],
    ["less", deleted(120), {}],
    ["as much in proportion", deleted(300, { entries: 300 }), deleted(30_000, { entries: 30_000 })],
    ["a slow host", { tookMs: 500 }, { tookMs: 45_000 }],
    [
      "a busy application",
      { counts: { created: 5, content: 9 } },
      { counts: { created: 90, content: 130 } },
    ],
  ])("%s", (_what, others, own) => {
    expect(unlike(others, own)).toEqual([]);
  });

  test("an instance, before two others have shown what is usual", () => {
    const harm = deleted(214, { notBack: 214 });
    const others = { b: { phase: "stepping", step: 0 }, c: { phase: "waiting", step: 0 } } as const;
    const state = world({ a: {}, x: harm }, { states: others });
    expect(standingOf(state, { instance: "x", step: 0 })).toMatchObject({
      earlier: [{ name: "a" }],
      unlike: [],
    });
  });

  test("an instance whose effects an old journal does not tell", () => {
    const state = world({ a: {}, b: {}, x: { isOld: true } });
    expect(standingOf(state, { instance: "x", step: 0 })).toBeNull();
  });
});

describe("held against are", () => {
  test.each<[string, Partial<InstanceState>]>([
    ["none that turned bad", { bad: { as: "failed", failure: failureNow(), step: 0 } }],
    ["none that is not done with the step", { phase: "inconclusive", step: 0 }],
  ])("%s", (_what, c) => {
    const state = world({ a: {}, b: {}, c: deleted(9), x: {} }, { states: { c } });
    const names = standingOf(state, { instance: "x", step: 0 })?.earlier.map(({ name }) => name);
    expect(names).toEqual(["a", "b"]);
  });

  test("none of which an old journal does not tell what it did", () => {
    const state = world({ a: {}, b: {}, c: { isOld: true }, x: {} });
    const names = standingOf(state, { instance: "x", step: 0 })?.earlier.map(({ name }) => name);
    expect(names).toEqual(["a", "b"]);
  });

  test("all hosts of an instance together, and the slowest of them", () => {
    const own = [
      deleted(2, { host: "x1", notBack: 1, tookMs: 5 }),
      deleted(3, { host: "x2", notBack: 1, tookMs: 9 }),
    ];
    const { own: sample } = standingOf(world({ x: own }), { instance: "x", step: 0 })!;
    expect(sample).toMatchObject({
      durationMs: 9,
      entries: 200,
      trees: [{ protect: 1, counts: { deleted: 5, "not back": 2 } }],
    });
  });

  test("only the newest attempt, for the others were put back", () => {
    const own = [deleted(9, { notBack: 9 }), deleted(1, { attempt: 2 })];
    const { own: sample } = standingOf(world({ x: own }), { instance: "x", step: 0 })!;
    expect(sample.trees).toMatchObject([{ counts: { deleted: 1 } }]);
  });
});

test("a second look takes nothing back that was done, and tells what is missing now", () => {
  const own = [deleted(9, { notBack: 9 }), deleted(2, { backMs: 4 })];
  const { own: sample } = standingOf(world({ x: own }), { instance: "x", step: 0 })!;
  expect(sample.trees).toEqual([{ protect: 1, counts: { deleted: 9 }, backMs: 4 }]);
});

const ending = {
  kind: "outcome",
  action: { kind: "apply", instance: "x", step: 0, attempt: 1 },
  outcome: { is: "done" },
} as const;

describe("a step that ended well", () => {
  const harm = { a: {}, b: {}, c: {}, x: deleted(214, { notBack: 214 }) };

  test("leaves its instance inconclusive where it did something else than before", () => {
    const [only, ...more] = heldToEnvelope(world(harm), ending);
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      outcome: {
        is: "inconclusive",
        failure: {
          code: "OUTSIDE_ENVELOPE",
          message:
            'step "step 1" did on x what it did on none of the earlier instances: 214 not back below ${home}/tmp, none on a, b and c; 214 deleted below ${home}/tmp, none on a, b and c',
        },
      },
    });
  });

  test("is only told about where the plan says so, and not looked at where it says that", () => {
    const [remark, end] = heldToEnvelope(world(harm, { envelope: "warn" }), ending);
    expect(remark).toMatchObject({ note: { kind: "remark", instance: "x" } });
    expect(end).toEqual(ending);
    expect(heldToEnvelope(world(harm, { envelope: "off" }), ending)).toEqual([ending]);
  });

  test("is no matter of usual or not once the rollout halts", () => {
    const state: RolloutState = { ...world(harm), mode: "halting" };
    expect(heldToEnvelope(state, ending)).toEqual([ending]);
  });

  test("breaks a promise if it counts as good all the same", () => {
    const state = world(harm);
    expect(brokenPromises(state, ending, state).map((it) => it.split(":")[0])).toEqual(["9"]);
    const inside = world({ a: {}, b: {}, c: {}, x: {} });
    expect(brokenPromises(inside, ending, inside)).toEqual([]);
  });
});

test("the panel shows the earlier instances and this one side by side", () => {
  const back = deleted(3, { backMs: 500, tookMs: 90 });
  const state = world({
    a: back,
    b: back,
    c: deleted(5, { backMs: 700 }),
    x: deleted(3, { notBack: 3 }),
  });
  const [event] = heldToEnvelope(state, ending);
  const failure =
    event?.kind === "outcome" && event.outcome.is === "inconclusive" && event.outcome.failure;
  expect((failure || failureNow()).detail).toBe(
    [
      "                                   a       b       c      x",
      "not back below ${home}/tmp         0       0       0      3  ←",
      "deleted below ${home}/tmp          3       3       5      3",
      "back below ${home}/tmp after  500 ms  500 ms  700 ms      -",
      "took                           90 ms   90 ms   1.0 s  1.0 s",
    ].join("\n"),
  );
});

test("a fleet that is alike never pauses, whatever the step does and however large its trees are", () => {
  const kinds = fc.record({
    deleted: fc.nat(40),
    content: fc.nat(60),
    created: fc.nat(60),
  });
  fc.assert(
    fc.property(
      kinds,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 4, maxLength: 4 }),
      (counts, sizes) => {
        const did = (size: number): Did => ({
          counts: Object.fromEntries(Object.entries(counts).map(([kind, n]) => [kind, n * size])),
          notBack: counts.deleted * size,
          entries: 100 * size,
        });
        const [a, b, c, x] = sizes.map(did);
        const state = world({ a: a!, b: b!, c: c!, x: x! });
        expect(endsOutside(state, ending)).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});

function failureNow() {
  return { code: "STEP_EXIT", message: "m", hint: "h", detail: "" } as const;
}
