import { expect, test } from "vitest";
import type { Change } from "../../../src/core/effects.ts";
import { lateFinding, stillMissing } from "../../../src/core/verdict/regenerate.ts";
import { change, changeOf, entry, folder } from "./made-up.ts";

const work = "/srv/app/tmp/work";
const awaiting = {
  path: "/srv/app/tmp",
  withinMs: 60_000,
  recover: ["restore"],
  missing: [work, `${work}/a`],
};

const table: readonly [string, readonly Change[], readonly string[]][] = [
  ["all is as before", [], []],
  [
    "nothing came",
    [change(work, folder(), null), changeOf("deleted", `${work}/a`)],
    [work, `${work}/a`],
  ],
  [
    "the folder came back, as another inode",
    [change(work, folder(), folder({ inode: "9" })), changeOf("deleted", `${work}/a`)],
    [`${work}/a`],
  ],
  ["back with other content", [changeOf("content", `${work}/a`)], []],
  ["a link came in its place", [change(work, folder(), entry({ type: "link" }))], [work]],
  ["something that was not missed went since", [changeOf("deleted", "/srv/app/tmp/session")], []],
];

test.each(table)("what is still missing when %s", (_name, changes, expected) => {
  expect(stillMissing(awaiting, { changes, total: changes.length })).toEqual(expected);
});

test("a list that was cut short can't show that anything came back", () => {
  const changes = [change(work, folder(), folder({ inode: "9" }))];
  expect(stillMissing(awaiting, { changes, total: 2 })).toEqual([`${work}/a`]);
});

test("the finding says what did not come back, and how long it was waited for", () => {
  const changes = [change(work, folder(), null), changeOf("deleted", `${work}/a`)];
  const look = { changes, total: 2 };
  const finding = lateFinding(awaiting, stillMissing(awaiting, look), look);
  expect(finding).toMatchObject({
    code: "REGENERATION_LATE",
    count: 2,
    message:
      "2 paths (1 file, 1 folder) below /srv/app/tmp did not come back within 1m, as policy regenerates asks",
  });
  expect(finding.examples.map(({ path }) => path)).toEqual([work, `${work}/a`]);
});
