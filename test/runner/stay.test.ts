import { describe, expect, test } from "vitest";
import type { Outcome, Wish } from "../../src/core/event.ts";
import { openControl } from "../../src/runner/control.ts";
import type { Unwell } from "../../src/runner/ask-sealed.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { carried, type Ended, type OneRollout } from "./support/one-rollout.ts";

const done: Outcome = { is: "done" };
const approve: Wish = { kind: "approve", region: "us" };
const waits = smallItinerary({ regions: { eu: [["a"]], us: [["b"]] }, approve: ["us"] });

interface Said {
  readonly atMs: number;
  readonly wish: Wish;
}

interface Stayed extends Ended {
  readonly tookMs: number;
  /** `begin a`, and `ask` for each look at what is sealed, in order. */
  readonly did: readonly string[];
}

/** Carries a rollout on that people speak to at these times. `unwell`: what each look finds, the last repeats. */
async function stayed(
  order: Omit<OneRollout, "perform">,
  { said = [], unwell = [[]] }: { said?: readonly Said[]; unwell?: readonly (readonly Unwell[])[] },
): Promise<Stayed> {
  const virtual = new VirtualClock();
  const control = openControl();
  const did: string[] = [];
  let looks = 0;
  for (const { atMs, wish } of said) {
    const ask = (): void => control.ask({ wish, by: "ann@desk", reason: "" });
    // What was asked while nobody ran it is heard first.
    if (atMs === 0) ask();
    else virtual.after(atMs, ask);
  }
  const ended = await carried({
    virtual,
    control,
    async perform({ action }) {
      did.push(`${action.kind} ${action.instance}`);
      return done;
    },
    async askSealed() {
      did.push("ask");
      return unwell[Math.min(looks++, unwell.length - 1)] ?? [];
    },
    ...order,
  });
  return { ...ended, tookMs: virtual.nowMs, did };
}

const touches = ({ did }: Stayed): readonly string[] =>
  did.filter((each) => each === "ask" || each.startsWith("begin"));

describe("a runner that stays", () => {
  test("goes on once a region is approved, and asks what is sealed before it does", async () => {
    const it = await stayed(
      { itinerary: waits, stays: true },
      { said: [{ atMs: 60_000, wish: approve }] },
    );
    expect([it.state?.closed, touches(it)]).toEqual(["sealed", ["begin a", "ask", "begin b"]]);
    expect(it.tookMs).toBeGreaterThanOrEqual(60_000);
    expect(it.events.filter(({ kind }) => kind === "taken-up")).toHaveLength(1);
  });

  test("goes on by itself at the hour at which a window opens", async () => {
    const night = smallItinerary({ regions: { eu: [["a"]], us: [["b"]] }, windows: ["us"] });
    const it = await stayed({ itinerary: night, stays: true }, {});
    expect([it.state?.closed, touches(it)]).toEqual(["sealed", ["begin a", "ask", "begin b"]]);
    // The window opens at 02:00; the clock began at midnight, and is looked at four times a second.
    expect(Math.floor(it.tookMs / 60_000)).toBe(120);
    expect(it.events.filter(({ kind }) => kind === "asked")).toMatchObject([
      { by: "the process that stayed", reason: "the maintenance window of region us opens" },
    ]);
  });

  test.each<[string, Wish, string]>([
    ["a pause", { kind: "pause" }, "approval"],
    ["a signal", { kind: "interrupt", signal: "SIGINT" }, "approval"],
  ])("leaves at %s, and the rollout waits as before", async (_what, wish, parked) => {
    const it = await stayed({ itinerary: waits, stays: true }, { said: [{ atMs: 60_000, wish }] });
    expect([it.error, it.state?.parked?.kind, touches(it)]).toEqual([null, parked, ["begin a"]]);
    const next = await stayed({ itinerary: waits, from: it.journals }, {});
    expect(next.state?.parked).toEqual({ kind: "approval", region: "us" });
  });

  test("ends with the rollout where somebody aborts it", async () => {
    const abort: Wish = { kind: "abort", rollback: true };
    const it = await stayed(
      { itinerary: waits, stays: true },
      { said: [{ atMs: 60_000, wish: abort }] },
    );
    expect([it.state?.closed, it.state?.instances.get("a")?.phase]).toEqual([
      "halted",
      "rolled-back",
    ]);
  });

  test("stays without the progress deadline counting", async () => {
    const long = waits.plan.rollout.deadline.progressMs + 60_000;
    const it = await stayed(
      { itinerary: waits, stays: true },
      { said: [{ atMs: long, wish: approve }] },
    );
    expect([it.state?.closed, it.state?.halt]).toEqual(["sealed", null]);
  });

  test("leaves at once where it was not told to stay", async () => {
    const it = await stayed({ itinerary: waits }, { said: [{ atMs: 60_000, wish: approve }] });
    expect([it.state?.parked?.kind, it.tookMs < 60_000]).toEqual(["approval", true]);
  });
});

describe("before anything new begins after a rest, what is sealed is asked again", () => {
  const because = "probe ok failed 1 of 1 looks, last: status 500";
  const unwell = [[{ instance: "a", because }], []];

  test("and one that fails holds the rollout, with its name and what was seen", async () => {
    const first = await stayed({ itinerary: waits }, {});
    expect(touches(first)).toEqual(["begin a"]);
    const second = await stayed(
      { itinerary: waits, from: first.journals },
      {
        said: [{ atMs: 0, wish: approve }],
        unwell,
      },
    );
    expect(touches(second)).toEqual(["ask"]);
    expect(second.state?.parked).toEqual({
      kind: "paused",
      because: `a was sealed and does not serve its users now: ${because}`,
    });
    expect(second.state?.regions.find(({ name }) => name === "us")?.stage).toBe("approval");
    const third = await stayed({ itinerary: waits, from: second.journals }, {});
    expect([third.state?.closed, touches(third)]).toEqual(["sealed", ["ask", "begin b"]]);
  });

  test("also where a killed runner left a batch half-way", async () => {
    const two = smallItinerary({ regions: { eu: [["a"], ["b", "c"]] }, concurrency: 1 });
    const killed = await carried({
      itinerary: two,
      async perform({ action }) {
        if (action.kind === "begin" && action.instance === "c") throw new Error("killed");
        return done;
      },
    });
    expect(killed.error).not.toBeNull();
    const next = await stayed({ itinerary: two, from: killed.journals }, { unwell });
    expect([touches(next), next.state?.parked?.kind]).toEqual([["ask"], "paused"]);
  });

  test("and whoever asks for an end meanwhile is heard at once", async () => {
    const first = await stayed({ itinerary: waits }, {});
    const asked = Promise.withResolvers<never>();
    const it = await stayed(
      { itinerary: waits, from: first.journals, askSealed: () => asked.promise },
      {
        said: [
          { atMs: 0, wish: approve },
          { atMs: 5_000, wish: { kind: "abort", rollback: false } },
        ],
      },
    );
    expect([it.state?.closed, touches(it)]).toEqual(["halted", []]);
    expect(it.tookMs).toBeLessThan(10_000);
  });
});
