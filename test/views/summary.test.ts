import { describe, expect, test } from "vitest";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { exitCode, summarise, type Summary } from "../../src/views/summary.ts";
import { surfacesOf, surfaceWords } from "../../src/views/surfaces.ts";
import type { SeenProbe } from "../../src/views/evidence.ts";
import { almaItinerary } from "./support/alma.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

function summaryOf(name: string): Summary {
  const told = scenario(name);
  return summarise(
    told.at(-1)!.after,
    told.map((it) => it.record),
  );
}

describe("the exit code", () => {
  test.each<[string, Summary["outcome"], number]>([
    ["goes well", "sealed", 0],
    ["approved later", "sealed", 0],
    ["inconclusive and accepted", "sealed", 0],
    ["undone", "undone", 0],
    ["refused", "refused", 3],
    ["incident", "halted", 4],
    ["incident, everything taken back", "halted", 4],
    ["incident, tolerated and excluded", "halted", 4],
    ["aborted", "halted", 4],
    ["incident, left as it is", "halted", 5],
    ["rollback fails", "halted", 5],
    ["rollback not verified", "halted", 5],
    ["unreachable", "halted", 5],
    ["waits for approval", "paused", 6],
    ["inconclusive", "paused", 6],
    ["incident, asks", "paused", 6],
    ["incident, tolerated", "paused", 6],
    ["paused", "paused", 6],
    ["interrupted", "interrupted", 143],
  ])("of a rollout that is called %j is that of %s: %d", (name, outcome, exit) => {
    expect(summaryOf(name)).toMatchObject({ outcome, exit });
  });

  test.each<[string, Partial<RolloutState>, string | undefined, number]>([
    ["left at once by Ctrl-C", {}, "SIGINT", 130],
    ["left at once by kill", {}, "SIGTERM", 143],
    ["left at once as the terminal closed", {}, "SIGHUP", 129],
    ["ended although a signal came", { closed: "halted" }, "SIGINT", 4],
    ["parked by a signal", { parked: { kind: "interrupted", signal: "SIGINT" } }, undefined, 130],
    ["left with neither end nor pause", {}, undefined, 1],
  ])("of a rollout that was %s is right", (_what, change, signal, exit) => {
    const state = { ...openRollout(almaItinerary()), ...change };
    expect(exitCode(state, signal === undefined ? {} : { interruptedBy: signal })).toBe(exit);
  });

  test.each(scenarioNames)("is 0 only where no instance is bad or undecided: %s", (name) => {
    const { exit, fates, instances } = summaryOf(name);
    const good = (fates.get("sealed")?.length ?? 0) === instances;
    const undone = (fates.get("rolled back")?.length ?? 0) === instances;
    expect(exit === 0).toBe(good || undone);
  });
});

