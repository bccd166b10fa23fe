import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fix, fixesOf, planOf } from "../support/fixes.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-fixes-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What the static review says of a fix: severity and name of each finding. */
async function reviewed(fix: Fix): Promise<string[]> {
  const { findings } = await planOf(fix, folder);
  return findings.map(({ severity, id }) => `${severity} ${id}`);
}

const harmful = await fixesOf("harmful");
const harmless = await fixesOf("harmless");

describe("a harmful fix", () => {
  test.each(harmful)("$name", async (fix) => {
    const says = await reviewed(fix);
    expect(says).toEqual(fix.says);
    const isSeen = says.some((word) => /^(breaks|warns) /.test(word));
    expect(isSeen || fix.needs !== undefined, "seen, or known to need a rehearsal").toBe(true);
    expect(fix.rehearsed === undefined, "what needs a rehearsal says what that must find").toBe(
      fix.needs === undefined,
    );
    expect(isSeen && fix.needs !== undefined, "what is seen needs no rehearsal for it").toBe(false);
  });
});

describe("a harmless fix", () => {
  test.each(harmless)("$name", async (fix) => {
    const says = await reviewed(fix);
    expect(says).toEqual(fix.says);
    expect(says.filter((word) => word.startsWith("breaks"))).toEqual([]);
  });
});

test("the corpus is large enough to mean something", () => {
  expect(harmful.length).toBeGreaterThanOrEqual(30);
  expect(harmless.length).toBeGreaterThanOrEqual(30);
});
