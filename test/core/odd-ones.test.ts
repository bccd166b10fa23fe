import { describe, expect, test } from "vitest";
import { due } from "../../src/core/due.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { type HostPortrait, factsOf } from "../../src/core/host-portrait.ts";
import type { OutlierPolicy } from "../../src/core/plan/plan.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const host = { kernel: "Linux 6.1", userland: "gnu", tools: ["tar", "setsid"] };

function portrait(mount: string): HostPortrait {
  const path = {
    path: "/srv/app/tmp",
    exists: true,
    kind: "directory",
    rights: "1777 app:app",
    mount,
    free: 60,
    freeInodes: 80,
    cleanedAfter: null,
    entries: 200,
    oldestSeconds: 86_400,
    newestSeconds: 60,
  };
  return { os: "Debian 12", upSeconds: 8_640_000, paths: [path] };
}

const names = (region: string): string[][] => [
  Array.from({ length: 25 }, (_, at) => `${region}${String(at + 1).padStart(2, "0")}`),
];

/** Fifty targets in two regions of 25, which preflight has seen: what it noted of each. */
function fleet(onOutlier: OutlierPolicy | undefined, odd: readonly string[]): RolloutState {
  const itinerary = smallItinerary({
    regions: { ap: names("ap"), cn: names("cn") },
    protect: [{ path: "${home}/tmp", policy: { kind: "keep" } }],
    ...(onOutlier === undefined ? {} : { onOutlier }),
  });
  return Object.keys(itinerary.instances).reduce<RolloutState>((state, instance) => {
    const facts = factsOf(host, portrait(odd.includes(instance) ? "own tmpfs" : "shared ext4"), {
      paths: ["${home}/tmp"],
      units: [],
    });
    const note = { kind: "host.facts", instance, host: instance, facts } as const;
    const seen = evolve(state, { kind: "noted", note });
    const it = seen.instances.get(instance)!;
    return {
      ...seen,
      instances: new Map(seen.instances).set(instance, { ...it, phase: "waiting" }),
    };
  }, openRollout(itinerary));
}

/** What follows, without a runner, until it waits for a person or ends. */
function course(from: RolloutState) {
  return drive(from.itinerary, () => null, { from });
}

const kindsOf = (events: readonly RolloutEvent[]): readonly string[] =>
  events.map(({ kind }) => kind);

const says = "the mount of ${home}/tmp is own tmpfs on cn01, and shared ext4 on all the others";
const cn01 = { instance: "cn01", host: "cn01", about: "the mount of ${home}/tmp", says };

describe("the one of fifty targets whose temp folder is on a mount of its own", () => {
  test("is told in words before anything is touched, and the rollout goes on under `warn`", () => {
    const { events, state } = course(fleet("warn", ["cn01"]));
    expect(events[0]).toEqual({ kind: "outliers-found", outliers: [cn01] });
    expect(kindsOf(events)[1]).toBe("preflight-passed");
    expect(state.closed).toBe("sealed");
  });

  test("has its region wait for a person under `ask`, and no other", () => {
    const asked = course(fleet("ask", ["cn01"]));
    expect(asked.state.parked).toEqual({ kind: "approval", region: "cn" });
    expect(asked.state.regions.map(({ stage }) => stage)).toEqual(["sealed", "approval"]);
    const approve = { kind: "approve", region: "cn" } as const;
    const from = evolve(asked.state, { kind: "asked", wish: approve, by: "me", reason: "known" });
    expect(course(from).state.closed).toBe("sealed");
  });

  test("has the rollout refused under `stop`, with nothing touched anywhere", () => {
    const { events, state, actions } = course(fleet("stop", ["cn01"]));
    expect(actions).toEqual([]);
    expect(events[1]).toMatchObject({
      kind: "halting",
      halt: {
        rule: "outliers",
        instances: ["cn01"],
        sentence: `${says}: the plan stops for instances that are not like the others`,
      },
    });
    expect(state.closed).toBe("refused");
  });

  test("is told once, also by a runner that takes over", () => {
    const told = evolve(fleet("warn", ["cn01"]), { kind: "outliers-found", outliers: [cn01] });
    expect(due(told)).toEqual({ kind: "preflight-passed" });
  });

  test("is not looked for in a rollout of a journal that does not say what to do then", () => {
    expect(due(fleet(undefined, ["cn01"]))).toEqual({ kind: "preflight-passed" });
  });
});

/** What preflight has told, and the rollout is bound to a preview that put these last. */
const bound = (odd: readonly string[], previewedLast: readonly string[]): RolloutState => ({
  ...fleet("last", odd),
  previewedLast,
});
const order = (events: readonly RolloutEvent[]) =>
  events.flatMap((event) => (event.kind === "order-decided" ? event.regions : []));

