import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Remembered } from "../../src/core/rehearsal/remembered.ts";
import { recallRehearsals, rememberRehearsals } from "../../src/journals/rehearsal-files.ts";
import { removeFolder } from "../support/remove-folder.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-rehearsals-"));
});
afterEach(() => removeFolder(folder));

const digest = "a".repeat(64);

function found(instance: string, at: string, of = digest): Remembered {
  const time = `2026-11-28T${at}:00.000Z`;
  return {
    handrail: 1,
    kind: "rehearsal",
    digest: of,
    instance,
    host: instance,
    at: time,
    network: false,
    steps: [],
  };
}

test("what was rehearsed is recalled for that digest alone, oldest first, and only the newest of a host", async () => {
  const state = join(folder, "state");
  await rememberRehearsals(state, [found("a", "10:00"), found("../b\n", "09:00")]);
  await rememberRehearsals(state, [found("a", "11:00"), found("c", "08:00", "b".repeat(64))]);
  const recalled = await recallRehearsals(state, digest);
  expect(recalled.found.map(({ instance, at }) => [instance, at.slice(11, 16)])).toEqual([
    ["../b\n", "09:00"],
    ["a", "11:00"],
  ]);
  expect(recalled.unreadable).toBe(0);
  const kept = join(state, "rehearsals", digest);
  for (const name of await readdir(kept))
    expect((await stat(join(kept, name))).mode & 0o777).toBe(0o600);
});

test("two rehearsals at the same time lose nothing of each other", async () => {
  const names = Array.from({ length: 20 }, (_, at) => `i${at}`);
  await Promise.all(names.map((name) => rememberRehearsals(folder, [found(name, "10:00")])));
  const recalled = await recallRehearsals(folder, digest);
  expect(recalled.found.map(({ instance }) => instance).toSorted()).toEqual(names.toSorted());
});

test("looking makes nothing, and nothing found makes nothing either", async () => {
  const state = join(folder, "state");
  expect(await recallRehearsals(state, digest)).toEqual({ found: [], unreadable: 0 });
  await rememberRehearsals(state, []);
  expect(existsSync(state)).toBe(false);
});

test("a file that is damaged, huge or of another plan is counted, and not believed", async () => {
  const kept = join(folder, "rehearsals", digest);
  await rememberRehearsals(folder, [found("a", "10:00")]);
  await writeFile(join(kept, "torn.json"), `{"handrail":1,`);
  await writeFile(join(kept, "huge.json"), " ".repeat(2 * 1024 * 1024));
  await writeFile(join(kept, "moved.json"), JSON.stringify(found("b", "10:00", "b".repeat(64))));
  const recalled = await recallRehearsals(folder, digest);
  expect([recalled.found.length, recalled.unreadable]).toEqual([1, 3]);
});

const digestOf = (at: number): string => at.toString(16).padStart(64, "0");

test("the plans that were rehearsed longest ago are forgotten", async () => {
  for (let at = 0; at < 20; at += 1) {
    await mkdir(join(folder, "rehearsals", digestOf(at)), { recursive: true });
    await utimes(join(folder, "rehearsals", digestOf(at)), 1_000 + at, 1_000 + at);
  }
  await rememberRehearsals(folder, [found("a", "10:00")]);
  const left = await readdir(join(folder, "rehearsals"));
  expect([left.length, left.includes(digest), left.includes(digestOf(0))]).toEqual([
    20,
    true,
    false,
  ]);
});

test("a state folder that everybody may write to is refused", async () => {
  await chmod(folder, 0o777);
  await expect(rememberRehearsals(folder, [found("a", "10:00")])).rejects.toMatchObject({
    failure: { code: "STATE_UNUSABLE" },
  });
});
