import { describe, expect, test } from "vitest";
import { noticeKinds, type NotifySpec } from "../../src/core/plan/notice.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { dueNotices } from "../../src/runner/notices.ts";
import { eventWords } from "../../src/views/event-words.ts";
import { publicEvents } from "../../src/views/events-of-record.ts";
import { incidentPack, type IncidentPack } from "../../src/views/incident-pack/incident-pack.ts";
import { markdownText } from "../../src/views/incident-pack/markdown-text.ts";
import { replay } from "../../src/views/replay.ts";
import { hostile, scenario } from "./support/scenarios.ts";
import { untrueStatements } from "./support/untrue-statements.ts";

function recordsOf(name: string): readonly JournalRecord[] {
  return scenario(name).map(({ record }) => record);
}

function packOf(name: string): Extract<IncidentPack, { kind: "pack" }> {
  const pack = incidentPack(scenario(name).at(-1)!.after, recordsOf(name));
  if (pack.kind === "none") throw new Error(`no pack: ${pack.why}`);
  return pack;
}

const withTrouble = [
  "incident",
  "incident, everything taken back",
  "incident, left as it is",
  "incident, asks",
  "incident, asked and rolled back",
  "incident, tolerated",
  "incident, tolerated and excluded",
  "outside the envelope",
  "rollback fails",
  "rollback not verified",
  "inconclusive",
  "unreachable",
];

describe("every statement of an incident pack", () => {
  test.each(withTrouble)("is borne out by the journal: %s", (name) => {
    const { files, index } = packOf(name);
    expect(index.statements.length).toBeGreaterThan(15);
    expect(untrueStatements(files, index, recordsOf(name))).toEqual([]);
  });

  test("of the timeline is what the report says of its record", () => {
    const said = new Map<number, string[]>();
    for (const { record, before, after } of replay(recordsOf("incident"))) {
      const events = publicEvents(before, record, after);
      const words = events.map((event) => eventWords(event, { steps: 4 }));
      said.set(
        record.seq,
        words.flatMap((it) => (it === null ? [] : [`${it.who}: ${it.text}`])),
      );
    }
    const rows = packOf("incident").index.statements.flatMap(({ says }) =>
      says.flatMap((it) => (it.is === "event" ? [it] : [])),
    );
    expect(rows.filter(({ record, text }) => said.get(record)?.includes(text) !== true)).toEqual(
      [],
    );
    expect(rows.length).toBeGreaterThan(30);
  });

  test("is false of a journal in which one of its records has another time", () => {
    const { files, index } = packOf("incident");
    const records = recordsOf("incident");
    const timed = new Set(
      index.statements.flatMap(({ says }) =>
        says.flatMap((it) =>
          it.is === "time" ? [it.record] : it.is === "span" ? [it.from, it.to] : [],
        ),
      ),
    );
    const unnoticed = [...timed].filter((number) => {
      const later = changed(records, number, (record) => ({
        ...record,
        at: new Date(Date.parse(record.at) + 3_600_000).toISOString(),
      }));
      return untrueStatements(files, index, later).length === 0;
    });
    expect(unnoticed).toEqual([]);
    expect(timed.size).toBeGreaterThan(30);
  });

  test("is false of a journal in which one of its records is about another instance", () => {
    const { files, index } = packOf("incident");
    const records = recordsOf("incident");
    const about = new Set(
      index.statements.flatMap(({ says }) =>
        says.flatMap((it) =>
          it.is === "event" || (it.is === "word" && it.at.endsWith("/instance")) ? [it.record] : [],
        ),
      ),
    );
    const named = [...about].filter((number) => aboutOther(records[number - 1]!) !== null);
    const unnoticed = named.filter((number) => {
      const other = changed(records, number, (record) => aboutOther(record)!);
      return untrueStatements(files, index, other).length === 0;
    });
    expect(unnoticed).toEqual([]);
    expect(named.length).toBeGreaterThan(15);
  });

  test.each<[string, (event: RolloutEvent) => RolloutEvent]>([
    ["count of a finding", (event) => edited(event, '"count":3', '"count":4')],
    ["protected path", (event) => edited(event, "/srv/alma/tmp", "/srv/alma/etc")],
    ["entries put back", (event) => edited(event, '"restored":3', '"restored":2')],
    ["surface of a probe", (event) => edited(event, '"surface":"api"', '"surface":"jobs"')],
    ["step of a verdict", (event) => edited(event, '"step":1', '"step":2')],
  ])("is false of a journal with another %s", (_, edit) => {
    const { files, index } = packOf("incident");
    const other = recordsOf("incident").map((it) => ({ ...it, event: edit(it.event) }));
    expect(untrueStatements(files, index, other)).not.toEqual([]);
  });
});

