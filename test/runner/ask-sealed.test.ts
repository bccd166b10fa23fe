import { expect, test } from "vitest";
import { z } from "zod";
import type { Note } from "../../src/core/event.ts";
import type { ProbeSpec } from "../../src/core/plan/plan.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { ProbeAnswer } from "../../src/ports/probe-kind.ts";
import { createPerformer } from "../../src/runner/performer.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { isOff, plainGuard, says } from "./support/host-answers.ts";
import { quietParts } from "./support/quiet-parts.ts";

const probe: ProbeSpec = {
  name: "page",
  surface: "ui",
  kind: "scripted",
  args: null,
  on: "host",
  intervalMs: 1_000,
};
const itinerary = smallItinerary({
  regions: { eu: [["well", "back", "down", "unsure", "off"]], us: [["next"]] },
  probes: [probe],
  bakeMs: { settleMs: 60_000, stableMs: 600_000, retryMs: 10_000 },
});
const open = openRollout(itinerary);
const state: RolloutState = {
  ...open,
  mode: "forward",
  instances: new Map(
    [...open.instances].map(([name, it]) => [
      name,
      it.region === "eu" ? { ...it, phase: "sealed", touched: 1 } : it,
    ]),
  ),
};

/** What each says to one look after the other; the last repeats. */
const answers: Readonly<Record<string, readonly ProbeAnswer["is"][]>> = {
  well: ["pass"],
  back: ["fail", "fail", "pass"],
  down: ["fail"],
  unsure: ["error"],
  next: ["fail"],
};

test("only sealed instances that fail for as long as their bake retries are unwell, and nothing is settled anew", async () => {
  const virtual = new VirtualClock();
  const looks = new Map<string, number>();
  const closed: string[] = [];
  await using performer = createPerformer({
    itinerary,
    door: {
      open: async ({ name }) =>
        name === "off"
          ? isOff("not-sent")
          : says({
              ...plainGuard,
              [Symbol.asyncDispose]: async () => void closed.push(name),
            }),
    },
    clock: virtual.seenBy({ value: true }),
    probeKind: () => ({
      name: "scripted",
      args: z.unknown(),
      substitutes: false,
      place: "host",
      places: ["host"],
      unproved: () => null,
      async ask(_args, context) {
        const name = context.env["name"] ?? "";
        const look = looks.get(name) ?? 0;
        looks.set(name, look + 1);
        await context.run({ script: "true", env: {}, timeoutMs: 1_000, outputMax: 100 });
        const said = answers[name] ?? [];
        return { is: said[Math.min(look, said.length - 1)] ?? "pass", because: "seen", tookMs: 1 };
      },
    }),
    ...quietParts,
  });
  const notes: Note[] = [];
  const signal = new AbortController().signal;
  const note = async (it: Note): Promise<void> => void notes.push(it);
  const unwell = await virtual.drive(performer.askSealed!({ state, signal, note }), 120_000);
  expect(unwell).toEqual([
    { instance: "down", because: expect.stringMatching(/probe "page" failed \d+ of \d+ looks/) },
  ]);
  expect(looks.has("next")).toBe(false);
  expect(virtual.nowMs).toBeLessThan(60_000);
  expect(notes.map((it) => it.kind === "probe" && [it.instance, it.is, it.while])).toEqual(
    expect.arrayContaining([
      ["well", "pass", "watch"],
      ["back", "fail", "watch"],
      ["back", "pass", "watch"],
      ["down", "fail", "watch"],
      ["unsure", "error", "watch"],
      ["off", "error", "watch"],
    ]),
  );
  expect(closed.sort()).toEqual(["back", "down", "unsure", "well"]);
});
