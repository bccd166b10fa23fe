import { parseArgs } from "node:util";
import { raceConfirmAgainstFire } from "../host/support/confirm-race.ts";
import { present } from "../host/support/shell-hosts.ts";

// node test/soak/confirm-against-fire.ts --rounds 1000 [--seed 1] [--lanes N]   see README.md

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "3" },
  },
});

const lanes = Number(values.lanes);
const rounds = Math.ceil(Number(values.rounds) / lanes);
let wrongs = 0;
for (const userland of present) {
  const startedMs = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      raceConfirmAgainstFire({ userland, rounds, seed: Number(values.seed) + lane }),
    ),
  );
  const wrong = outcomes.flatMap((outcome) => outcome.wrong);
  const sum = (of: "rounds" | "confirmed" | "fired") =>
    outcomes.reduce((total, outcome) => total + outcome[of], 0);
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(
    `${userland.name}: ${sum("rounds")} rounds, ${sum("confirmed")} confirmed, ${sum("fired")} fired, ${wrong.length} wrong, ${minutes} minutes`,
  );
  for (const sentence of wrong) console.log(`    ${sentence}`);
  wrongs += wrong.length;
}
process.exitCode = wrongs > 0 ? 1 : 0;
