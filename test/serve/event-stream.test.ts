import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventStream, type StreamOptions } from "../../src/serve/event-stream.ts";
import { liveSource } from "../../src/serve/live-source.ts";

function counting() {
  const it = { count: 0, version: 0, said: -1 };
  const source = liveSource({
    look: () => {
      if (it.said === it.count) return Promise.resolve(null);
      it.said = it.count;
      const html = String(it.count);
      return Promise.resolve({
        title: "t",
        says: "s",
        urgent: false,
        lastAt: null,
        parts: [
          ["still", "same"],
          ["count", html],
        ],
      });
    },
    pollMs: 2,
    version: () => (it.version += 1),
    explain: String,
  });
  return { it, source };
}

function open(more: Partial<StreamOptions> & Pick<StreamOptions, "source">) {
  const ending = new AbortController();
  const ended = { times: 0, dropped: 0 };
  const stream = eventStream({
    have: 0,
    ending: ending.signal,
    nowMs: () => 1_767_225_600_000,
    beatMs: 60_000,
    stuckMs: 60_000,
    drop: () => (ended.dropped += 1),
    onEnd: () => (ended.times += 1),
    ...more,
  });
  const reader = stream.getReader();
  const read = async (): Promise<string> => {
    const { value, done } = await reader.read();
    return done ? "(end)" : new TextDecoder().decode(value);
  };
  return { ending, ended, reader, read };
}

const partsOf = (text: string): unknown => JSON.parse(/^data: (.*)$/m.exec(text)![1]!).parts;

describe("the events of one viewer", () => {
  test("begin with all that the page does not show yet, then only what changes", async () => {
    const { it, source } = counting();
    const { version } = await source.now();
    const fresh = open({ source });
    expect(await fresh.read()).toBe("retry: 2000\n\n");
    const first = await fresh.read();
    expect(partsOf(first)).toEqual({ still: "same", count: "0" });
    // The page counts down by the server's clock.
    expect(first).toContain('"now":1767225600000');
    const shown = open({ source, have: version });
    await shown.read();
    it.count = 1;
    expect(partsOf(await shown.read())).toEqual({ count: "1" });
    await Promise.all([fresh.reader.cancel(), shown.reader.cancel()]);
    expect([fresh.ended.times, shown.ended.times]).toEqual([1, 1]);
    expect(source.isWatched).toBe(false);
  });

  test("of a slow line skip what is old: it gets the newest state, and nothing is queued", async () => {
    const { it, source } = counting();
    await source.now();
    const slow = open({ source });
    await slow.read();
    await slow.read();
    for (it.count = 1; it.count < 30; it.count += 1) await source.now();
    await source.now();
    expect(partsOf(await slow.read())).toEqual({ count: "30" });
    await slow.reader.cancel();
  });

  test("of a reader that takes nothing any more end, and free their place", async () => {
    const { source } = counting();
    await source.now();
    const stuck = open({ source, stuckMs: 20 });
    await stuck.read();
    await stuck.read();
    while (stuck.ended.dropped === 0) await sleep(5);
    expect(stuck.ended).toEqual({ times: 1, dropped: 1 });
  });

  test("of a quiet rollout beat, so that a dead line is noticed", async () => {
    const { source } = counting();
    const { version } = await source.now();
    const quiet = open({ source, have: version, beatMs: 10 });
    await quiet.read();
    const beat = 'event: beat\ndata: {"now":1767225600000}\n\n';
    expect([await quiet.read(), await quiet.read()]).toEqual([beat, beat]);
    await quiet.reader.cancel();
  });

  test("say goodbye when the server ends", async () => {
    const { source } = counting();
    const { version } = await source.now();
    const last = open({ source, have: version });
    await last.read();
    const next = last.read();
    last.ending.abort();
    expect(await next).toBe("event: bye\ndata: {}\n\n");
    expect(await last.read()).toBe("(end)");
    expect(last.ended.times).toBe(1);
  });
});
