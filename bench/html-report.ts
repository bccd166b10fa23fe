import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import type { JournalRecord } from "../src/ports/journal.ts";
import { page as html } from "../src/views/html/page.ts";
import { pictureOf } from "../src/views/picture/picture-of.ts";
import { startBrowser } from "../test/support/browser.ts";
import { bigFleet, goodCourse } from "../test/views/support/alma.ts";
import { madeUpRollout } from "../test/views/support/made-up-rollout.ts";

/**
 * How long a browser takes to open the report of a large rollout, beside one of a small one.
 * `node bench/html-report.ts [REGIONS] [INSTANCES-EACH]`; 10 regions of 100 without them. The time is
 * until the page is loaded and painted; the ratio is what to compare between machines.
 */
const regions = Number(process.argv[2] ?? 10);
const each = Number(process.argv[3] ?? 100);
const rounds = 7;

const folder = await mkdtemp(join(tmpdir(), "handrail-bench-"));
const browser = await startBrowser();
try {
  const small = await written("small.html", recordsOf(4, 3));
  const large = await written("large.html", recordsOf(regions, each));
  const took: { small: number[]; large: number[] } = { small: [], large: [] };
  // In turns, so that what else the machine does falls on both alike.
  for (let round = 0; round < rounds; round += 1) {
    took.small.push(await opened(browser, small));
    took.large.push(await opened(browser, large));
  }
  const [few, many] = [median(took.small), median(took.large)];
  say(`12 instances opened in ${few.toFixed(0)} ms (median of ${rounds})`);
  say(
    `${regions * each} instances opened in ${many.toFixed(0)} ms, ${(many / few).toFixed(1)} times as long`,
  );
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}

function recordsOf(count: number, size: number): readonly JournalRecord[] {
  const itinerary = bigFleet(count, size);
  const told = madeUpRollout({ itinerary, perform: goodCourse, recordsMax: 1_000_000 });
  return told.map(({ record }) => record);
}

/** Address of the report that was written; says what it took. */
async function written(name: string, records: readonly JournalRecord[]): Promise<string> {
  const beganMs = performance.now();
  const picture = pictureOf(records);
  if (picture === null) throw new Error("these records have no beginning");
  const drawnMs = performance.now();
  const text = html(picture);
  const doneMs = performance.now();
  const path = join(folder, name);
  await writeFile(path, text);
  const { instances } = picture.head;
  say(
    `${instances} instances, ${records.length} records: picture ${(drawnMs - beganMs).toFixed(0)} ms, page ${(doneMs - drawnMs).toFixed(0)} ms, ${(text.length / 1e6).toFixed(2)} MB, ${(text.length / instances / 1e3).toFixed(1)} kB each`,
  );
  return pathToFileURL(path).href;
}

/** Milliseconds until everything of it is loaded, laid out and painted. */
async function opened(by: Browser, address: string): Promise<number> {
  const page = await by.newPage();
  const beganMs = performance.now();
  await page.goto(address);
  // The second frame begins when the first one was painted.
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
  );
  const tookMs = performance.now() - beganMs;
  await page.close();
  return tookMs;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
