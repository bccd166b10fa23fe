import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brainMutants } from "./brain.ts";
import { allChecks, checksFor, firstRed, type Red } from "./checks.ts";
import { generate } from "./generated.ts";
import { lateMutants } from "./late.ts";
import { plant } from "./planted.ts";
import { runnerMutants } from "./runner.ts";
import { verdictMutants } from "./verdict.ts";

// node test/mutants/run.ts [--sample 40] [--seed 1] [--lanes 1] [--match TEXT]
// Plants one fault after another into a copy of this checkout, and says which check sees it.

const { values } = parseArgs({
  options: {
    /** How many generated faults; 0 for the hand-written ones alone. */
    sample: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "1" },
    /** Only hand-written faults with this in their names or files. */
    match: { type: "string", default: "" },
  },
});

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly byHand: boolean;
  readonly survives: string | null;
}

interface Told {
  readonly mutant: Mutant;
  readonly red: Red | null;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Of the hand-written faults at least this share must be seen. */
const caughtMin = 0.95;

const stale: string[] = [];
const generated = generate(root, { sample: Number(values.sample), seed: Number(values.seed) });
const mutants = [
  ...(await handWritten()),
  ...generated.drawn.map((it): Mutant => ({ ...it, byHand: false, survives: null })),
];
const startedMs = performance.now();
const told: Told[] = [];
let next = 0;
await Promise.all(Array.from({ length: Number(values.lanes) }, () => lane()));
summarise();

async function handWritten(): Promise<readonly Mutant[]> {
  const found: Mutant[] = [];
  for (const planted of [...brainMutants, ...lateMutants, ...runnerMutants, ...verdictMutants]) {
    const { name, file, survives } = planted;
    if (!`${name} ${file}`.includes(values.match)) continue;
    const text = plant(await readFile(join(root, file), "utf8"), planted);
    if (text === null) stale.push(`${name} (${file})`);
    else found.push({ name, file, text, byHand: true, survives: survives ?? null });
  }
  return found;
}

/** One fault at a time in a copy of its own. */
async function lane(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-mutants-"));
  try {
    const wanted = ["src", "test", "fixtures", "plans", "docs", "bin", "package.json"];
    for (const name of [...wanted, "tsconfig.json", "vitest.config.ts"])
      await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    if (next === 0) await refuseRed(folder);
    while (next < mutants.length) await look(folder, mutants[next++]!);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the sound program is red, every fault would look caught. */
async function refuseRed(folder: string): Promise<void> {
  const red = await firstRed(folder, allChecks);
  if (red !== null) throw new Error(`the sound program is red: ${red.check}: ${red.saw}`);
}

async function look(folder: string, mutant: Mutant): Promise<void> {
  const path = join(folder, mutant.file);
  const sound = await readFile(path, "utf8");
  const beganMs = performance.now();
  await writeFile(path, mutant.text);
  const red = await firstRed(folder, checksFor(mutant.file));
  await writeFile(path, sound);
  told.push({ mutant, red });
  const seconds = Math.round((performance.now() - beganMs) / 1_000);
  const kind = mutant.byHand ? "" : "generated: ";
  const words = red === null ? "SURVIVED" : `caught by ${red.check}`;
  console.log(
    `${words}, ${seconds} s: ${kind}${mutant.name}${red === null ? "" : ` [${red.saw}]`}`,
  );
}

function summarise(): void {
  const count = (byHand: boolean): readonly [number, number] => {
    const mine = told.filter(({ mutant }) => mutant.byHand === byHand);
    return [mine.filter(({ red }) => red !== null).length, mine.length];
  };
  const [caught, all] = count(true);
  const [caughtGenerated, allGenerated] = count(false);
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(
    `hand-written: ${caught} of ${all} caught; generated: ${caughtGenerated} of ${allGenerated}, of ${generated.possible} possible, seed ${values.seed}; ${minutes} minutes`,
  );
  const survivors = told.filter(({ mutant, red }) => mutant.byHand && red === null);
  const unexplained = survivors.filter(({ mutant }) => mutant.survives === null);
  for (const { mutant } of survivors)
    console.log(`survivor: ${mutant.name}: ${mutant.survives ?? "NOT EXPLAINED"}`);
  for (const { mutant, red } of told)
    if (mutant.survives !== null && red !== null)
      console.log(`explained as a survivor, yet caught: ${mutant.name}`);
  for (const name of stale) console.log(`STALE, write it anew: ${name}`);
  const enough = all === 0 || caught / all >= caughtMin;
  process.exitCode = enough && unexplained.length === 0 && stale.length === 0 ? 0 : 1;
}
