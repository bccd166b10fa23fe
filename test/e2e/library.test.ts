import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  applyPlan,
  type ApplyPlanOptions,
  HandrailError,
  PlanRefused,
  type PlanRun,
  previewPlan,
  type PublicEvent,
  validatePlan,
  WaitInterrupted,
} from "../../src/index.ts";
import { publicEvent } from "../../src/views/public-events.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";

const text = planText(
  `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
);

const emergencyText = planText(
  `steps: [{ name: fix, run: "true" }]`,
  [
    "bake: { settle: 0s, stable: 20m, retry: 1s }",
    "deadline: { instance: 30m, progress: 1h }",
    "emergency: { bake: { stable: 100ms }, approvers: [ann] }",
  ].join("\n"),
);

/** Why it was refused before it began. */
async function refusalOf(run: PlanRun): Promise<HandrailError> {
  const error: unknown = await run.summary().then(
    () => null,
    (why: unknown) => why,
  );
  if (!(error instanceof HandrailError)) throw error;
  expect((await all(run)).at(-1)).toMatchObject({ outcome: "refused", failures: [{}] });
  return error;
}

async function all(run: AsyncIterable<PublicEvent>): Promise<readonly PublicEvent[]> {
  const events: PublicEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

describe("the library", () => {
  test.skipIf(!isLong)(
    `applies a plan, and its events are those of --json${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const plan = await fleet.writePlan(text);
      const { digest } = await previewPlan(plan);
      const run = applyPlan(plan, { state: join(fleet.folder, "library"), approve: digest });
      const events = await all(run);
      for (const event of events) expect(publicEvent.parse(event)).toEqual(event);
      expect(await run.summary()).toEqual(events.at(-1));
      expect(events.at(-1)).toMatchObject({ type: "summary", outcome: "sealed", exit: 0 });
      expect(await readFile(join(fleet.home("a1"), "etc", "conf"), "utf8")).toBe("new\n");
      // Whoever comes late hears all of it, too.
      expect(await all(run)).toEqual(events);
      const { events: printed } = await fleet.run(["apply", plan, "--json"]);
      expect(events.map(({ type }) => type)).toEqual(printed.map(({ type }) => type));
    },
  );

  test("has no approval by another digest, and needs one in production", async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(text);
    const state = join(fleet.folder, "library");
    const run = applyPlan(plan, { state, approve: "0".repeat(64) });
    await expect(run.summary()).rejects.toMatchObject({ failure: { code: "NOT_APPROVED" } });
    expect((await all(run)).map(({ type }) => type)).toEqual(["version", "summary"]);
    expect((await all(run)).at(-1)).toMatchObject({
      outcome: "refused",
      exit: 3,
      failures: [{ failure: { code: "NOT_APPROVED" } }],
    });
  });

  test("tells everything that is wrong with a plan", async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(text.replace("steps:", "stepps:"));
    const { valid, problems } = await validatePlan(plan);
    expect([valid, problems.length > 0]).toEqual([false, true]);
    await expect(previewPlan(plan)).rejects.toThrow(PlanRefused);
    await expect(applyPlan(plan).summary()).rejects.toMatchObject({ problems });
  });

  test.skipIf(!isLong)(
    `stops safely when its signal is aborted, and can be resumed${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const slow = text.replace("run: 'echo", "run: 'sleep 1; echo");
      const plan = await fleet.writePlan(slow);
      const enough = new AbortController();
      const run = applyPlan(plan, { state: fleet.state, signal: enough.signal });
      for await (const { type } of run) if (type === "step.started") enough.abort();
      const { outcome, exit, rollout } = await run.summary();
      expect([outcome, exit]).toEqual(["interrupted", 143]);
      expect((await fleet.run(["resume", String(rollout)])).exit).toBe(0);
    },
  );

  test("takes no order that makes no sense, and says what to give instead", async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(text);
    const urgent = await fleet.writePlan(emergencyText);
    const state = join(fleet.folder, "library");
    const orders: readonly (readonly [ApplyPlanOptions, RegExp])[] = [
      [{ wait: "soon" }, /`wait` takes a duration with a unit, and "soon" is none/],
      [{ wait: "0s" }, /and "0s" is none/],
      [
        { emergency: { reason: "users wait" }, by: "ann@desk" },
        /only ann may approve an emergency/,
      ],
      [{ emergency: { reason: " " }, by: "bob@desk" }, /an emergency needs a reason/],
    ];
    for (const [order, message] of orders) {
      const { failure } = await refusalOf(applyPlan(urgent, { state, ...order }));
      expect([failure.code, failure.message]).toEqual([
        "ORDER_REFUSED",
        expect.stringMatching(message),
      ]);
      expect(failure.hint).not.toContain("--");
    }
    await fleet.writePlan(text);
    const none = await refusalOf(applyPlan(plan, { state, emergency: { reason: "x" } }));
    expect(none.failure.message).toBe("no emergency: the plan declares nothing for one");
    expect(existsSync(state)).toBe(false);
  });

  test.skipIf(!isLong)(
    `applies a preview file once, and only while all is as it shows${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const protect = 'protect: [{ path: "${home}/tmp", policy: keep-content }]';
      const plan = await fleet.writePlan(`${text}${protect}\n`);
      const { state } = fleet;
      const file = join(fleet.folder, "kept.json");
      const kept = (): Promise<unknown> => fleet.run(["preview", plan, "--out", file]);
      await kept();
      const inventory = join(fleet.folder, "inventory.yaml");
      const other = await refusalOf(applyPlan(file, { state, inventory }));
      expect(other.failure).toMatchObject({
        code: "ORDER_REFUSED",
        message: expect.stringMatching(/says itself which inventory/),
      });
      const conf = join(fleet.home("a1"), "etc", "conf");
      const temp = join(fleet.home("a1"), "tmp", "a");
      await writeFile(temp, "somebody else's\n");
      const stale = await refusalOf(applyPlan(file, { state }));
      expect(stale.failure.code).toBe("PREVIEW_STALE");
      await kept();
      expect(await applyPlan(file, { state }).summary()).toMatchObject({ outcome: "sealed" });
      expect(await readFile(conf, "utf8")).toBe("new\n");
      const again = await refusalOf(applyPlan(file, { state }));
      expect(again.failure.code).toBe("PREVIEW_USED");
    },
  );

  test.skipIf(!isLong)(
    `waits for another rollout, says so, and lets the wait be ended${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const go = join(fleet.folder, "go");
      const held = text.replace(
        "run: 'echo",
        `run: 'until [ -e "${go}" ]; do sleep 0.05; done; echo`,
      );
      const plan = await fleet.writePlan(held);
      const { state } = fleet;
      const first = fleet.start(["apply", plan, "--json"]);
      await first.event(({ type }) => type === "step.started");
      const enough = new AbortController();
      const ended = applyPlan(plan, { state, wait: "30s", signal: enough.signal });
      for await (const { type } of ended) if (type === "lock.waiting") enough.abort();
      await expect(ended.summary()).rejects.toThrow(WaitInterrupted);
      expect((await all(ended)).at(-1)).toMatchObject({ outcome: "interrupted", exit: 143 });
      const run = applyPlan(plan, { state, wait: "30s" });
      for await (const event of run) {
        expect(publicEvent.parse(event)).toEqual(event);
        if (event.type === "lock.waiting") await writeFile(go, "");
      }
      expect(await run.summary()).toMatchObject({ outcome: "sealed", exit: 0 });
      expect((await first.ended).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `begins an emergency, which stays until it is approved${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const plan = await fleet.writePlan(emergencyText);
      const order = { state: fleet.state, by: "bob@desk", emergency: { reason: "users wait" } };
      const parked = await applyPlan(plan, order).summary();
      expect(parked).toMatchObject({ outcome: "paused", exit: 6 });
      // Nothing was touched yet, so its end is that it is refused.
      expect((await fleet.run(["abort", String(parked.rollout)])).exit).toBe(3);
      const run = applyPlan(plan, { ...order, stay: true });
      const approve = ["--emergency", "--reason", "seen"];
      for await (const event of run) {
        if (event.type !== "paused") continue;
        const given = await fleet.run(["approve", event.rollout, ...approve], { SUDO_USER: "ann" });
        expect(given.exit).toBe(0);
      }
      expect(await run.summary()).toMatchObject({ outcome: "sealed", exit: 0 });
    },
  );
});
