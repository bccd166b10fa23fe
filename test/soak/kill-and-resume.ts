import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import {
  type KilledRound,
  type Round,
  runKilled,
  runUndisturbed,
  type Undisturbed,
} from "../support/killed-round.ts";
import { runLapsed } from "../support/lapsed-round.ts";
import { fleetAddresses } from "../support/real-fleet.ts";
import { differences } from "../support/rollout-ending.ts";
import { startSshd } from "../support/sshd.ts";
import type { Variant } from "../support/warm-plan.ts";

// node test/soak/kill-and-resume.ts --rounds 200 [--seed 1] [--lanes N]   see README.md

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: String(availableParallelism()) },
  },
});

const rounds = Number(values.rounds);
const firstSeed = Number(values.seed);
const variants: readonly Variant[] = ["sealed", "halted", "all-back"];
const vias = ["openssh", "ssh2"] as const;
const kinds = variants.flatMap((variant) => vias.map((via) => ({ variant, via })));

const startedMs = performance.now();
const undisturbed = kinds.map(() => Promise.withResolvers<Undisturbed>());
let nextKind = 0;
let nextRound = 0;
const count = { rounds: 0, kills: 0, differing: 0, litter: 0 };
await Promise.all(Array.from({ length: Number(values.lanes) }, () => lane()));
const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(
  `${count.rounds} rounds from seed ${firstSeed}, ${count.kills} kills, ${count.differing} that differ, ${minutes} minutes; ${count.litter} temp folders of killed controllers left`,
);
process.exitCode = count.differing > 0 ? 1 : 0;

/** One after the other against a server of its own, so that sessions tell whose they are. */
async function lane(): Promise<void> {
  await using sshd = await startSshd({ addresses: fleetAddresses });
  while (nextKind < kinds.length) {
    const index = nextKind++;
    const round: Round = { ...kinds[index]!, sshd };
    const [first, second] = [await runUndisturbed(round), await runUndisturbed(round)];
    const apart = differences(first.ending, second.ending);
    if (apart.length > 0)
      throw new Error(
        `two undisturbed rollouts differ, so nothing is proved:\n${apart.join("\n")}`,
      );
    console.log(
      `undisturbed: ${nameOf(round)}, exit ${first.exit}, ${Math.round(first.tookMs)} ms`,
    );
    undisturbed[index]!.resolve(first);
  }
  while (nextRound < rounds) {
    const seed = firstSeed + nextRound++;
    // The last turn is for a controller that is silent for longer than its lease.
    const turn = seed % (kinds.length + 1);
    const index = turn < kinds.length ? turn : seed % vias.length;
    const order = { ...kinds[index]!, sshd, seed, undisturbed: await undisturbed[index]!.promise };
    const lapsed = turn === kinds.length;
    const killed = await (lapsed ? runLapsed(order) : runKilled(order));
    tell(seed, lapsed ? `lapsed via ${order.via}` : nameOf(order), killed);
  }
}

function tell(seed: number, name: string, killed: KilledRound): void {
  count.rounds += 1;
  count.kills += killed.kills.length;
  count.litter += killed.litter;
  if (count.rounds % 20 === 0)
    console.log(`${count.rounds} rounds, ${count.differing} that differ`);
  if (killed.differences.length === 0) return;
  count.differing += 1;
  console.log(`seed ${seed} differs: ${name}, ${killed.folder}`);
  for (const line of [...killed.kills, ...killed.differences]) console.log(`    ${line}`);
}

function nameOf({ variant, via }: Pick<Round, "variant" | "via">): string {
  return `${variant} via ${via}`;
}
