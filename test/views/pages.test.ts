import { describe, expect, test } from "vitest";
import { noActivity, observe } from "../../src/views/activity.ts";
import { haltPanel } from "../../src/views/halt-panel.ts";
import { journalText } from "../../src/views/journal-text.ts";
import { replay } from "../../src/views/replay.ts";
import { reportText } from "../../src/views/report-text.ts";
import { rolloutList } from "../../src/views/rollout-list.ts";
import { statusText } from "../../src/views/status-text.ts";
import { summarise } from "../../src/views/summary.ts";
import { summaryEvent } from "../../src/views/summary-event.ts";
import { summaryEventSchema } from "../../src/views/summary-event-schema.ts";
import { timeLeft, timeLeftWords } from "../../src/views/time-left.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

const journal = (name: string) => scenario(name).map(({ record }) => record);
const end = (name: string) => scenario(name).at(-1)!.after;
const panel = (name: string, columns: number | null = null) =>
  haltPanel(end(name), journal(name), { columns });

const pages: readonly (readonly [string, (name: string) => string])[] = [
  ["panel", (name) => panel(name)],
  ["status", (name) => statusText(end(name), journal(name))],
  ["report", (name) => reportText(end(name), journal(name))],
  ["journal", (name) => journalText(journal(name))],
];

