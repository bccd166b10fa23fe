import { describe, expect, test } from "vitest";
import type { Note, Outcome, RolloutEvent } from "../../src/core/event.ts";
import type { EnvelopePolicy } from "../../src/core/plan/plan.ts";
import { memoryJournals } from "../../src/journals/memory.ts";
import type { PerformOrder } from "../../src/runner/performer.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { carried, type Ended } from "./support/one-rollout.ts";

// The incident, with every exit code 0, nobody who probes, and a policy that lets all of it go: on the
// first instances the temp files come back by themselves, and from cn01 on they do not.

const done: Outcome = { is: "done" };
const id = smallItinerary({ regions: {} }).rollout;

function fleet(envelope: EnvelopePolicy) {
  return smallItinerary({
    regions: { ap: [["ap01"], ["ap02", "ap03"]], cn: [["cn01"], ["cn02", "cn03"]] },
    protect: [{ path: "${home}/tmp", policy: { kind: "may-change" } }],
    envelope,
  });
}

/** Each step ends well; where it ran, the journal has what it did. */
async function perform({ action, note }: PerformOrder): Promise<Outcome> {
  if (action.kind !== "apply") return done;
  const { instance, step, attempt } = action;
  const isGone = instance.startsWith("cn");
  const on = { instance, host: instance, step, attempt };
  const tree = { protect: 0, counts: { deleted: 3 } };
  const trees = [isGone ? { ...tree, notBack: 3 } : { ...tree, notBack: 0, backMs: 700 }];
  const ended = { exitCode: 0, timedOut: false, durationMs: 90, output: "" };
  const verdict = { is: "kept", findings: [], counts: { deleted: 3 }, remarks: [] } as const;
  await note({ kind: "step.finished", ...on, ...ended });
  await note({ kind: "verdict", ...on, verdict: { ...verdict, trees, entries: 40 } });
  return done;
}

function applied({ events }: Pick<Ended, "events">): readonly string[] {
  return events.flatMap((event) =>
    event.kind === "intent" && event.action.kind === "apply" ? [event.action.instance] : [],
  );
}

function phases({ state }: Ended): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...(state?.instances.values() ?? [])].map((it) => [it.name, it.phase]),
  );
}

function remarks(events: readonly RolloutEvent[]): readonly Extract<Note, { kind: "remark" }>[] {
  return events.flatMap((event) =>
    event.kind === "noted" && event.note.kind === "remark" ? [event.note] : [],
  );
}

describe("a step that does on cn01 what it did on no instance before", () => {
  test("leaves cn01 inconclusive, and no other instance is touched before that is decided", async () => {
    const paused = await carried({ itinerary: fleet("pause"), perform });
    expect(paused.error).toBeNull();
    expect(paused.state?.parked).toEqual({ kind: "inconclusive", instances: ["cn01"] });
    expect(applied(paused)).toEqual(["ap01", "ap02", "ap03", "cn01"]);
    expect(paused.state?.instances.get("cn01")).toMatchObject({
      phase: "inconclusive",
      guard: "none",
      doubt: {
        code: "OUTSIDE_ENVELOPE",
        message: expect.stringContaining(
          "3 not back below ${home}/tmp, none on ap01, ap02 and ap03",
        ),
        detail: expect.stringMatching(/not back below \$\{home\}\/tmp +0 +0 +0 +3 +←/),
      },
    });
  });

  test("is held against what the journal says also by the runner that takes over", async () => {
    const virtual = new VirtualClock();
    let isCut = false;
    const dead = await carried({
      itinerary: fleet("pause"),
      perform,
      virtual,
      hooks: {
        afterDurable(_rollout, { event }) {
          if (isCut || event.kind !== "noted" || event.note.kind !== "verdict") return;
          if (event.note.instance !== "cn01") return;
          isCut = true;
          throw new Error("the power is cut");
        },
      },
    });
    expect(dead.error).toEqual(new Error("the power is cut"));
    const next = await carried({
      itinerary: fleet("pause"),
      perform,
      virtual,
      from: dead.journals,
    });
    expect(next.state?.parked).toEqual({ kind: "inconclusive", instances: ["cn01"] });
  });

  test("is what is expected of the others once a person has accepted it with a reason", async () => {
    const itinerary = fleet("pause");
    const paused = await carried({ itinerary, perform });
    await paused.journals.ask(id, {
      wish: { kind: "decide", instance: "cn01", choice: "accept" },
      by: "somebody",
      reason: "they are not needed in China",
    });
    const sealed = await carried({ itinerary, perform, from: paused.journals });
    expect(sealed.state?.closed).toBe("sealed");
    expect(applied(sealed)).toEqual(["ap01", "ap02", "ap03", "cn01", "cn02", "cn03"]);
  });

  test("is looked at again by `retry`, and does not count as good for that", async () => {
    const itinerary = fleet("pause");
    const paused = await carried({ itinerary, perform });
    await paused.journals.ask(id, {
      wish: { kind: "decide", instance: "cn01", choice: "retry" },
      by: "somebody",
      reason: "",
    });
    const again = await carried({ itinerary, perform, from: paused.journals });
    expect(again.state?.parked).toEqual({ kind: "inconclusive", instances: ["cn01"] });
  });

  test("is told and goes on under `warn`, and is not looked at under `off`", async () => {
    const warned = await carried({ itinerary: fleet("warn"), perform });
    expect(warned.state?.closed).toBe("sealed");
    expect(remarks(warned.events)).toMatchObject([
      { instance: "cn01", text: expect.stringContaining("3 not back below ${home}/tmp") },
    ]);
    const silent = await carried({ itinerary: fleet("off"), perform });
    expect(silent.state?.closed).toBe("sealed");
    expect(remarks(silent.events)).toEqual([]);
  });
});

test("of several instances at once, those under way end their step, and no other begins it", async () => {
  const names = ["cn01", "cn02", "cn03", "cn04", "cn05", "cn06"];
  const itinerary = smallItinerary({
    regions: { ap: [["ap01"], ["ap02"]], cn: [names] },
    concurrency: 2,
    protect: [{ path: "${home}/tmp", policy: { kind: "may-change" } }],
    envelope: "pause",
  });
  const paused = await carried({ itinerary, perform });
  expect(paused.state?.parked).toMatchObject({ kind: "inconclusive" });
  expect(applied(paused).filter((name) => name.startsWith("cn")).length).toBeLessThanOrEqual(2);
  expect(phases(paused)).toMatchObject({ cn01: "inconclusive", cn05: "waiting", cn06: "waiting" });
});

test("a journal that does not tell what steps did replays, and pauses for nothing", async () => {
  const { envelope: _absent, ...rollout } = fleet("pause").plan.rollout;
  const itinerary = { ...fleet("pause"), plan: { ...fleet("pause").plan, rollout } };
  const virtual = new VirtualClock();
  const journals = memoryJournals({ clock: virtual.seenBy({ value: true }) });
  const held = await journals.open({
    rollout: id,
    inventory: "small",
    digest: "0",
    runner: { runner: "old", holder: "somebody" },
  });
  if (held.kind !== "held") throw new Error("somebody else holds the rollout");
  await held.session.append({ kind: "opened", itinerary, by: "me", tool: "0", planFolder: "/" });
  journals.lose(id);
  const ended = await carried({ itinerary, perform, virtual, from: journals });
  expect(ended.state?.closed).toBe("sealed");
});
