import { spawn } from "node:child_process";
import { join } from "node:path";

/** One way to see a fault. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A fault may make a program run for ever: that is seen too. */
  readonly timeoutMs: number;
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

/** Long, and about texts alone. */
const textTests = ["test/core/printable.test.ts", "test/core/redact.test.ts"] as const;

/** Quickest first. */
const general: readonly Check[] = [
  {
    name: "core and runner tests",
    command: [
      ...vitest,
      "--exclude=test/core/plan/**",
      "--exclude=test/core/every-state.test.ts",
      ...textTests.map((file) => `--exclude=${file}`),
      "test/core/",
      "test/runner/",
    ],
    timeoutMs: 240_000,
  },
  {
    name: "simulation",
    command: ["node", "test/mutants/until-broken.ts", "--seeds", "300"],
    timeoutMs: 240_000,
  },
  {
    name: "every state",
    command: [...vitest, "test/core/every-state.test.ts"],
    timeoutMs: 240_000,
  },
];

const planTests: Check = {
  name: "plan tests",
  command: [...vitest, "test/core/plan/", "test/core/freeze.test.ts"],
  timeoutMs: 240_000,
};

const ofTexts: Check = {
  name: "tests of texts",
  command: [...vitest, ...textTests],
  timeoutMs: 240_000,
};

export const allChecks: readonly Check[] = [...general, planTests, ofTexts];

/** In the order in which they are likely to see a fault in this file. */
export function checksFor(file: string): readonly Check[] {
  if (file.startsWith("src/core/plan/")) return [planTests, ...general];
  if (/^src\/core\/(printable|redact|secret-forms|path-text)\.ts$/.test(file))
    return [ofTexts, ...general];
  return general;
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
  { command, timeoutMs }: Check,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const [program, ...args] = command;
  const path = `${join(folder, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what hangs goes as a whole.
    detached: true,
    env: { ...process.env, PATH: path, NO_COLOR: "1", NODE_OPTIONS: "--max-old-space-size=2048" },
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
  }, timeoutMs);
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