describe.each(pages)("the %s", (_page, draw) => {
  test.each(scenarioNames)("is printable, whole text: %s", (name) => {
    const text = draw(name);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
    expect(text).not.toMatch(/undefined|NaN|\[object|: null/);
    expect(text.endsWith("\n")).toBe(true);
    expect(text).not.toMatch(/[ \t]\n/);
  });
});

describe("the panel at the end", () => {
  test("says of the incident what a tired person asks, in that order", () => {
    const text = panel("incident");
    const asked = [
      "HALTED after 1 min 02 s: every instance that was harmed is as before, verified",
      "kb-4711-20261123-0312-7f3a, plan kb-4711-session-redirect, begun 2026-11-23 03:12:40Z",
      'cn01 (cn): contract broken, at step 2 "clear compiled pages"',
      '3 entries below "/srv/alma/tmp" were deleted',
      "→ the step must not delete them",
      "since      03:13:34Z (11:13:34 Asia/Shanghai)",
      "seen       03:13:35Z, 690 ms later",
      "as before  03:13:41Z (11:13:41 Asia/Shanghai), 6.2 s later",
      "recovery of /srv/alma/tmp ran (restore, restart-app) and was verified",
      "undone, newest first: clear compiled pages, new jar",
      "content and health verified: as before",
      "ui down 03:13:35–03:13:39 UTC (11:13:35–11:13:39 Asia/Shanghai), now up; api up (last asked 03:13:41Z)",
      "1 bad in cn batch 1 (cn01), at most 0 allowed",
      "1 rolled back, verified   cn01",
      "10 sealed: changed, good  ap01, ap02",
      "1 not touched             cn02",
      "handrail undo kb-4711-20261123-0312-7f3a",
    ];
    const places = asked.map((each) => text.indexOf(each));
    expect(asked.filter((_, index) => places[index] === -1)).toEqual([]);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test.each<[string, readonly string[]]>([
    ["goes well", ["✔ SEALED", "12 instances in 4 regions, each verified"]],
    ["refused", ["✖ REFUSED", "nothing was touched anywhere", "1 bad before it was touched"]],
    ["undone", ["✔ UNDONE", "all is as before, verified"]],
    ["incident, left as it is", ["✖ HALTED", "a person is needed", "its lock is kept"]],
    ["rollback fails", ["a person is needed", "the rollback FAILED: the undo exited with 1"]],
    ["rollback not verified", ["put back, but NOT verified: users are not served"]],
    ["unreachable", ["a person is needed", "not known; its lock is kept", "1 state NOT KNOWN"]],
    ["waits for approval", ["‖ PAUSED", "region cn waits for a person's approval"]],
    [
      "waits for its window",
      [
        "‖ PAUSED",
        "region cn waits for its maintenance window, which opens at 2026-11-23 18:00:00Z (2026-11-24 02:00:00 Asia/Shanghai)",
        "handrail override",
      ],
    ],
    [
      "approved too long ago",
      ["‖ PAUSED", "region cn waits for 2 approvals of ann, deploy; each counts for 20s"],
    ],
    ["inconclusive", ["‖ PAUSED", "cn01 neither good nor bad", "could not tell"]],
    ["incident, tolerated", ["‖ PAUSED", "region cn has bad instances (cn01)"]],
    ["interrupted", ["‖ INTERRUPTED", "it can go on from here"]],
    ["aborted", ["✖ HALTED", "aborted by deploy@laptop, with everything taken back"]],
    ["overdue", ["✖ HALTED", "30 min without progress"]],
  ])("says of a rollout that is called %j: %j", (name, words) => {
    const text = panel(name);
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  });

  test("tells one story, and only names those who were taken back with it", () => {
    const text = panel("incident, everything taken back");
    expect(text.match(/^ {2}since/gm)).toHaveLength(1);
    expect(text).toContain("Taken back with it");
  });

  test.each([40, 60, 80, 200])(
    "keeps within %d columns, but for what is to be copied",
    (columns) => {
      for (const name of scenarioNames) {
        const long = panel(name, columns)
          .split("\n")
          .filter((line) => line.length >= columns && !/^ +(handrail |│ )/.test(line));
        // What is left ends in one word that would be as long as a line by itself: an id, a path.
        expect(long.filter((line) => (line.split(" ").at(-1) ?? "").length < columns / 2)).toEqual(
          [],
        );
      }
    },
  );

  test("shows the last lines of what a host printed, with escapes shown", () => {
    expect(panel("rollback fails")).not.toContain("\x1b");
    expect(panel("inconclusive")).toContain("│ first\n  │ \\x1b[2J\\x1b]0;pwned\\x07");
  });

  test("has colour only when asked for", () => {
    const painted = haltPanel(end("incident"), journal("incident"), { color: true });
    expect(painted).toContain("\x1b[31m✖ HALTED");
    // oxlint-disable-next-line no-control-regex -- colours are what is taken away here
    expect(painted.replaceAll(/\x1b\[\d+m/g, "")).toBe(panel("incident"));
  });
});

describe("status", () => {
  test("says at any record where each region stands and who is under way", () => {
    const told = scenario("incident");
    for (const [index, { after }] of told.entries()) {
      if (index % 25 !== 0) continue;
      const text = statusText(
        after,
        told.slice(0, index + 1).map((it) => it.record),
      );
      expect(text).toContain("Regions");
      expect(text.match(/^ {2}(apac|eu|na|cn) /gm)).toHaveLength(4);
    }
    const middle = told.findIndex(({ after }) => after.regions[1]?.batchesStarted === 2);
    const text = statusText(told[middle + 30]!.after, []);
    expect(text).toContain("eu    batch 2 of 2: 1 sealed, 3 under way");
    expect(text).toMatch(/eu02 {2}(begins|step 1\/4 new jar)/);
    expect(text).toContain("cn    not begun: 2 not touched");
  });

  describe("of a rollout that goes on", () => {
    const told = scenario("goes well");
    // Two batches have ended, and the next is at work.
    const at = told.findIndex(({ after }) => after.regions[1]?.batchesStarted === 2) + 30;
    const { record, after } = told[at]!;
    const before = told.slice(0, at + 1).map((it) => it.record);
    const nowMs = Date.parse(record.at);
    const activity = told
      .slice(0, at + 1)
      .reduce((was, it) => observe(was, it.record, it), noActivity);
    const left = timeLeft(after, activity.batches, nowMs)!;

    test("tells how long it may still take, as the tree does", () => {
      expect(left.ms).toBeGreaterThan(0);
      const text = statusText(after, before, { nowMs });
      expect(text).toMatch(/^▸ RUNNING after .*: 12 instances in 4 regions; /m);
      expect(text).toContain(`12 instances in 4 regions; ${timeLeftWords(left)}\n`);
      const event = summaryEvent(summarise(after, before, { nowMs }), null, record.at);
      expect(summaryEventSchema.parse(event).timeLeft).toEqual(left);
    });

    test.each([
      ["nobody runs it", { nowMs, attended: false }],
      ["nobody says what time it is", {}],
    ])("tells no such time where %s", (_why, options) => {
      expect(statusText(after, before, options)).not.toMatch(/ left\b/);
      const event = summaryEvent(summarise(after, before, options), null, record.at);
      expect(event).not.toHaveProperty("timeLeft");
    });
  });

  test.each(scenarioNames)("tells no time left of a rollout at its end: %s", (name) => {
    const nowMs = Date.parse("2026-11-23T04:00:00Z");
    expect(summarise(end(name), journal(name), { nowMs }).timeLeft).toBeNull();
  });

  test("says where a rollout stopped, and what was asked meanwhile", () => {
    expect(statusText(end("incident"), journal("incident"))).toContain(
      "cn    stopped in batch 1 of 2: 1 rolled back, 1 not touched",
    );
    const held = scenario("paused").find(({ after }) => after.held !== null)!;
    expect(statusText(held.after, [])).toContain("no new work begins: a pause was asked for");
  });
});

describe("the report", () => {
  test("lists each file of a broken verdict, the decisions, and a timeline", () => {
    const text = reportText(end("incident"), journal("incident"));
    expect(text).toContain("    - deleted /srv/alma/tmp/work/session-\\x1b[2J (812 B)");
    expect(text).toContain(
      "- digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    );
    expect(text).toContain(
      "- detected: 2026-11-23 03:13:35Z (11:13:35 Asia/Shanghai), after 690 ms",
    );
    expect(text).toContain("- 03:13:40Z rollout: HALTED: 1 bad in cn batch 1 (cn01)");
    expect(text).toContain("## Decisions\n\nNone.");
    const decided = reportText(end("approved later"), journal("approved later"));
    expect(decided).toContain("2026-11-23 03:14:40Z deploy@laptop: approve cn: as agreed");
    const name = "goes on outside its window";
    expect(reportText(end(name), journal(name))).toContain(
      "2026-11-23 03:14:40Z deploy@laptop: go on outside the maintenance windows of cn: as agreed",
    );
  });
});

describe("the journal as text", () => {
  test("is one line per record, numbered, with steps from 1", () => {
    const records = journal("incident");
    const lines = journalText(records).trimEnd().split("\n");
    expect(lines).toHaveLength(records.length);
    expect(lines[0]).toMatch(/^ +1 {2}2026-11-23 03:12:40\.000Z {2}opened +kb-4711/);
    expect(lines.find((line) => line.includes("cn01 apply step 2, attempt 1: failed"))).toContain(
      "REGENERATION_LATE",
    );
  });
});

describe("a replay", () => {
  test("gives the states that there were", () => {
    const told = scenario("incident");
    const again = [...replay(told.map(({ record }) => record))];
    expect(again).toEqual(told);
    expect([...replay(told.slice(1).map(({ record }) => record))]).toEqual([]);
  });
});

describe("the list of rollouts", () => {
  test("is a table, or says that there is none", () => {
    expect(rolloutList([])).toBe("No rollout yet.\n");
    const head = {
      rollout: "kb-4711\x1b[2J",
      inventory: "alma",
      digest: "9f86d081884c7d659a2f",
      openedAt: "2026-11-23T03:12:40.000Z",
      records: 1_204,
      outcome: null,
    };
    const [titles, first, second] = rolloutList([
      head,
      { ...head, rollout: "older", outcome: "sealed" },
    ]).split("\n");
    expect(titles).toMatch(/^ROLLOUT +BEGUN +INVENTORY +DIGEST +RECORDS +OUTCOME$/);
    expect(first).toBe(
      "kb-4711\\x1b[2J  2026-11-23 03:12:40Z  alma       9f86d081884c  1,204    open",
    );
    expect(second?.endsWith("sealed")).toBe(true);
  });
});
