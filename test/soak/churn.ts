// A minute of churn: `node test/soak/churn.ts [--steps 200] [--per-second 20] [--seed 1]`. Twenty files a
// second come and go in a protected tree while 200 harmless steps run on it, with each kind of harm five
// times between them; then the same with the tree closed to the steps. See README.md.
import { parseArgs } from "node:util";
import { begin, churn, settle, walk, type Walk } from "../host/support/in-churn.ts";
import { clock, dash, isRoot, ShellHost } from "../host/support/shell-hosts.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "200" },
    "per-second": { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
const harmlessSteps = Number(values.steps);
const perSecond = Number(values["per-second"]);

async function minute(prevent: boolean): Promise<Walk> {
  await using host = await ShellHost.start(dash);
  settle(host);
  await using _ = await churn(host, { perSecond, seed: Number(values.seed) });
  await clock.sleep(2_000);
  const guard = await begin(host, 3_000);
  const begun = performance.now();
  const walked = await walk(guard, host, { harmlessSteps, rounds: 5, prevent });
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const how = prevent ? "closed to the steps" : "open";
  process.stdout.write(
    `tree ${how}: ${walked.steps} steps in ${seconds} s, ${walked.churned} deletions told from harm, ${walked.blamed.length} false alarms, ${walked.missed.length} missed\n`,
  );
  for (const line of [...walked.blamed, ...walked.missed]) process.stdout.write(`  ${line}\n`);
  return walked;
}

const walks = [await minute(false)];
if (isRoot) walks.push(await minute(true));
else process.stdout.write("tree closed to the steps: skipped, because this needs root\n");
if (walks.some(({ blamed, missed }) => blamed.length + missed.length > 0)) process.exitCode = 1;