describe("who was told, and when,", () => {
  const notify: readonly NotifySpec[] = [
    {
      on: noticeKinds,
      kind: "webhook",
      args: { url: "https://status.example.com/S3CRET", headers: {} },
    },
    { on: ["halted"], kind: "slack", args: "${secret.slack}" },
    {
      on: ["halted"],
      kind: "email",
      args: { to: ["ops@example.com"], smtp: "smtp://mail", from: "h@example.com" },
    },
  ];
  const to = [
    "webhook to status.example.com",
    "slack at the address in secret slack",
    "email to ops@example.com",
  ];

  /** The incident with these to tell, and a pack of it over this log. */
  function told(log: string | null) {
    const all = scenario("incident");
    const records = all.map(({ record }): JournalRecord => {
      const { event } = record;
      if (event.kind !== "opened") return record;
      const { itinerary } = event;
      return {
        ...record,
        event: { ...event, itinerary: { ...itinerary, plan: { ...itinerary.plan, notify } } },
      };
    });
    const { state, rows } = rowsOf(records);
    const settled = new Map(
      (log ?? "")
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [[JSON.parse(line).id, JSON.parse(line)]])),
    );
    const notices = {
      isKept: log !== null,
      rows: rows.map((row) => ({
        ...row,
        to: to[row.entry - 1]!,
        settled: settled.get(row.id) ?? null,
      })),
    };
    const pack = incidentPack(state, records, { notices });
    if (pack.kind === "none") throw new Error(pack.why);
    return { ...pack, records, rows };
  }

  const halted = told("").rows.filter(({ kind }) => kind === "halted");
  const line = (at: number, more: object) =>
    JSON.stringify({
      id: halted[at]!.id,
      is: "told",
      by: "x",
      tries: 1,
      at: "2026-11-23T03:14:00.000Z",
      ...more,
    });
  const log = [line(0, {}), line(1, { is: "given up", tries: 7 })].join("\n");

  test("stands in the timeline, each borne out by the log", () => {
    const { files, index, records } = told(log);
    const text = files.get("timeline.md")!.replaceAll("\\", "");
    expect(text).toMatch(
      /^- 2026-11-23 03:14:00Z \(11:14:00 Asia\/Shanghai\) notice: webhook to status\.example\.com was told of the halt, after 1 try \(\S+\.1\) \[#1, #\d+\]$/m,
    );
    expect(text).toMatch(
      /notice: slack at the address in secret slack was not told of the halt, given up after 7 tries \(\S+\.2\) \[#1/,
    );
    expect(text).toMatch(
      /notice: email to ops@example\.com has not been told of the halt so far \(\S+\.3\)/,
    );
    expect(text).not.toContain("S3CRET");
    expect(untrueStatements(files, index, records, log)).toEqual([]);
    // In the order of time, between the records.
    const times = [...text.matchAll(/^- (2026-\S+ \S+Z)/gm)].map(([, time]) => time!);
    expect(times).toEqual(times.toSorted());
  });

  test.each<[string, string, string]>([
    ["that another time", "03:14:00", "03:15:00"],
    ["more tries", '"tries":7', '"tries":6'],
    ["that it was taken", '"given up"', '"told"'],
    ["nothing of it", halted[0]!.id, "another"],
  ])("is false where the log says %s", (_, from, other) => {
    const { files, index, records } = told(log);
    expect(untrueStatements(files, index, records, log.replace(from, other))).not.toEqual([]);
  });

  test("is false where a record or an entry of the plan is another", () => {
    const { files, index, records } = told(log);
    const edits = [
      ["status.example.com", "other.example.com"],
      ["secret.slack", "secret.other"],
      ["ops@example.com", "dev@example.com"],
    ] as const;
    for (const [from, other] of edits) {
      const text = JSON.stringify(records).replaceAll(from, other);
      const others: readonly JournalRecord[] = JSON.parse(text);
      expect([from, untrueStatements(files, index, others, log).length > 0]).toEqual([from, true]);
    }
  });

  test("is to be filled in where no log is there, and is no word where nobody was to be told", () => {
    const { files, index, records } = told(null);
    expect(files.get("timeline.md")).toContain("- to fill: who was told, and when: the notice log");
    expect(untrueStatements(files, index, records)).toEqual([]);
    expect(packOf("incident").files.get("timeline.md")).not.toMatch(/notice/);
  });
});

