import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type SeedResult, simulateSeed } from "./simulate-seed.ts";

// npm run simulate -- --seeds 10000 [--from 1] [--lanes N]   many seeds, and a summary
// npm run simulate -- --seed 947                             one seed as a story

/** Every lane takes its share of the seeds, in a thread of its own. */
interface Lane {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

interface Tally {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly broken: readonly (readonly [seed: number, sentences: readonly string[]])[];
}

if (isMainThread) await main();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
else parentPort?.postMessage(await runLane(workerData));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      lanes: { type: "string", default: String(availableParallelism()) },
    },
  });
  if (values.seed !== undefined) return tellStory(Number(values.seed));
  const from = Number(values.from);
  await runMany({ from, to: from + Number(values.seeds), stride: Number(values.lanes) });
}

async function tellStory(seed: number): Promise<void> {
  const result = await simulateSeed(seed);
  result.events.forEach((event, index) => {
    if (event.kind === "opened") return;
    console.log(`${String(index + 1).padStart(4)}  ${JSON.stringify(event).slice(0, 220)}`);
  });
  console.log(`${result.outcome}, ${result.crashes} crashes, ${result.records} records`);
  for (const sentence of result.broken) console.log(`BROKEN ${sentence}`);
  if (result.broken.length > 0) process.exitCode = 1;
}

async function runMany({ from, to, stride }: Lane): Promise<void> {
  const startedMs = performance.now();
  const lanes = Array.from({ length: stride }, (_, at): Lane => ({ from: from + at, to, stride }));
  const tallies = await Promise.all(lanes.length === 1 ? lanes.map(runLane) : lanes.map(inThread));
  const outcomes: Record<string, number> = {};
  for (const tally of tallies)
    for (const [outcome, count] of Object.entries(tally.outcomes))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  const crashes = tallies.reduce((sum, tally) => sum + tally.crashes, 0);
  const broken = tallies.flatMap((tally) => tally.broken).toSorted(([a], [b]) => a - b);
  for (const [seed, sentences] of broken)
    console.log(`seed ${seed}: ${sentences.slice(0, 3).join("; ")}`);
  const minutes = (performance.now() - startedMs) / 60_000;
  console.log(
    `${to - from} seeds, ${crashes} crashes, ${JSON.stringify(outcomes)}, ${Math.round((to - from) / minutes)} seeds a minute, ${broken.length} with a broken invariant`,
  );
  if (broken.length > 0) process.exitCode = 1;
}

function inThread(lane: Lane): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: lane });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function runLane({ from, to, stride }: Lane): Promise<Tally> {
  const outcomes: Record<string, number> = {};
  const broken: [number, readonly string[]][] = [];
  let crashes = 0;
  for (let seed = from; seed < to; seed += stride) {
    const result: SeedResult = await simulateSeed(seed);
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    crashes += result.crashes;
    if (result.broken.length > 0) broken.push([seed, result.broken]);
  }
  return { outcomes, crashes, broken };
}
