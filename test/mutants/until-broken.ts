import { parseArgs } from "node:util";
import { seedsThatFailed } from "../simulation/seeds.ts";
import { simulateSeed } from "../simulation/simulate-seed.ts";

// Simulated rollouts, one seed after the other, until the first that breaks an invariant. Run inside
// the copy that a fault was planted in.

const { values } = parseArgs({ options: { seeds: { type: "string", default: "300" } } });
const seeds = [
  ...seedsThatFailed.map(([seed]) => seed),
  ...Array.from({ length: Number(values.seeds) }, (_, index) => index + 1),
];
for (const seed of seeds) {
  const { broken } = await simulateSeed(seed);
  if (broken.length === 0) continue;
  console.log(`seed ${seed}: ${broken[0]}`);
  process.exit(1);
}
