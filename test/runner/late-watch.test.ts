import { describe, expect, test } from "vitest";
import { z } from "zod";
import { redactor } from "../../src/core/redact.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { Guard, GuardOptions } from "../../src/ports/guard.ts";
import { type LateSight, LateWatch } from "../../src/runner/late-watch.ts";
import { stepKind } from "../../src/steps/registry.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { failureOf, plainGuard, printed, says } from "./support/host-answers.ts";

const everyMs = 10_000;
const names = Array.from({ length: 30 }, (_, index) => `a${index + 1}`);

interface Scene {
  /** Sealed from the beginning. */
  readonly sealed: readonly string[];
  /** Files below the temp folder at this time, or what keeps anybody from seeing them. */
  readonly files?: (host: string, nowMs: number) => readonly string[] | "silent" | "hangs";
  readonly probe?: (nowMs: number) => "pass" | "fail" | "error";
}

/** A watch of a fleet on hosts in virtual time. */
function watching({ sealed, files = () => ["a", "b"], probe }: Scene) {
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const itinerary = smallItinerary({
    regions: { eu: [names], us: [["b1"]] },
    concurrency: 100,
    watch: { everyMs },
    bakeMs: { settleMs: 0, stableMs: 0, retryMs: 4_000 },
    probes:
      probe === undefined
        ? []
        : [
            {
              name: "up",
              surface: "ui",
              kind: "x",
              args: null,
              on: "controller",
              intervalMs: 2_000,
            },
          ],
  });
  const opened: (readonly [host: string, atMs: number, options: GuardOptions])[] = [];
  const asked: string[] = [];
  let open = 0;
  let openMax = 0;
  const guardOf = (host: string): Guard => ({
    ...plainGuard,
    ...Object.fromEntries(
      Object.keys(plainGuard)
        .filter((key) => key !== "facts")
        .map((question) => [
          question,
          () => {
            asked.push(`${question} ${host}`);
            throw new Error(`a look asked ${host} to ${question}`);
          },
        ]),
    ),
    async ask() {
      const there = files(host, virtual.nowMs);
      if (there === "hangs") return new Promise(() => undefined);
      const paths = typeof there === "string" ? [] : there.map((name) => `/srv/app/tmp/${name}`);
      await clock.sleep(100);
      return says(printed(["/srv/app/tmp", ...paths].map((path) => `${path}\0`).join("")));
    },
    async [Symbol.asyncDispose]() {
      open -= 1;
    },
  });
  const watch = new LateWatch(
    {
      itinerary,
      clock,
      door: {
        async open({ name }, options) {
          opened.push([name, virtual.nowMs, options]);
          if (files(name, virtual.nowMs) === "silent")
            return { kind: "not-sent", failure: failureOf("CONNECT_TIMEOUT") };
          openMax = Math.max(openMax, (open += 1));
          return says(guardOf(name));
        },
      },
      stepKind,
      probeKind: () => ({
        name: "x",
        args: z.unknown(),
        substitutes: false,
        place: "controller",
        places: ["controller"],
        unproved: () => null,
        async ask() {
          const is = probe?.(virtual.nowMs) ?? "pass";
          return { is, because: `it said ${is}`, tookMs: 1 };
        },
      }),
      sendHttp: () => Promise.reject(new Error("a look sends nothing")),
      files: () => [],
      secrets: {},
      redactor: redactor({}),
      confirm: () => Promise.reject(new Error("a look claims nothing")),
      holder: "somebody",
      controllerSpool: "/spool",
    },
    new Map(),
  );
  const open0 = openRollout(itinerary);
  const state: RolloutState = {
    ...open0,
    mode: "forward",
    instances: new Map(
      [...open0.instances].map(([name, it]) => [
        name,
        sealed.includes(name) ? { ...it, phase: "sealed" as const } : it,
      ]),
    ),
  };
  const sights: LateSight[] = [];
  return {
    watch,
    state,
    opened,
    asked,
    sights,
    openMax: () => openMax,
    /** Time goes by, and the runner hears what was found, as it does between its actions. */
    async after(ms: number): Promise<void> {
      watch.follow(state);
      for (let left = ms; left > 0; left -= 250) {
        await virtual.drive(clock.sleep(Math.min(250, left)), virtual.nowMs + 1_000);
        sights.push(...watch.take());
      }
    },
  };
}

const harms = (sights: readonly LateSight[]) =>
  sights.flatMap((it) => (it.is === "harm" ? [it.harm] : []));
const texts = (sights: readonly LateSight[]) =>
  sights.flatMap((it) =>
    it.is === "told" ? [it.note.kind === "remark" ? it.note.text : it.note.kind] : [],
  );

