import { describe, expect, test } from "vitest";
import { openRollout } from "../../src/core/state.ts";
import { type Evidence, noEvidence, type SeenProbe } from "../../src/views/evidence.ts";
import { reportText } from "../../src/views/report-text.ts";
import { surfacesOf, surfaceWords } from "../../src/views/surfaces.ts";
import { summarise } from "../../src/views/summary.ts";
import { summaryEvent } from "../../src/views/summary-event.ts";
import { usersBlocks, usersRows } from "../../src/views/users.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { scenario } from "./support/scenarios.ts";

const small = smallItinerary({
  regions: {
    eu: [
      ["a", "b"],
      ["c", "d"],
    ],
  },
});
const state = openRollout({
  ...small,
  regions: small.regions.map((region) => ({ ...region, timezone: "Asia/Shanghai" })),
});

/** `21:59:12 ui -`: a time of one day, a surface, and what it said: +, - or ?. */
function answers(...lines: readonly string[]): Evidence {
  const probes = lines.map((line): SeenProbe => {
    const [time, surface = "", is] = line.split(" ");
    const said = is === "+" ? "pass" : is === "-" ? "fail" : "error";
    return { at: `2026-11-22T${time}.000Z`, probe: surface, host: "h", surface, is: said };
  });
  return { ...noEvidence, probes };
}

const down = answers("21:59:00 api +", "21:59:12 ui -");
const came = answers("21:59:12 ui -", "21:59:31 ui +", "22:00:00 api +");
const well = answers("21:59:00 ui +", "21:59:00 api +");

describe("how users fared", () => {
  test.each([
    ["down", down, "api up; ui DOWN since 21:59:12Z (2026-11-23 05:59:12 Asia/Shanghai)"],
    [
      "down and up again",
      answers("01:02:03 ui -", "01:02:05 ui +"),
      "ui down 01:02:03–01:02:05 UTC (09:02:03–09:02:05 Asia/Shanghai), now up",
    ],
    ["not known", answers("01:02:03 ui ?"), "ui not known"],
  ])("is told surface by surface, in UTC and where they are: %s", (_name, { probes }, words) => {
    const said = surfacesOf(probes).map((it) => surfaceWords(it, "Asia/Shanghai"));
    expect(said.join("; ")).toBe(words);
  });

  test("names the day where it was another than that of the last look", () => {
    const [first] = answers("21:59:12 ui -").probes;
    const probes = [first!, { ...first!, at: "2026-11-24T00:00:00.000Z" }];
    expect(surfacesOf(probes).map((it) => surfaceWords(it))).toEqual([
      "ui DOWN since 2026-11-22 21:59:12Z",
    ]);
  });

  test("has a row for each instance that lacked something, and one for all the others", () => {
    const evidence = new Map([
      ["a", down],
      ["b", well],
      ["c", well],
    ]);
    expect(usersRows(state, evidence)).toEqual([
      ["a", expect.stringMatching(/^api up; ui DOWN since .* \(last asked 21:59:12Z\)$/)],
      ["2 other instances", "ui, api up whenever asked"],
      ["1 instance", "never asked"],
    ]);
  });

  test("names on a screen those who lack something now, but for those whose story is told", () => {
    const evidence = new Map([
      ["a", down],
      ["b", came],
      ["c", down],
    ]);
    const blocks = usersBlocks(state, { evidence }, ["c"]);
    expect(blocks.flatMap((it) => (it.kind === "rows" ? it.rows.map(([who]) => who) : []))).toEqual(
      ["a"],
    );
    expect(usersBlocks(state, { evidence }, ["a", "c"])).toEqual([]);
  });

  test("stands in the report and in the last line of JSON of the incident", () => {
    const told = scenario("incident");
    const records = told.map(({ record }) => record);
    const { after } = told.at(-1)!;
    const report = reportText(after, records);
    expect(report).toMatch(
      /## Users\n\n- cn01: ui down 03:13:35–03:13:39 UTC \(11:13:35–11:13:39 Asia\/Shanghai\), now up; api up .*\n- 10 other instances: ui, api up whenever asked\n- 1 instance: never asked\n/,
    );
    const { failures } = summaryEvent(summarise(after, records), null, "2026-11-23T04:00:00Z");
    expect(
      failures[0]?.surfaces?.map(({ surface, now, down: was }) => [surface, now, was.length]),
    ).toEqual([
      ["ui", "up", 1],
      ["api", "up", 0],
    ]);
  });
});
