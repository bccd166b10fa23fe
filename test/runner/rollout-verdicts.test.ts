import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Bake, ProbeSpec, StepSpec } from "../../src/core/plan/plan.ts";
import type { GuardDoor } from "../../src/ports/guard.ts";
import type { ProbeKind } from "../../src/ports/probe-kind.ts";
import type { Exchange } from "../../src/probes/http-exchange.ts";
import { judgeExchange } from "../../src/probes/http-verdict.ts";
import { createPerformer } from "../../src/runner/performer.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import {
  endOfRollout,
  type PageMode,
  pageModes,
  type RolloutEnd,
} from "../support/eight-verdicts.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { plainGuard, restored, says } from "./support/host-answers.ts";
import { type Ended, carried } from "./support/one-rollout.ts";
import { quietParts } from "./support/quiet-parts.ts";

// A step breaks the page of an instance in one of eight ways; a restore mends it. What becomes of the
// whole rollout: the real loop, performer, http verdict and brain, by a clock that jumps.

const page = "Your files";
const wanted = { contains: page, within: 500, timeout: 2_000 };
const bakeMs: Bake = { settleMs: 1_000, stableMs: 5_000, retryMs: 10_000 };
const names = ["a", "b"];

function answered(status: number, body: string, tookMs = 12): Exchange {
  const text = Buffer.from(body);
  return { kind: "answered", status, headers: {}, setCookies: [], body: text, cut: false, tookMs };
}

function broken(stage: "connecting" | "waiting" | "reading", timedOut: boolean): Exchange {
  const said = { interrupted: false, code: "", message: "it broke", received: 20 };
  return { kind: "broken", stage, timedOut, ...said };
}

/** What the page says to the look of this number. */
const pages: Readonly<Record<PageMode, (look: number) => Exchange>> = {
  pass: () => answered(200, page),
  fail: () => answered(500, "oh no"),
  error: () => broken("connecting", true),
  flap: (look) => (look % 3 === 2 ? answered(503, page) : answered(200, page)),
  slow: () => answered(200, page, 900),
  hang: () => broken("waiting", true),
  half: () => broken("reading", false),
  wrong: () => answered(200, "Log in"),
};

interface World {
  readonly mode: PageMode;
  readonly step?: Partial<StepSpec>;
  readonly probe?: Partial<ProbeSpec>;
}

/** Carries a rollout of two instances, one after the other, to where it ends or waits. */
async function rolled({ mode, step = {}, probe = {} }: World): Promise<Ended> {
  const itinerary = smallItinerary({
    regions: { eu: [["a"], ["b"]] },
    bakeMs,
    steps: [{ touches: ["ui"], ...step }],
    probes: [
      {
        name: "page",
        surface: "ui",
        kind: "http",
        args: null,
        on: "controller",
        intervalMs: 1_000,
        ...probe,
      },
    ],
  });
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const stepped = new Set<string>();
  let looks = 0;
  const kind: ProbeKind = {
    name: "http",
    args: z.unknown(),
    substitutes: false,
    place: "controller",
    places: ["controller"],
    unproved: () => null,
    async ask(_args, { env }) {
      const seen = pages[stepped.has(env["name"] ?? "") ? mode : "pass"](looks++);
      const tookMs = seen.kind === "answered" ? seen.tookMs : 2_000;
      await clock.sleep(tookMs);
      return { ...judgeExchange(seen, wanted, tookMs), tookMs };
    },
  };
  const door: GuardDoor = {
    open: ({ name }) =>
      says({
        ...plainGuard,
        run: (order) => {
          stepped.add(name);
          return plainGuard.run(order);
        },
        restore: () => {
          stepped.delete(name);
          return restored();
        },
      }),
  };
  const performer = createPerformer({
    itinerary,
    door,
    clock,
    probeKind: () => kind,
    ...quietParts,
  });
  return await carried({
    itinerary,
    virtual,
    perform: (order) => performer.perform(order),
    recall: (note) => performer.recall(note),
  });
}

/** Phases of the two instances: the canary, and the one that comes after it. */
const phases: Readonly<Record<RolloutEnd, readonly string[]>> = {
  sealed: ["sealed", "sealed"],
  halted: ["rolled-back", "waiting"],
  paused: ["inconclusive", "waiting"],
};

function endOf({ state }: Ended): { readonly end: string; readonly phases: readonly unknown[] } {
  const end =
    state?.closed ??
    (state?.parked?.kind === "inconclusive" ? "paused" : String(state?.parked?.kind));
  return { end, phases: names.map((name) => state?.instances.get(name)?.phase) };
}

describe("a rollout whose step leaves a page that is said to", () => {
  // Where the step itself is looked at after, a page that flaps passes once; it is the bake that sees it.
  test.each(
    pageModes.flatMap((mode) => [
      ...(mode === "flap" ? [] : [[mode, "seen after the step", {}] as const]),
      [mode, "seen by the bake", { probes: false }] as const,
    ]),
  )("%s, %s, comes to the state that the contract names", async (mode, _when, step) => {
    const ended = await rolled({ mode, step });
    expect(ended.error).toBeNull();
    const end = endOfRollout[mode];
    expect(endOf(ended)).toEqual({ end, phases: phases[end] });
    const stopped = ended.state?.instances.get("a");
    const code = { sealed: undefined, halted: "PROBE_FAILED", paused: "PROBE_INCONCLUSIVE" }[end];
    expect((stopped?.bad?.failure ?? stopped?.doubt)?.code).toBe(code);
  });

  test("flap, where the plan bears one failure in a row, is sealed", async () => {
    const ended = await rolled({ mode: "flap", step: { probes: false }, probe: { failAfter: 2 } });
    expect(endOf(ended)).toEqual({ end: "sealed", phases: phases.sealed });
  });
});
