import type { JournalRecord } from "../src/ports/journal.ts";
import { followRollout } from "../src/serve/followed-rollout.ts";
import { liveSource } from "../src/serve/live-source.ts";
import { startBrowser } from "../test/support/browser.ts";
import { liveWorld } from "../test/support/live-world.ts";
import { bigFleet, goodCourse } from "../test/views/support/alma.ts";
import { madeUpRollout } from "../test/views/support/made-up-rollout.ts";

/**
 * What following a large rollout costs: to draw it anew after some records, how much of it is sent, and
 * what a browser takes to show that. `node bench/live-page.ts [REGIONS] [INSTANCES-EACH]`; 10 regions of
 * 100 without them.
 */
const regions = Number(process.argv[2] ?? 10);
const each = Number(process.argv[3] ?? 100);
const rounds = 12;

const itinerary = bigFleet(regions, each);
const told = madeUpRollout({ itinerary, perform: goodCourse, recordsMax: 1_000_000 });
const records = told.map(({ record }) => record);
// The first part stands in the journal when it is opened; the rest comes while it is looked at.
const standing = Math.floor(records.length * 0.5);
const step = 40;

let version = 0;
const served: JournalRecord[] = records.slice(0, standing);
const source = liveSource({
  look: followRollout({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    journals: {
      holders: () => Promise.resolve([]),
      read: (_: string, after: number) => Promise.resolve(served.slice(after)),
      waiting: () => Promise.resolve([]),
    } as never,
    id: itinerary.rollout,
    words: () => ({}),
    secrets: () => ({}),
    nowMs: () => Date.parse(served.at(-1)!.at),
    offers: null,
  }),
  pollMs: 0,
  version: () => (version += 1),
  explain: String,
});

const firstMs = await timed(async () => {
  await source.now();
});
say(`${regions * each} instances, ${standing} records: drawn first in ${firstMs.toFixed(0)} ms`);
const took: number[] = [];
const sent: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const have = version;
  served.push(...records.slice(served.length, served.length + step));
  let bytes = 0;
  took.push(
    await timed(async () => {
      const { parts } = await source.now();
      for (const part of parts) if (part.since > have) bytes += part.html.length;
    }),
  );
  sent.push(bytes);
}
say(
  `${step} records more: drawn in ${median(took).toFixed(0)} ms, ${kib(median(sent))} KiB changed`,
);

await using world = await liveWorld(records.slice(0, standing + rounds * step));
let written = 0;
await world.goOn(() => (written += 1) === standing);
const browser = await startBrowser();
try {
  const page = await browser.newPage();
  await page.goto(world.server.address);
  await page.getByRole("link", { name: world.rollout }).click();
  await page.locator(".outcome").waitFor();
  await page.evaluate(
    `globalThis.slow = []; new PerformanceObserver((list) => slow.push(...list.getEntries().map((it) => it.duration))).observe({ type: "longtask" })`,
  );
  await world.goOn(() => (written += 1) === standing + rounds * step);
  await page.waitForTimeout(8_000);
  const slow: number[] = JSON.parse(String(await page.evaluate("JSON.stringify(slow)")));
  say(
    `in the browser: ${slow.length} times busy for more than 50 ms, at most ${Math.max(0, ...slow).toFixed(0)} ms`,
  );
} finally {
  await browser.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
}

function kib(bytes: number): string {
  return (bytes / 1_024).toFixed(0);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
