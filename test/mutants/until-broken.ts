import { parseArgs } from "node:util";
import { seedsThatFailed } from "../simulation/seeds.ts";
import { simulateSeed } from "../simulation/simulate-seed.ts";

// Simulated rollouts, one seed after the other, until the first that breaks an invariant. Run inside
// the copy that a fault was planted in.

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "300" },
  },
});
const from = Number(values.from);
const seeds = [
  ...(from === 1 ? seedsThatFailed.map(([seed]) => seed) : []),
  ...Array.from({ length: Number(values.seeds) }, (_, index) => from + index),
];
for (const seed of seeds) {
  const { broken } = await simulateSeed(seed);
  if (broken.length === 0) continue;
  console.log(`seed ${seed}: ${broken[0]}`);
  process.exit(1);
}