describe("under `last`", () => {
  test("the odd one goes after all others of its region, and in a batch of its own", () => {
    const { events, state, actions } = course(fleet("last", ["cn01"]));
    expect(kindsOf(events).slice(0, 3)).toEqual([
      "outliers-found",
      "order-decided",
      "preflight-passed",
    ]);
    const [cn, ...more] = order(events);
    expect(more).toEqual([]);
    expect(cn?.region).toBe("cn");
    expect(cn?.batches.map((it) => it.instances.length)).toEqual([24, 1]);
    expect(cn?.batches.at(-1)?.instances).toEqual(["cn01"]);
    const begun = actions.filter((action) => action.startsWith("begin "));
    expect([begun[0], begun[25], begun.at(-1)]).toEqual(["begin ap01", "begin cn02", "begin cn01"]);
    expect(state.closed).toBe("sealed");
  });

  test("the order is in the journal: whoever replays it goes the same way, whatever is odd by then", () => {
    const { events } = course(fleet("last", ["cn01"]));
    const decided = events.slice(0, 2).reduce(evolve, fleet("last", ["cn01"]));
    expect(due(decided)).toEqual({ kind: "preflight-passed" });
    expect([...decided.instances.keys()].at(-1)).toBe("cn01");
    expect(decided.instances.get("cn01")?.batch).toBe(1);
    expect(decided.itinerary.regions[1]?.batches[1]?.instances).toEqual(["cn01"]);
    const again = events.reduce(evolve, fleet("last", ["cn01"]));
    expect(course(again).events).toEqual([]);
  });

  test("a rollout that is bound to a preview goes in the order that this one printed", () => {
    const { events, state } = course(bound(["cn01"], ["cn01"]));
    expect(order(events)[0]?.batches.at(-1)?.instances).toEqual(["cn01"]);
    expect(state.closed).toBe("sealed");
  });

  test.each<[string, readonly string[], readonly string[], string]>([
    ["another one is odd", ["cn02"], ["cn01"], "cn02 is not like the others now, and cn01 is like"],
    ["one is odd that was not", ["cn01"], [], "cn01 is not like the others now"],
    ["nobody is odd any more", [], ["cn01"], "cn01 is like the others now"],
  ])("and is refused, with nothing touched, where %s", (_name, odd, previewed, sentence) => {
    const { events, state, actions } = course(bound(odd, previewed));
    expect(actions).toEqual([]);
    expect(kindsOf(events)).not.toContain("order-decided");
    expect(state.halt).toMatchObject({
      rule: "outliers",
      sentence: expect.stringContaining(
        `the order would not be the one that the preview printed: ${sentence}`,
      ),
    });
    expect(state.closed).toBe("refused");
  });

  test("but goes on where somebody is odd in what no preview sees", () => {
    const from = [...bound([], []).instances.keys()].reduce<RolloutState>(
      (state, instance) => {
        const value = instance === "cn01" ? "old" : "new";
        const facts = [{ about: "what check says", value, inPreview: false }] as const;
        const note = { kind: "host.facts", instance, host: instance, facts } as const;
        return evolve(state, { kind: "noted", note });
      },
      bound([], []),
    );
    const { events, state } = course(from);
    expect(kindsOf(events).slice(0, 2)).toEqual(["outliers-found", "preflight-passed"]);
    expect(state.closed).toBe("sealed");
    const free = course({ ...from, previewedLast: null });
    expect(order(free.events)[0]?.batches.at(-1)?.instances).toEqual(["cn01"]);
  });

  test("who can't be reached is never touched, so it does not matter where it stands", () => {
    const from = bound([], ["cn01"]);
    const failure = { code: "CONNECT_LOST", message: "gone", hint: "look" } as const;
    const it = from.instances.get("cn01")!;
    const unfit = {
      ...it,
      phase: "unfit",
      bad: { as: "unreachable", failure, step: null },
    } as const;
    const tolerant = smallItinerary({
      regions: { ap: names("ap"), cn: names("cn") },
      onOutlier: "last",
      maxBad: 1,
    });
    const state = {
      ...from,
      itinerary: tolerant,
      instances: new Map(from.instances).set("cn01", unfit),
    };
    const { events } = course(state);
    expect(kindsOf(events)).not.toContain("halting");
    expect(order(events)[0]?.batches.at(-1)?.instances).toEqual(["cn01"]);
  });
});

test.each(["warn", "ask", "last", "stop"] as const)(
  "in a fleet that is alike nobody is told of, asked about or stopped for, under `%s`",
  (policy) => {
    const { events, state } = course(fleet(policy, []));
    expect(kindsOf(events)).not.toContain("outliers-found");
    expect(kindsOf(events)).not.toContain("approval-waiting");
    expect(kindsOf(events)).not.toContain("order-decided");
    expect(state.closed).toBe("sealed");
  },
);