describe("an incident pack", () => {
  test("has the vendor's five sections, and the four stages of a status page", () => {
    const { files } = packOf("incident");
    const headings = (file: string) =>
      [...files.get(file)!.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings("root-cause-report.md")).toEqual([
      "Introduction",
      "Event Timeline",
      "Root Cause Analysis",
      "Technical Action Items and Preventive Measures",
      "Customer Communication",
    ]);
    expect(headings("status-page.md")).toEqual([
      "Investigating",
      "Identified",
      "Monitoring",
      "Resolved",
    ]);
    expect([...files.keys()].at(-1)).toBe("index.json");
    expect(JSON.parse(files.get("index.json")!)).toEqual(packOf("incident").index);
  });

  test("tells the incident: what was down while what answered, and that it went well elsewhere", () => {
    const text = packOf("incident").files.get("root-cause-report.md")!;
    expect(text).toContain(
      '3 entries below "/srv/alma/tmp" were deleted by step 2 "clear compiled pages", and while ui was down, api answered. [#',
    );
    expect(text).toContain("The same step ran on 10 other instances");
    expect(text).toContain("to fill: why cn01 did not make again by itself what was gone");
  });

  test.each([
    ["the step itself could not have done it", '"count":3,', '"count":3,"notByStep":true,'],
    ["something was changed too", '"class":"deleted","size":812', '"class":"content","size":812'],
    ["fewer were deleted than it complains of", '"counts":{"deleted":3}', '"counts":{"deleted":1}'],
  ])("blames no step with a deletion where the verdict says that %s", (_, from, to) => {
    const told = scenario("incident");
    const records = told.map(({ record }) => ({
      ...record,
      event: edited(record.event, from, to),
    }));
    const pack = incidentPack(told.at(-1)!.after, records);
    if (pack.kind === "none") throw new Error(pack.why);
    const text = [...pack.files.values()].join("");
    expect(text).not.toMatch(/deleted by step 2/);
    expect(pack.files.get("root-cause-report.md")).toContain(
      "to fill: the cause on cn01: the journal does not prove one",
    );
    expect(untrueStatements(pack.files, pack.index, records)).toEqual([]);
  });

  test("does not say that a surface answered when it failed meanwhile, too", () => {
    const told = scenario("incident");
    const at = told.findLast(
      ({ record: { event } }) =>
        event.kind === "noted" &&
        event.note.kind === "probe" &&
        event.note.instance === "cn01" &&
        event.note.surface === "api" &&
        event.note.while === "after-step",
    )!.record.seq;
    const records = changed(
      told.map(({ record }) => record),
      at,
      (record) => ({ ...record, event: edited(record.event, '"is":"pass"', '"is":"fail"') }),
    );
    const pack = incidentPack(told.at(-1)!.after, records);
    expect(pack.kind === "pack" && [...pack.files.values()].join("")).not.toContain("api answered");
  });

  test("of a rollout that is not over says so on every page, and publishes no end", () => {
    const { files, index } = packOf("incident, asks");
    expect(index.interim).toBe(true);
    const silent = [...files].filter(
      ([name, text]) =>
        name !== "index.json" && !text.includes("INTERIM: the rollout is paused, not over."),
    );
    expect(silent).toEqual([]);
    const resolved = files.get("status-page.md")!.split("## Resolved")[1];
    expect(resolved?.trim()).toMatch(/^to fill: not to be published yet: [^\n]*$/);
  });

  test.each(["rollback fails", "rollback not verified", "unreachable", "incident, left as it is"])(
    "says nowhere that all is well when it is not: %s",
    (name) => {
      const { files } = packOf(name);
      const text = [...files].flatMap(([file, it]) => (file === "index.json" ? [] : [it])).join("");
      expect(text).not.toMatch(/is as before|confirmed to be as before/);
      expect(text).toContain("to fill: not to be published yet");
    },
  );

  test.each(["goes well", "undone", "paused", "refused", "waits for approval", "aborted"])(
    "is not made of a rollout in which nothing went wrong: %s",
    (name) => {
      const pack = incidentPack(scenario(name).at(-1)!.after, recordsOf(name));
      expect(pack).toEqual({
        kind: "none",
        why: expect.stringMatching(/^no instance went wrong in it|^it was refused before/),
      });
    },
  );

  test("shows hostile text of a host as text", () => {
    const told = scenario("incident");
    const evil = `<img src=x>${hostile} [click](http://evil.example) www.evil.example @channel | *b*`;
    const records = told.map(({ record }) => ({
      ...record,
      event: edited(
        record.event,
        '"because":"status 500, expected 200"',
        `"because":${JSON.stringify(evil)}`,
      ),
    }));
    const pack = incidentPack(told.at(-1)!.after, records);
    if (pack.kind === "none") throw new Error(pack.why);
    const facts = pack.files.get("facts.md")!;
    expect(facts).toContain(markdownText(evil));
    // oxlint-disable-next-line no-control-regex
    expect(facts).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(facts).not.toMatch(/(?<!\\)<img|(?<!\\)\]\(http|https?:\/\/|www\.|(?<!\\)@channel/);
  });
});