describe("the summary", () => {
  test("names every instance once", () => {
    for (const name of scenarioNames) {
      const { fates, instances } = summaryOf(name);
      const names = [...fates.values()].flat();
      expect({ name, size: new Set(names).size }).toEqual({ name, size: instances });
      expect(names).toHaveLength(instances);
    }
    expect(summaryOf("incident").instances).toBe(12);
  });

  test("says what happened at cn01, since when, and when it was over", () => {
    const [incident, ...others] = summaryOf("incident").incidents;
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      instance: "cn01",
      region: "cn",
      timezone: "Asia/Shanghai",
      as: "contract broken",
      step: { name: "clear compiled pages", number: 2 },
      harmAt: "2026-11-23T03:13:34.942Z",
      detectedAt: "2026-11-23T03:13:35.632Z",
      recoveredAt: "2026-11-23T03:13:41.812Z",
      timeToDetectMs: 690,
      timeToRecoverMs: 6_180,
      asBefore: true,
    });
    expect(incident?.done).toEqual([
      "recovery of /srv/alma/tmp ran (restore, restart-app) and was verified",
      "undone, newest first: clear compiled pages, new jar",
      "6 entries put back from snapshots",
      "content and health verified: as before",
    ]);
    expect(incident?.surfaces.map((it) => surfaceWords(it))).toEqual([
      "ui down 03:13:35–03:13:39 UTC, now up",
      "api up",
    ]);
  });

  test("tells who caused the halt before those who were taken back with it", () => {
    const { incidents } = summaryOf("incident, everything taken back");
    expect(incidents.map((it) => it.as)).toEqual([
      "contract broken",
      ...Array.from({ length: 10 }, () => "rolled back"),
    ]);
  });

  test.each(scenarioNames)("gives times that run forward, or none: %s", (name) => {
    for (const it of summaryOf(name).incidents) {
      expect(it.timeToDetectMs ?? 0).toBeGreaterThanOrEqual(0);
      expect(it.timeToRecoverMs ?? 0).toBeGreaterThanOrEqual(0);
      expect(it.recoveredAt !== null).toBe(it.asBefore);
    }
  });

  test.each<[string, readonly string[]]>([
    ["goes well", ["report", "undo"]],
    ["incident", ["undo", "report", "preview"]],
    ["incident, everything taken back", ["report", "preview"]],
    ["incident, left as it is", ["undo", "report", "preview"]],
    ["rollback fails", ["reconcile", "undo", "report", "preview"]],
    ["rollback not verified", ["reconcile", "undo", "report", "preview"]],
    ["unreachable", ["reconcile", "undo", "report", "apply"]],
    ["waits for approval", ["approve", "resume", "abort"]],
    ["inconclusive", ["decide", "decide", "decide", "resume"]],
    ["incident, asks", ["decide", "decide", "resume"]],
    ["incident, tolerated", ["decide", "resume", "abort"]],
    ["paused", ["resume", "abort", "abort"]],
    ["interrupted", ["resume", "abort", "abort"]],
    ["refused", ["report", "apply"]],
  ])("knows what to type next after %j: %j", (name, verbs) => {
    const { next, rollout } = summaryOf(name);
    expect(next.map(({ command }) => command.split(" ")[1])).toEqual(verbs);
    for (const { command } of next)
      expect(command.endsWith(" PLAN") || command.includes(rollout)).toBe(true);
  });

  test("does not offer an undo where nothing is kept for it", () => {
    const { record, after } = scenario("incident").at(-1)!;
    const { itinerary } = after;
    const rollout = { ...itinerary.plan.rollout, retentionMs: 0 };
    const none = { ...after, itinerary: { ...itinerary, plan: { ...itinerary.plan, rollout } } };
    const verbs = summarise(none, [record]).next.map(({ command }) => command.split(" ")[1]);
    expect(verbs).toEqual(["report", "preview"]);
  });

  test("calls the program as it was called", () => {
    const told = scenario("goes well");
    const { next } = summarise(told.at(-1)!.after, [], { program: "npx handrail --state /tmp/s" });
    expect(next[0]?.command).toMatch(/^npx handrail --state \/tmp\/s report /);
  });
});

function seen(text: string): SeenProbe[] {
  return text.split(" ").map((word, index) => {
    const [probe = "", is = ""] = word.split("=");
    return {
      at: `2026-11-23T03:00:0${index}.000Z`,
      probe,
      host: "cn01",
      surface: probe.startsWith("u") ? "ui" : "api",
      is: is === "+" ? "pass" : is === "-" ? "fail" : "error",
    };
  });
}

describe("the health of surfaces", () => {
  test.each([
    ["u=+ a=+", "ui up; api up"],
    ["u=- a=+", "ui DOWN since 03:00:00Z; api up"],
    ["u=- u=- u=+", "ui down 03:00:00–03:00:02 UTC, now up"],
    ["u=- u=+ u=- u=+", "ui down 03:00:00–03:00:01, 03:00:02–03:00:03 UTC, now up"],
    ["u1=- u2=- u1=+ u2=+", "ui down 03:00:00–03:00:03 UTC, now up"],
    ["u=- u=? u=+", "ui down 03:00:00–03:00:02 UTC, now up"],
    ["u=+ u=?", "ui not known"],
    ["u=- u=+ u=-", "ui DOWN since 03:00:02Z (before that 03:00:00–03:00:01)"],
  ])("after the answers %j is %j", (answers, words) => {
    expect(
      surfacesOf(seen(answers))
        .map((it) => surfaceWords(it))
        .join("; "),
    ).toBe(words);
  });
});
