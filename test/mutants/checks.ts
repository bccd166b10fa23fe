import { spawn } from "node:child_process";
import { join } from "node:path";

/** One way to see a fault. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

const vitest = [
  "vitest",
  "run",
  "--bail=1",
  "--reporter=dot",
  "--project=core",
  // A busy machine must not look like a fault.
  "--testTimeout=120000",
] as const;

function tests(name: string, ...args: readonly string[]): Check {
  return { name, command: [...vitest, ...args] };
}

function simulated(name: string, from: number, seeds: number): Check {
  const numbers = ["--from", String(from), "--seeds", String(seeds)];
  return { name, command: ["node", "test/mutants/until-broken.ts", ...numbers] };
}

/** A fault may make a program run for ever: that is seen too. */
const checkMaxMs = 300_000;

/** Invariants alone are kept by a rollout that never moves: these look at what it comes to as well. */
function simulations(name: string, file: string): Check {
  const command = ["vitest", "run", "--bail=1", "--reporter=dot", "--project=simulation"] as const;
  return {
    name,
    command: [...command, "--testTimeout=240000", `test/simulation/${file}`],
  };
}

const few = simulated("a few simulated rollouts", 1, 40);
const sweep = simulations("rollouts whose end is known", "crash-sweep.test.ts");
const many = simulations("simulated rollouts", "rollout.test.ts");
/** The short suite leaves the largest walks out. */
const everyState: Check = {
  ...tests("every state", "test/core/every-state.test.ts"),
  env: { HANDRAIL_TESTS: "long" },
};
const verdicts = tests("tests of verdicts", "test/core/verdict/");
const texts = tests("tests of texts", "test/core/printable.test.ts", "test/core/redact.test.ts");
const plans = tests("tests of plans", "test/core/plan/", "test/core/freeze.test.ts");
const runnerAndCore = tests(
  "core and runner tests",
  "--exclude=test/core/{plan,verdict}/**",
  "--exclude=test/core/{every-state,printable,redact}.test.ts",
  "test/core/",
  "test/runner/",
);

export const allChecks: readonly Check[] = [
  few,
  sweep,
  runnerAndCore,
  verdicts,
  texts,
  plans,
  many,
  everyState,
];

/** Those that may see a fault in this file: what sees most for the least comes first. */
export function checksFor(file: string): readonly Check[] {
  if (file.startsWith("src/core/plan/")) return [plans];
  if (/^src\/core\/(printable|redact|secret-forms)\.ts$/.test(file)) return [texts, few];
  if (file.startsWith("src/core/verdict/")) return [verdicts, few, sweep, many];
  if (file.startsWith("src/runner/")) return [few, sweep, runnerAndCore, many];
  return [few, sweep, runnerAndCore, verdicts, many, everyState];
}

export interface Red {
  readonly check: string;
  /** The first line that says what was seen. */
  readonly saw: string;
}

/** The first check that is red in this folder; null: all are green. */
export async function firstRed(folder: string, list: readonly Check[]): Promise<Red | null> {
  for (const check of list) {
    const { code, output } = await run(folder, check);
    if (code === 0) continue;
    const saw = code === null ? "it did not end" : essence(output);
    return { check: check.name, saw };
  }
  return null;
}

/** `code` null: it was ended because its time was over. */
function run(
  folder: string,
  { command, env = {} }: Check,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const [program, ...args] = command;
  const path = `${join(folder, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what hangs goes as a whole.
    detached: true,
    env: {
      ...process.env,
      ...env,
      PATH: path,
      NO_COLOR: "1",
      NODE_OPTIONS: "--max-old-space-size=2048",
    },
  });
  let output = "";
  const keep = (text: string): void => {
    output = (output + text).slice(-outputMax);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, checkMaxMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code: late ? null : (code ?? 1), output });
    });
  });
}

const outputMax = 200_000;

function essence(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const telling =
    lines.find((line) => /^(FAIL|seed \d+:)/.test(line)) ??
    lines.find((line) => /Error/.test(line)) ??
    lines.findLast((line) => line !== "");
  return (telling ?? "no word").slice(0, 160);
}