test.each([
  ["a_b_c", "a_b_c"],
  ["_a_", "\\_a\\_"],
  ["# x", "\\# x"],
  ["1. x", "1\\. x"],
  ["- x", "\\- x"],
  [
    "`a` <b> [c](d) | *e* ~f~ &amp; g@h",
    "\\`a\\` \\<b\\> \\[c\\](d) \\| \\*e\\* \\~f\\~ \\&amp; g\\@h",
  ],
  ["https://x www.y", "https:\\//x www\\.y"],
  ["two\nlines", "two lines"],
])("Markdown shows %j as it is", (text, marked) => {
  expect(markdownText(text)).toBe(marked);
});

/** What these records have to tell, as the verb finds it. */
function rowsOf(records: readonly JournalRecord[]) {
  const state = [...replay(records)].at(-1)!.after;
  const rows = dueNotices(state.itinerary, records).map(({ id, entry, turn }) => {
    const { seq, at, kind, severity, text } = turn;
    return { id, entry, seq, at, kind, severity, text };
  });
  return { state, rows };
}

function changed(
  records: readonly JournalRecord[],
  number: number,
  change: (record: JournalRecord) => JournalRecord,
): readonly JournalRecord[] {
  return records.map((record) => (record.seq === number ? change(record) : record));
}

/** The record, about na01; null where it names no instance. */
function aboutOther(record: JournalRecord): JournalRecord | null {
  const { event } = record;
  if (event.kind === "noted")
    return { ...record, event: { ...event, note: { ...event.note, instance: "na01" } } };
  if (!("action" in event)) return null;
  return { ...record, event: { ...event, action: { ...event.action, instance: "na01" } } };
}

/** The event with every such text in its JSON replaced; the plan itself stays. */
function edited(event: RolloutEvent, from: string, to: string): RolloutEvent {
  if (event.kind === "opened") return event;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape: only values differ
  return JSON.parse(JSON.stringify(event).replaceAll(from, to)) as RolloutEvent;
}
