import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Drawn, type LiveSource, liveSource } from "../../src/serve/live-source.ts";

/** A world that a test changes by hand, and how often it was looked at. */
function world(first: readonly (readonly [string, string])[]) {
  const it = { parts: first, changed: true, fails: false, looks: 0, version: 0 };
  const look = (): Promise<Drawn | null> => {
    it.looks += 1;
    if (it.fails) return Promise.reject(new Error("the disk is gone"));
    if (!it.changed) return Promise.resolve(null);
    it.changed = false;
    return Promise.resolve({
      title: "t",
      says: "s",
      urgent: false,
      lastAt: null,
      parts: it.parts,
    });
  };
  const source: LiveSource = liveSource({
    look,
    pollMs: 2,
    version: () => (it.version += 1),
    explain: String,
  });
  const change = (parts: readonly (readonly [string, string])[]): void => {
    it.parts = parts;
    it.changed = true;
  };
  return { it, source, change };
}

const never = new AbortController().signal;

describe("a live source", () => {
  test("tells which parts have changed since", async () => {
    const { source, change } = world([
      ["a", "1"],
      ["b", "1"],
    ]);
    const first = await source.now();
    const next = source.next(first.version, never);
    change([
      ["a", "1"],
      ["b", "2"],
    ]);
    const second = await next;
    expect(second?.parts.map(({ id, since }) => [id, since > first.version])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  test("gives what it has at once to who is behind", async () => {
    const { source } = world([["a", "1"]]);
    await source.now();
    expect((await source.next(0, never))?.parts).toHaveLength(1);
  });

  test("looks once for all who wait, and not at all while nobody does", async () => {
    const { it, source, change } = world([["a", "1"]]);
    const { version } = await source.now();
    const all = Array.from({ length: 50 }, () => source.next(version, never));
    expect(source.isWatched).toBe(true);
    change([["a", "2"]]);
    const shots = await Promise.all(all);
    expect(new Set(shots).size).toBe(1);
    expect(source.isWatched).toBe(false);
    await sleep(10);
    const { looks } = it;
    await sleep(30);
    expect(it.looks).toBe(looks);
  });

  test("whoever leaves is not waited for", async () => {
    const { source } = world([["a", "1"]]);
    const { version } = await source.now();
    const gone = new AbortController();
    const next = source.next(version, gone.signal);
    gone.abort();
    expect(await next).toBe(null);
    expect(source.isWatched).toBe(false);
  });

  test("says that it can't look, once, and that it can again", async () => {
    const { it, source } = world([["a", "1"]]);
    const { version } = await source.now();
    it.fails = true;
    const troubled = await source.next(version, never);
    expect(troubled).toMatchObject({ trouble: "Error: the disk is gone", parts: [{ html: "1" }] });
    const next = source.next(troubled!.version, never);
    await sleep(20);
    it.fails = false;
    expect(await next).toMatchObject({ trouble: null, version: troubled!.version + 1 });
  });

  test("of which nothing is known yet tells why", async () => {
    const { it, source } = world([["a", "1"]]);
    it.fails = true;
    await expect(source.now()).rejects.toThrow("the disk is gone");
    it.fails = false;
    expect((await source.now()).parts).toHaveLength(1);
  });
});
