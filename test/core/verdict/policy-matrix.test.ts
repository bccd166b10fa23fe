import { describe, expect, test } from "vitest";
import { effectClasses } from "../../../src/core/verdict/classify.ts";
import { judge } from "../../../src/core/verdict/judge.ts";
import { differsFromBefore } from "../../../src/core/verdict/leftovers.ts";
import {
  restoreRules,
  type RestoreReason,
  takenBack,
} from "../../../src/core/verdict/restore-rules.ts";
import { changeOf, protectedBy, policyNames } from "./made-up.ts";

// Rows: what happened to a file. Columns: who decides about it. Cells: what the verdict says, then
// whether a rollback takes it back (-: it stays), then whether a rollback that left it is verified.
const matrix = `
 what          | keep            | keep-content    | regenerates     | may-change     | own-write
 deleted       | broken back bad | broken back bad | awaits back bad | kept   -    ok | kept   back bad
 type-changed  | broken back bad | broken back bad | awaits back bad | kept   -    ok | kept   back bad
 content       | kept   -    ok  | broken back bad | kept   -    ok  | kept   -    ok | kept   back bad
 metadata      | kept   -    ok  | broken back bad | kept   -    ok  | kept   -    ok | kept   back bad
 created       | kept   -    ok  | kept   -    ok  | kept   -    ok  | kept   -    ok | kept   back bad
 replaced      | kept   -    ok  | kept   -    ok  | kept   -    ok  | kept   -    ok | kept   -    ok
 touched       | kept   -    ok  | kept   -    ok  | kept   -    ok  | kept   -    ok | kept   -    ok
`;

const path = "/srv/app/tmp/session";
const lines = matrix
  .trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));
const columns = lines[0]!.slice(1);
const cells = lines.slice(1).flatMap(([name, ...row]) =>
  row.map((cell, at) => {
    const [says, back, leftover] = cell.split(/\s+/);
    const kind = effectClasses.find((known) => known === name)!;
    return { kind, by: columns[at]!, says, back, leftover };
  }),
);

test("the matrix has every class under every policy", () => {
  expect(cells).toHaveLength(7 * 5);
});

function treesFor(by: string) {
  if (by === "own-write") return { protect: [protectedBy("keep-content")], writes: [path] };
  const name = policyNames.find((known) => known === by)!;
  return { protect: [protectedBy(name)], writes: [] };
}

describe.each(cells)("$kind under $by", ({ kind, by, says, back, leftover }) => {
  const changes = [changeOf(kind, path)];
  const trees = treesFor(by);

  test(`the verdict is ${says}`, () => {
    const { verdict, awaiting } = judge({ changes, total: 1, ...trees, allow: [] });
    const said = awaiting.length > 0 ? "awaits" : verdict.is;
    expect(said).toBe(says);
    expect(verdict.findings).toHaveLength(says === "broken" ? 1 : 0);
    expect(verdict.counts).toEqual({ [kind]: 1 });
  });

  test.each<RestoreReason>(["rollback", "rewind"])(`a %s has it ${back}`, (reason) => {
    const rule = restoreRules(trees, reason).findLast((it) => path.startsWith(it.path));
    expect(takenBack(rule!.how).includes(kind) ? "back" : "-").toBe(back);
  });

  test("a recovery brings back what a regenerates path lost, and nothing else", () => {
    const rule = restoreRules(trees, "recovery").findLast((it) => path.startsWith(it.path));
    const brings = by === "regenerates" && back !== "-" ? "back" : "-";
    expect(takenBack(rule!.how).includes(kind) ? "back" : "-").toBe(brings);
  });

  test(`left so after a rollback, it is ${leftover}`, () => {
    const findings = differsFromBefore({ changes, total: 1, ...trees });
    expect(findings).toHaveLength(leftover === "bad" ? 1 : 0);
  });
});

test("what no tree covers is counted and decides nothing", () => {
  const changes = [changeOf("deleted", "/srv/elsewhere")];
  const trees = { protect: [protectedBy("keep")], writes: ["/srv/app/lib"] };
  const { verdict } = judge({ changes, total: 1, ...trees, allow: [] });
  expect(verdict).toEqual({ is: "kept", findings: [], counts: { deleted: 1 }, remarks: [] });
  expect(restoreRules(trees, "rollback").map((rule) => rule.path)).not.toContain("/srv/elsewhere");
  expect(differsFromBefore({ changes, total: 1, ...trees })).toEqual([]);
});
