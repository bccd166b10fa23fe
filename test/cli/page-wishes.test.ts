import { describe, expect, test } from "vitest";
import type { RolloutEvent } from "../../src/core/event.ts";
import type { PageWish } from "../../src/serve/wishes.ts";
import { isLong } from "../support/long-suite.ts";
import { liveWorld, type LiveWorld } from "../support/live-world.ts";
import { scenario, type ScenarioName } from "../views/support/scenarios.ts";
import { handrailHere as handrail } from "./run-in-process.ts";

type Until = (event: RolloutEvent) => boolean;

const atEnd: Until = () => false;
const inStep: Until = (event) => event.kind === "intent" && event.action.kind === "apply";
const waits: Until = (event) => event.kind === "parked";
const halting: Until = (event) => event.kind === "halting";

async function world(name: ScenarioName, until: Until, runs: boolean): Promise<LiveWorld> {
  const it = await liveWorld(scenario(name).map(({ record }) => record));
  await it.goOn(({ event }) => until(event));
  if (!runs) await it.leave();
  return it;
}

const asks = (it: LiveWorld, wish: Partial<PageWish>) =>
  it.wishes.ask({
    rollout: it.rollout,
    verb: "pause",
    region: null,
    reason: "",
    typed: "",
    ...wish,
  });

describe("what is asked by the page", () => {
  test("of a rollout that runs is left for its runner, in the name of who started the page", async () => {
    await using it = await world("goes well", inStep, true);
    const answer = await asks(it, { reason: "users\ncomplain" });
    expect(answer).toEqual({
      is: "asked",
      says: `${it.rollout}: asked to pause: it begins nothing new, and what runs comes to its end. It is run by deploy@laptop, pid 4711, who acts on it.`,
      next: null,
    });
    expect(await it.waiting()).toEqual([
      {
        wish: { kind: "pause" },
        by: expect.stringMatching(/^\S+@\S+, by page$/),
        reason: "users complain",
      },
    ]);
    // Not heard yet, but folded in already: once more it means nothing.
    expect(await asks(it, {})).toMatchObject({
      is: "refused",
      says: expect.stringContaining("it pauses already"),
    });
    expect(await it.waiting()).toHaveLength(1);
  });

  test("is refused where the verb is, in its words, and nothing is left", async () => {
    const cases: readonly (readonly [ScenarioName, Until, boolean, PageWish["verb"], string?])[] = [
      ["goes well", atEnd, false, "pause"],
      ["incident", halting, true, "pause"],
      ["incident", atEnd, false, "abort"],
      ["goes well", inStep, true, "resume"],
      ["waits for approval", atEnd, false, "resume"],
      ["waits for approval", atEnd, false, "approve", "apac"],
      ["goes well", inStep, false, "pause"],
    ];
    for (const [name, until, runs, verb, region = null] of isLong ? cases : cases.slice(0, 1)) {
      await using it = await world(name, until, runs);
      const answer = await asks(it, { verb, region });
      const words = [verb, it.rollout, ...(region === null ? [] : [region])];
      const typed = await handrail([...words, "--state", it.folder], { cwd: it.folder });
      expect([name, verb, typed.code]).toEqual([name, verb, 3]);
      const [, says, next] = /^handrail: (.*)\n {2}next: (.*)\n$/s.exec(typed.stderr) ?? [];
      expect(answer).toEqual({ is: "refused", says: `${says}.`, next: expect.any(String) });
      // A command line may name the folder; a page was told how handrail is called.
      expect(next?.replace(` --state ${it.folder}`, "")).toBe(answer.next);
      expect(await it.waiting()).toEqual([]);
    }
  }, 60_000);

  test("never waits for a runner that there is not: it names the command that is one", async () => {
    for (const verb of ["resume", "abort", "abort --rollback"] as const) {
      await using it = await world("goes well", inStep, false);
      expect(await asks(it, { verb, typed: "apac" })).toEqual({
        is: "refused",
        says: `nobody runs ${it.rollout}, and a page starts no process that could act on it: nothing was asked.`,
        next: `handrail ${verb} ${it.rollout}`,
      });
      expect(await it.waiting()).toEqual([]);
    }
  });

  test("an approval is left where nobody runs it, as the verb leaves it; production has the region typed", async () => {
    await using it = await world("waits for approval", atEnd, false);
    const approve = { verb: "approve", region: "cn", reason: "looked" } as const;
    for (const typed of ["", "c", "cn apac", "CN"])
      expect(await asks(it, { ...approve, typed })).toMatchObject({
        is: "refused",
        says: 'that is not "cn"; nothing was asked.',
      });
    expect(await it.waiting()).toEqual([]);
    expect(await asks(it, { ...approve, typed: " cn " })).toEqual({
      is: "asked",
      says: `${it.rollout}: your approval is recorded: region cn may begin. Nobody runs it now.`,
      next: `handrail resume ${it.rollout}`,
    });
    expect(await it.waiting()).toMatchObject([{ wish: { kind: "approve", region: "cn" } }]);
  });

  test("an emergency is approved with a reason, or not at all", async () => {
    await using it = await world("an emergency", waits, false);
    const approve = { verb: "approve --emergency" } as const;
    expect(await asks(it, approve)).toEqual({
      is: "refused",
      says: "who approves an emergency says why, for the journal and the report; nothing was asked.",
      next: "say it in the field above the button",
    });
    expect(await it.waiting()).toEqual([]);
    expect(await asks(it, { ...approve, reason: "users wait" })).toMatchObject({ is: "asked" });
  });

  test("taking all of it back has every region typed that was changed", async () => {
    await using it = await world("incident", halting, true);
    const back = { verb: "abort --rollback" } as const;
    const no = await asks(it, { ...back, typed: "cn" });
    expect(no.is).toBe("refused");
    const [, names = ""] = /: ([\w ]+)$/.exec(no.next ?? "") ?? [];
    expect(names.split(" ").length).toBeGreaterThan(1);
    expect(
      await asks(it, { ...back, typed: names.split(" ").toReversed().join(", ") }),
    ).toMatchObject({ is: "asked" });
    expect(await it.waiting()).toMatchObject([{ wish: { kind: "abort", rollback: true } }]);
  });

  test("names of no rollout are refused", async () => {
    await using it = await world("goes well", inStep, true);
    expect(await asks(it, { rollout: "other" })).toMatchObject({
      is: "refused",
      says: expect.stringContaining("ROLLOUT_UNKNOWN"),
    });
  });
});
