import { describe, expect, test } from "vitest";
import { standingOf } from "../../src/core/envelope.ts";
import type { Note, RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { heldToEnvelope } from "../../src/core/held-to-envelope.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { UnitSeen, UnitsSeen } from "../../src/core/units-seen.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

// What a step did to services: three instances that are done with it and good, and x, which has just
// ended it with exit code 0.

const up = (more: Partial<UnitSeen> = {}): UnitSeen => ({
  state: "active",
  activeSinceUs: 1_000,
  pid: 40,
  restarts: 0,
  ...more,
});

interface Looks {
  readonly before: UnitsSeen;
  readonly after: UnitsSeen;
  readonly host?: string;
}

const looks = (after: UnitSeen | null, before: UnitSeen | null = up()): Looks => ({
  before: { units: [before] },
  after: { units: [after] },
});

const same = looks(up());
const restarted = looks(up({ activeSinceUs: 9_000, pid: 77 }));
const crashing = looks(up({ activeSinceUs: 9_000, pid: 77, restarts: 12 }));
const stopped = looks(up({ state: "inactive", pid: 0 }));
const noSystemd: Looks = {
  before: { because: "systemctl is not on the host" },
  after: { because: "systemctl is not on the host" },
};

function world(
  own: Looks | readonly Looks[] | null,
  others: Looks | null,
  first: Looks | null = others,
): RolloutState {
  const itinerary = smallItinerary({
    regions: { ap: [["a", "b", "c"]], cn: [["x"]] },
    steps: [{ work: { kind: "service", args: { systemd: "app", do: "reload" } } }, {}],
    envelope: "pause",
  });
  const open = openRollout(itinerary);
  const instances = new Map(
    [...open.instances.values()].map((it) => [
      it.name,
      it.name === "x"
        ? { ...it, phase: "stepping" as const }
        : { ...it, phase: "sealed" as const, step: 2 },
    ]),
  );
  const notes = [
    ...["a", "b", "c"].flatMap((name) => notesOf(name, name === "a" ? first : others)),
    ...[own].flat().flatMap((one) => notesOf("x", one)),
  ];
  return notes.reduce<RolloutState>((state, note) => evolve(state, { kind: "noted", note }), {
    ...open,
    mode: "forward",
    instances,
  });
}

function notesOf(instance: string, it: Looks | null, step = 0): readonly Note[] {
  const on = { instance, host: it?.host ?? instance, step, attempt: 1 };
  const verdict = { is: "kept", findings: [], counts: {}, remarks: [], trees: [] } as const;
  return [
    { kind: "step.started", ...on, ...(it === null ? {} : { units: it.before }) },
    { kind: "verdict", ...on, verdict, ...(it === null ? {} : { units: it.after }) },
  ];
}

function unlike(own: Looks | readonly Looks[] | null, others: Looks | null): readonly string[] {
  const standing = standingOf(world(own, others), { instance: "x", step: 0 });
  return (standing?.unlike ?? []).map((it) => `${it.outside ? "outside" : "told"}: ${it.says}`);
}

describe("outside what the earlier instances showed is a service", () => {
  test.each<[string, Looks, Looks, string]>([
    ["that was restarted here only", restarted, same, "app was restarted, on none of a, b and c"],
    [
      "whose process is another while it stays active",
      looks(up({ pid: 78 })),
      same,
      "app was restarted, on none of a, b and c",
    ],
    [
      "that is just on its way down or up",
      looks(up({ state: "activating", pid: 0 })),
      same,
      "app was restarted, on none of a, b and c",
    ],
    [
      "that systemd starts anew over and over",
      crashing,
      restarted,
      "app was restarted 12 times, at most 1 on a, b and c",
    ],
    ["that was stopped here only", stopped, same, "app was stopped, on none of a, b and c"],
    [
      "that crashed and stayed down",
      looks(up({ state: "failed", pid: 0, restarts: 2 })),
      restarted,
      "app was stopped, on none of a, b and c",
    ],
  ])("%s", (_what, own, others, says) => {
    expect(unlike(own, others)).toEqual([`outside: ${says}`]);
  });

  test("on any of the instance's hosts", () => {
    const own = [
      { ...same, host: "x1" },
      { ...restarted, host: "x2" },
    ];
    expect(unlike(own, same)).toEqual(["outside: app was restarted, on none of a, b and c"]);
  });
});

describe("nothing is said of a service", () => {
  test.each<[string, Looks | readonly Looks[] | null, Looks | null]>([
    ["that is as it was", same, same],
    ["that is restarted everywhere", restarted, restarted],
    ["that a step on several hosts restarts on each", Array(5).fill(restarted), restarted],
    ["that reloads", looks(up({ state: "reloading" })), same],
    ["that was down and is down", looks(up({ state: "inactive" }), up({ state: "failed" })), same],
    [
      "whose count a restart by hand set back",
      looks(up({ restarts: 0 }), up({ restarts: 7 })),
      same,
    ],
    ["that is no service and has no process", looks(up({ pid: null }), up({ pid: null })), same],
    ["of which nobody knows here", looks(null), same],
    ["of which nobody knows elsewhere", restarted, looks(null)],
    ["on a host without systemd", noSystemd, same],
    ["where the others have no systemd", restarted, noSystemd],
    ["that nobody asked about", null, null],
  ])("%s", (_what, own, others) => {
    const hosts = Array.isArray(own)
      ? own.map((it: Looks, at) => ({ ...it, host: `x${at + 1}` }))
      : own;
    expect(unlike(hosts, others)).toEqual([]);
  });
});

test("nothing is usual of a service that is known of one earlier instance only", () => {
  const state = world(restarted, noSystemd, same);
  expect(standingOf(state, { instance: "x", step: 0 })?.unlike).toEqual([]);
});

test("a count that was set back on one host hides no restart on another", () => {
  const own = [
    { ...looks(up({ state: "inactive", pid: 0 }), up({ restarts: 7 })), host: "x1" },
    { ...restarted, host: "x2" },
  ];
  expect(unlike(own, same)).toEqual([
    "outside: app was stopped, on none of a, b and c",
    "outside: app was restarted, on none of a, b and c",
  ]);
});

test("a service that was restarted everywhere but here is told, and no more", () => {
  expect(unlike(same, restarted)).toEqual(["told: app was not restarted, as it was on a, b and c"]);
});

test("what happens after the first look is not what the step did, nor is a late look how it was before", () => {
  expect(unlike([same, restarted], same)).toEqual([]);
  const takenOver = [restarted, { ...same, before: restarted.after, after: restarted.after }];
  expect(unlike(takenOver, same)).toEqual(["outside: app was restarted, on none of a, b and c"]);
});

const ending = {
  kind: "outcome",
  action: { kind: "apply", instance: "x", step: 0, attempt: 1 },
  outcome: { is: "done" },
} as const;

test("an instance whose services alone were restarted is inconclusive, and the panel says which", () => {
  const [only, ...more] = heldToEnvelope(world(restarted, same), ending);
  expect(more).toEqual([]);
  expect(only).toMatchObject({
    outcome: {
      is: "inconclusive",
      failure: {
        code: "OUTSIDE_ENVELOPE",
        message: expect.stringContaining("app was restarted, on none of a, b and c"),
        detail: [
          "                    a     b     c     x",
          "restarts of app     0     0     0     1  ←",
          "took             0 ms  0 ms  0 ms  0 ms",
        ].join("\n"),
      },
    },
  });
});

test("where nobody can tell, that is said once of the instance and never counted as none", () => {
  const [told, end] = heldToEnvelope(world(noSystemd, restarted), ending);
  expect(told).toMatchObject({
    note: {
      kind: "remark",
      instance: "x",
      text: "nobody can tell whether steps restart services here: systemctl is not on the host",
    },
  });
  expect(end).toEqual(ending);
  const later = notesOf("x", noSystemd, 1).reduce<RolloutState>(
    (state, note) => evolve(state, { kind: "noted", note }),
    world(noSystemd, restarted),
  );
  const next: RolloutEvent = { ...ending, action: { ...ending.action, step: 1 } };
  expect(heldToEnvelope(later, next)).toEqual([next]);
});

test("what is not known stands in the panel as a question mark", () => {
  const state = notesOf("a", { ...noSystemd, host: "a2" }).reduce<RolloutState>(
    (before, note) => evolve(before, { kind: "noted", note }),
    world(restarted, same),
  );
  const [event] = heldToEnvelope(state, ending).slice(-1);
  const failure =
    event?.kind === "outcome" && event.outcome.is === "inconclusive" ? event.outcome.failure : null;
  expect(failure?.detail).toContain("restarts of app     ?     0     0     1  ←");
});
