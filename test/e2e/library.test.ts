import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  applyPlan,
  PlanRefused,
  previewPlan,
  type PublicEvent,
  validatePlan,
} from "../../src/index.ts";
import { publicEvent } from "../../src/views/public-events.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";

const text = planText(
  `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
);

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
});
