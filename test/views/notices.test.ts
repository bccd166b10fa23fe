import { describe, expect, test } from "vitest";
import { noticeKinds, type NotifySpec } from "../../src/core/plan/notice.ts";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { page } from "../../src/views/html/page.ts";
import type { NoticeRow } from "../../src/views/notices-text.ts";
import { pictureOf } from "../../src/views/picture/picture-of.ts";
import { previewJson } from "../../src/views/preview-json.ts";
import type { StepForecast } from "../../src/views/preview-steps.ts";
import { previewText } from "../../src/views/preview-text.ts";
import { almaItinerary } from "./support/alma.ts";
import { hostile, scenario } from "./support/scenarios.ts";

const spec: NotifySpec = { on: noticeKinds, kind: "webhook", args: {} };
const notify: readonly NotifySpec[] = [
  spec,
  { ...spec, on: ["halted", "sealed"] },
  { ...spec, severity: "critical", template: { file: "files/oncall.txt" } },
  { ...spec, on: ["paused", "sealed"], severity: "warning", template: { text: "x" } },
];

describe("a preview says who will be told", () => {
  const base = almaItinerary();
  const itinerary = { ...base, plan: { ...base.plan, notify } };
  const options = {
    forecast: (): StepForecast => ({
      summary: "x",
      text: "",
      writes: [],
      allow: [],
      protect: [],
      names: [],
    }),
    hosts: null,
    receiver: (it: NotifySpec) => `webhook to host${notify.indexOf(it)}`,
  };

  test("of which turns, from which severity on, and whose words it uses", () => {
    const text = previewText(itinerary, options);
    expect(text.slice(text.indexOf("Who is told\n"))).toMatch(
      /^Who is told\n {2}webhook to host0 {2}every turn\n {2}webhook to host1 {2}halted, sealed\n {2}webhook to host2 {2}halted, ended, where critical; in words of the plan's own\n {2}webhook to host3 {2}paused; in words of the plan's own\n/,
    );
    expect(previewJson(itinerary, options).notices).toEqual([
      {
        kind: "webhook",
        to: "webhook to host0",
        on: noticeKinds,
        severity: "info",
        template: null,
      },
      {
        kind: "webhook",
        to: "webhook to host1",
        on: ["halted", "sealed"],
        severity: "info",
        template: null,
      },
      {
        kind: "webhook",
        to: "webhook to host2",
        on: ["halted", "ended"],
        severity: "critical",
        template: "files/oncall.txt",
      },
      {
        kind: "webhook",
        to: "webhook to host3",
        on: ["paused"],
        severity: "warning",
        template: "text",
      },
    ]);
  });

  test("and nothing of it where nobody will be", () => {
    expect(previewText(base, options)).not.toContain("Who is told");
    expect(previewJson(base, options).notices).toEqual([]);
  });
});

/** The last cell of each row: what became of it. */
const cells = (html: string): readonly string[] =>
  [
    ...html.slice(html.indexOf('id="notices"')).matchAll(/<td class="[^"]*">(.*?)<\/td><\/tr>/g),
  ].map(([, cell]) => cell!.replace(/<[^>]*>/g, ""));

describe("a report for a browser tells who was told", () => {
  const records = scenario("incident").map(({ record }): JournalRecord => {
    const { event } = record;
    if (event.kind !== "opened") return record;
    const plan = { ...event.itinerary.plan, notify };
    return { ...record, event: { ...event, itinerary: { ...event.itinerary, plan } } };
  });
  const row: NoticeRow = {
    id: "r.1.1",
    seq: 1,
    entry: 1,
    at: "2026-11-23T03:13:40.000Z",
    kind: "halted",
    severity: "critical",
    to: "webhook to status.example.com",
    text: `<b>it halts ${hostile}`,
    settled: null,
  };
  const at = "2026-11-24T00:00:01.000Z";
  const rows: readonly NoticeRow[] = [
    row,
    { ...row, settled: { is: "told", tries: 2, at: "2026-11-23T03:13:45.000Z" } },
    { ...row, settled: { is: "given up", tries: 7, at } },
  ];
  const drawn = (isKept: boolean, all = rows, of = records): string => {
    const picture = pictureOf(of, { notices: { rows: all, isKept } });
    return page(picture!);
  };
  test("when, of what, whom, and whether it arrived", () => {
    const html = drawn(true);
    expect(html).toContain('<li><a href="#notices">Notices</a></li>');
    expect(html).toContain("<td>webhook to status.example.com</td>");
    expect(html).toContain("<strong>halted</strong> (critical)<br>&lt;b&gt;it halts ");
    expect(cells(html).slice(0, 3)).toEqual([
      "not delivered so far",
      "delivered 03:13:45Z, 2 tries",
      "given up 2026-11-24 00:00:01Z, after 7 tries",
    ]);
    expect(cells(drawn(false)).slice(0, 1)).toEqual(["not known: no log of it is kept here"]);
  });

  test("as far as there is room, and nothing where nobody was to be told", () => {
    const many = Array.from({ length: 502 }, () => row);
    expect(drawn(true, many)).toContain("And 2 later notices:");
    expect(drawn(true, [])).toContain("Nothing has happened yet that anybody is to be told of.");
    const silent = drawn(
      true,
      rows,
      scenario("incident").map(({ record }) => record),
    );
    expect(silent).not.toContain("notices");
  });
});
