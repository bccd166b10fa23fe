import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import type { Guard } from "../../src/ports/guard.ts";
import { openControl } from "../../src/runner/control.ts";
import { createPerformer } from "../../src/runner/performer.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";
import { gone, plainGuard, printed, restored, says } from "./support/host-answers.ts";
import { carried, type Ended } from "./support/one-rollout.ts";
import { quietParts } from "./support/quiet-parts.ts";

// Region eu is sealed, and the runner stays while region us waits for a person or for its window: what
// is sealed goes on being watched, by the real performer on hosts in virtual time.

const everyMs = 30_000;
const minute = 60_000;

interface Scene {
  /** Default: us waits for an approval. */
  readonly waits?: Partial<SmallWorld>;
  readonly stays?: boolean;
  /** When half of the temp files of `a` are gone. */
  readonly losesAtMs?: number;
  /** When its page fails. */
  readonly failsAtMs?: number;
  readonly said?: readonly { readonly atMs: number; readonly wish: Wish }[];
}

interface Stayed extends Ended {
  readonly virtual: VirtualClock;
  /** Of `a`, by the time at which each was asked: "list", "probe", and what changes something. */
  readonly asked: readonly (readonly [question: string, atMs: number])[];
}

async function stayed(scene: Scene): Promise<Stayed> {
  const { losesAtMs = Infinity, failsAtMs = Infinity, stays = true, said = [] } = scene;
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const control = openControl();
  for (const { atMs, wish } of said)
    virtual.after(atMs, () => control.ask({ wish, by: "ann@desk", reason: "" }));
  const itinerary = smallItinerary({
    regions: { eu: [["a"]], us: [["b"]] },
    watch: { everyMs },
    probes: [
      { name: "up", surface: "ui", kind: "x", args: null, on: "controller", intervalMs: 10_000 },
    ],
    ...(scene.waits ?? { approve: ["us"] }),
  });
  const asked: (readonly [string, number])[] = [];
  let isBack = false;
  const isGone = (): boolean => virtual.nowMs >= losesAtMs && !isBack;
  const guardOf = (host: string): Guard => {
    const saw = (question: string): void => {
      if (host === "a") asked.push([question, virtual.nowMs]);
    };
    return {
      ...plainGuard,
      async ask() {
        saw("list");
        const files = host === "a" && isGone() ? ["a"] : ["a", "b"];
        return says(
          printed(["", ...files.map((it) => `/${it}`)].map((it) => `/srv/app/tmp${it}\0`).join("")),
        );
      },
      compare: () => says(gone(...(host === "a" && isGone() ? ["/srv/app/tmp/b"] : []))),
      restore() {
        saw("restore");
        const count = isGone() ? 1 : 0;
        isBack = true;
        return restored({ restored: count });
      },
    };
  };
  const performer = createPerformer({
    ...quietParts,
    itinerary,
    clock,
    door: { open: ({ name }) => says(guardOf(name)) },
    probeKind: () => ({
      name: "x",
      args: z.unknown(),
      substitutes: false,
      place: "controller",
      places: ["controller"],
      unproved: () => null,
      async ask(_args, { env }) {
        const fails = env["name"] === "a" && virtual.nowMs >= failsAtMs && !isBack;
        if (env["name"] === "a") asked.push(["probe", virtual.nowMs]);
        return { is: fails ? "fail" : "pass", because: "it said so", tookMs: 1 };
      },
    }),
  });
  const ended = await carried({
    itinerary,
    virtual,
    control,
    stays,
    perform: (order) => performer.perform(order),
    recall: (note) => performer.recall(note),
    askSealed: async (order) => (await performer.askSealed?.(order)) ?? [],
    lateWatch: performer.lateWatch,
  });
  await performer[Symbol.asyncDispose]();
  return { ...ended, virtual, asked };
}

/** Times between two questions of this kind once it waits, in seconds. */
function gaps({ asked }: Stayed, question: string): readonly number[] {
  const times = asked.filter(([it, atMs]) => it === question && atMs > minute).map(([, at]) => at);
  return times.slice(1).map((at, index) => Math.round((at - times[index]!) / 1_000));
}

const kinds = ({ events }: Ended): readonly RolloutEvent["kind"][] =>
  events.map(({ kind }) => kind);

const pause = { atMs: 20 * minute, wish: { kind: "pause" } } as const;
const waiting: readonly [string, Partial<SmallWorld>][] = [
  ["a person is to approve the next region", { approve: ["us"] }],
  ["its window is closed", { windows: ["us"] }],
];

describe.each(waiting)("while the runner stays because %s", (_why, waits) => {
  test("what is sealed is listed and probed as often as before, for as long as it stays", async () => {
    const it = await stayed({ waits, said: [pause] });
    expect(it.error).toBeNull();
    expect(it.asked.at(-1)?.[1]).toBeGreaterThan(19 * minute);
    expect(new Set(gaps(it, "list"))).toEqual(new Set([30]));
    expect(new Set(gaps(it, "probe"))).toEqual(new Set([30]));
    expect(kinds(it)).not.toContain("late-harm");
  });

  test("lost files halt within one interval, and are put back and verified without anybody", async () => {
    const losesAtMs = 10 * minute;
    const it = await stayed({ waits, losesAtMs });
    expect(it.error).toBeNull();
    const harm = it.events.find((event) => event.kind === "late-harm");
    expect(harm).toMatchObject({
      harm: { instance: "a", is: "lost", count: 1, path: "/srv/app/tmp" },
    });
    const [, restoredAtMs = 0] = it.asked.find(([question]) => question === "restore") ?? [];
    expect(restoredAtMs).toBeGreaterThanOrEqual(losesAtMs);
    expect(restoredAtMs).toBeLessThan(losesAtMs + everyMs + 2_000);
    expect(it.state?.closed).toBe("halted");
    expect(it.state?.instances.get("a")?.phase).toBe("rolled-back");
    expect(it.state?.instances.get("b")?.touched).toBe(0);
  });

  test("a page that fails halts as well", async () => {
    const it = await stayed({ waits, failsAtMs: 10 * minute });
    expect(it.events.find((event) => event.kind === "late-harm")).toMatchObject({
      harm: { instance: "a", is: "unhealthy" },
    });
    expect(it.state?.closed).toBe("halted");
    expect(it.virtual.nowMs).toBeLessThan(15 * minute);
  });
});

test("a runner that does not stay leaves, and nobody looks any more", async () => {
  const it = await stayed({ stays: false, losesAtMs: 10 * minute });
  expect(it.state?.parked).toEqual({ kind: "approval", region: "us" });
  expect(it.virtual.nowMs).toBeLessThan(minute);
  expect(kinds(it)).not.toContain("late-harm");
});

test("what is lost before the approval comes is never approved away", async () => {
  const approve: Wish = { kind: "approve", region: "us" };
  // In the very moment of the approval nobody has looked since the loss.
  const it = await stayed({
    losesAtMs: 10 * minute + 1_000,
    said: [{ atMs: 10 * minute + 1_500, wish: approve }],
  });
  expect(it.state?.closed).toBe("halted");
  expect(it.state?.instances.get("a")?.phase).toBe("rolled-back");
});
