import { describe, expect, test } from "vitest";
import { page } from "../../src/views/html/page.ts";
import type { Lane, Picture } from "../../src/views/picture/picture.ts";
import { followPicture, pictureOf } from "../../src/views/picture/picture-of.ts";
import { bigFleet, goodCourse } from "./support/alma.ts";
import { madeUpRollout } from "./support/made-up-rollout.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

function picture(name: string): Picture {
  const drawn = pictureOf(scenario(name).map((told) => told.record));
  if (drawn === null) throw new Error(`"${name}" gives no picture`);
  return drawn;
}

function lane(drawn: Picture, instance: string): Lane {
  const lanes = drawn.regions.flatMap((region) => region.batches.flatMap((it) => it.lanes));
  const found = lanes.find((it) => it.instance === instance);
  if (found === undefined) throw new Error(`${instance} has no lane`);
  return found;
}

describe("the picture of a rollout", () => {
  test("says what happened to cn01, since when, and when it was as before again", () => {
    const drawn = picture("incident");
    expect(drawn.head).toMatchObject({ word: "HALTED", exit: 4, by: "deploy@laptop" });
    expect(drawn.stories.map((it) => it.instance)).toEqual(["cn01"]);
    const it = lane(drawn, "cn01");
    expect(it).toMatchObject({ look: "bad", words: "rolled back, verified" });
    expect([...new Set(it.spans.map((span) => span.kind))].toSorted()).toEqual([
      "begin",
      "harm",
      "recovery",
      "rollback",
      "snapshot",
      "step",
      "verify",
    ]);
    const [harm] = it.spans.filter((span) => span.kind === "harm");
    const [verify] = it.spans.filter((span) => span.kind === "verify");
    expect(harm?.toMs).toBe(verify?.toMs);
    expect(it.marks.map((mark) => mark.text)).toEqual([
      "probe upload (ui): fail, status 500, expected 200",
      'CONTRACT BROKEN: 3 entries deleted below "/srv/alma/tmp", not back within 2 s',
      "recovery of /srv/alma/tmp (restore, restart-app): verified",
    ]);
  });

  test("has every file of a verdict, and the stretch in which users were not served", () => {
    const drawn = picture("incident");
    expect(drawn.verdicts.broken[0]?.findings[0]?.files.map((file) => file.path)).toEqual([
      "/srv/alma/tmp/work/upload",
      "/srv/alma/tmp/work/session-\\x1b[2J",
      "/srv/alma/tmp/work/session-b",
    ]);
    const ui = drawn.surfaces.find((chart) => chart.surface === "ui");
    expect(ui?.answers.fail).toBe(1);
    expect(ui?.troubled[0]?.stretches.map((it) => it.is)).toEqual(["up", "down", "up"]);
    expect(drawn.surfaces.find((chart) => chart.surface === "api")?.troubled).toEqual([]);
  });

  test("shows who let a region begin, and how long it waited for them", () => {
    const drawn = picture("approved later");
    expect(drawn.decisions).toMatchObject([{ by: "deploy@laptop", what: "approve cn" }]);
    const cn = drawn.regions.find((region) => region.name === "cn");
    expect(cn?.waits).toMatchObject([{ text: "waits for approval" }]);
    expect(cn?.waits[0]?.toMs).not.toBeNull();
    expect(drawn.scale.pieces.filter((piece) => piece.folded)).toHaveLength(1);
  });

  test.each(scenarioNames)(
    "is one for a rollout that %s, with a lane for each instance",
    (name) => {
      const told = scenario(name);
      const drawn = picture(name);
      const state = told.at(-1)!.after;
      const lanes = drawn.regions.flatMap((region) => region.batches.flatMap((it) => it.lanes));
      expect(lanes.map((it) => it.instance)).toEqual([...state.instances.keys()]);
      for (const { spans } of lanes)
        for (const span of spans)
          expect(span.toMs ?? span.fromMs).toBeGreaterThanOrEqual(span.fromMs);
      const goesOn = lanes.flatMap((it) => it.spans).filter((it) => it.toMs === null);
      // Harm may outlive a rollout; work does not.
      const over = state.closed === null ? ["harm", ...goesOn.map((it) => it.kind)] : ["harm"];
      expect(over).toEqual(expect.arrayContaining(goesOn.map((it) => it.kind)));
      expect(page(drawn)).not.toMatch(hidden);
    },
  );

  test("can be taken at any moment of a rollout that goes on", () => {
    const following = followPicture();
    expect(following.picture()).toBeNull();
    for (const [index, told] of scenario("incident").entries()) {
      following.observe(told);
      if (index % 20 !== 0) continue;
      const nowMs = Date.parse(told.record.at) + 1_000;
      const drawn = following.picture({ nowMs });
      expect(drawn?.head.records).toBe(index + 1);
      expect(page(drawn!)).toContain("</html>");
    }
  });

  test("takes a few thousand characters for each instance, not more", () => {
    const told = madeUpRollout({ itinerary: bigFleet(2, 40), perform: goodCourse });
    const text = page(pictureOf(told.map(({ record }) => record))!);
    expect(text.length / 80).toBeLessThan(8_000);
  });
});

/** Whatever can't be seen, but for newlines and tabs. */
const hidden = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
