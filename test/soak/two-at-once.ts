import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { applyTwice, type DoubleApply } from "../support/double-apply.ts";
import { fleetAddresses } from "../support/real-fleet.ts";
import { startSshd } from "../support/sshd.ts";

// node test/soak/two-at-once.ts --tries 200 [--seed 1] [--lanes N]   see README.md

const { values } = parseArgs({
  options: {
    tries: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: String(availableParallelism()) },
  },
});

const tries = Number(values.tries);
const firstSeed = Number(values.seed);
const startedMs = performance.now();
let next = 0;
let wrongTries = 0;
await using sshd = await startSshd({ addresses: fleetAddresses });
await Promise.all(Array.from({ length: Number(values.lanes) }, () => lane()));
const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(`${tries} tries from seed ${firstSeed}, ${wrongTries} wrong, ${minutes} minutes`);
process.exitCode = wrongTries > 0 ? 1 : 0;

async function lane(): Promise<void> {
  while (next < tries) {
    const order = orderOf(firstSeed + next++);
    const { apartMs, wrong, folder } = await applyTwice(order);
    if (wrong.length === 0) continue;
    wrongTries += 1;
    const { seed, via, states, atOnce } = order;
    console.log(
      `seed ${seed} is wrong: via ${via}, ${states} state folders, ${atOnce} at once, ${apartMs} ms apart, ${folder}`,
    );
    for (const sentence of wrong) console.log(`    ${sentence}`);
  }
}

function orderOf(seed: number): DoubleApply {
  const via = seed % 5 === 0 ? "openssh" : "local";
  const states = seed % 2 === 0 ? 2 : 1;
  const atOnce = seed % 4 < 2 ? 1 : 2;
  return { seed, via, sshd: via === "local" ? null : sshd, states, atOnce };
}
