import { parseArgs } from "node:util";
import { simulateSeed } from "./simulate-seed.ts";

// npm run simulate -- --seeds 10000 [--from 1]   many seeds, and a summary
// npm run simulate -- --seed 947                 one seed as a story

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

if (values.seed !== undefined) await tellStory(Number(values.seed));
else await runMany(Number(values.from), Number(values.seeds));

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

async function runMany(from: number, count: number): Promise<void> {
  const startedMs = performance.now();
  const outcomes: Record<string, number> = {};
  let crashes = 0;
  let failures = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulateSeed(seed);
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    crashes += result.crashes;
    if (result.broken.length === 0) continue;
    failures += 1;
    if (failures <= 10) console.log(`seed ${seed}: ${result.broken.slice(0, 3).join("; ")}`);
  }
  const minutes = (performance.now() - startedMs) / 60_000;
  console.log(
    `${count} seeds, ${crashes} crashes, ${JSON.stringify(outcomes)}, ${Math.round(count / minutes)} seeds a minute, ${failures} with a broken invariant`,
  );
  if (failures > 0) process.exitCode = 1;
}