describe("looks at what is sealed, beside a rollout that goes on", () => {
  test("only look: no epoch, no lease, and nothing is asked of a host but to answer", async () => {
    const it = watching({ sealed: ["a1"] });
    await it.after(35_000);
    expect(it.opened.map(([host, atMs]) => [host, Math.round(atMs / 1_000)])).toEqual([
      ["a1", 1],
      ["a1", 11],
      ["a1", 21],
      ["a1", 31],
    ]);
    for (const [, , options] of it.opened) {
      expect(options.epoch).toBeUndefined();
      expect(options.leaseMs).toBeUndefined();
    }
    expect(it.asked).toEqual([]);
    expect(it.sights).toEqual([]);
  });

  test("tell what is lost within one interval, once, with its names", async () => {
    const it = watching({ sealed: ["a1"], files: (_, ms) => (ms < 15_000 ? ["a", "b"] : ["b"]) });
    await it.after(15_000 + everyMs);
    expect(harms(it.sights)).toEqual([
      {
        instance: "a1",
        is: "lost",
        says: '1 entry is gone below "/srv/app/tmp" (keep): /srv/app/tmp/a',
        path: "/srv/app/tmp",
        count: 1,
        examples: ["/srv/app/tmp/a"],
      },
    ]);
    await it.after(60_000);
    expect(harms(it.sights)).toHaveLength(1);
  });

  test("only tell of a temp file that may have run out by itself", async () => {
    const it = watching({
      sealed: ["a1"],
      files: (_, ms) => (ms < 15_000 ? ["a", "b", "c"] : ["b", "c"]),
    });
    await it.after(60_000);
    expect(harms(it.sights)).toEqual([]);
    expect(texts(it.sights)).toEqual([
      'sealed, and 1 entry is gone below "/srv/app/tmp" (keep): /srv/app/tmp/a; no reason to halt by itself',
    ]);
  });

  test("give a failing probe the time that it gets after a step, and tell how it went", async () => {
    const it = watching({ sealed: ["a1"], probe: (ms) => (ms < 5_000 ? "pass" : "fail") });
    await it.after(11_500);
    expect(harms(it.sights)).toEqual([]);
    expect(texts(it.sights)).toEqual(["probe"]);
    await it.after(5_000);
    expect(harms(it.sights).map(({ is, says: said }) => [is, said])).toEqual([
      ["unhealthy", 'probe "up" (ui) fails, 3 looks in a row for 4s: it said fail'],
    ]);
  });

  test("take what could not be told for neither good nor bad, and tell it once, and its end", async () => {
    const it = watching({
      sealed: ["a1"],
      files: (_, ms) => (ms > 5_000 && ms < 60_000 ? "silent" : ["a"]),
    });
    await it.after(200_000);
    expect(harms(it.sights)).toEqual([]);
    expect(texts(it.sights)).toEqual([
      "sealed, and could not be looked at, which is neither good nor bad: it said CONNECT_TIMEOUT",
      "sealed, and can be looked at again",
    ]);
  });

  test("ask a host that can't be seen less and less often", async () => {
    const it = watching({ sealed: ["a1"], files: () => "silent" });
    await it.after(300_000);
    expect(it.opened.length).toBeLessThan(9);
    expect(it.opened.length).toBeGreaterThan(4);
  });

  test("are few at a time, however many there are, and hold no connection in between", async () => {
    const it = watching({ sealed: names });
    await it.after(4_000);
    expect(new Set(it.opened.map(([host]) => host)).size).toBe(names.length);
    expect(it.openMax()).toBe(20);
  });

  test("go on elsewhere where hosts hang, and never keep the runner", async () => {
    const stuck = names.slice(0, 19);
    const it = watching({
      sealed: names,
      files: (host, ms) => (stuck.includes(host) ? "hangs" : ms < 50_000 ? ["a"] : []),
    });
    await it.after(75_000);
    expect(harms(it.sights)).toHaveLength(names.length - stuck.length);
    await it.after(100_000);
    expect(texts(it.sights)).toHaveLength(stuck.length);
    expect(texts(it.sights)[0]).toContain("no look came to an end within 120 s");
  });

  test("end at once for whoever is not to be looked at any more", async () => {
    const it = watching({ sealed: ["a1"], files: () => "hangs" });
    await it.after(5_000);
    it.watch.follow({ ...it.state, held: { why: { kind: "paused" } } });
    expect(it.opened).toHaveLength(1);
    await it.after(5_000);
    expect(it.opened).toHaveLength(2);
    it.watch.end();
    await it.watch[Symbol.asyncDispose]();
    expect(it.sights).toEqual([]);
  });
});
