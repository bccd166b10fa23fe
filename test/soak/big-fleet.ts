import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { execFileSync } from "../support/bounded-process.ts";
import { codeCache } from "../support/plain-env.ts";
import { removeFolder } from "../support/remove-folder.ts";

// node test/soak/big-fleet.ts [--instances 500] [--concurrency 4] [--prof FOLDER]   see README.md

const { values } = parseArgs({
  options: {
    instances: { type: "string", default: "500" },
    concurrency: { type: "string", default: "4" },
    prof: { type: "string" },
  },
});
const instances = Number(values.instances);
const regions = 5;
const program = fileURLToPath(new URL("../../bin/handrail.js", import.meta.url));
/** Kernel ticks a second in /proc (proc(5), USER_HZ). */
const ticks = Number(execFileSync("getconf", ["CLK_TCK"]).toString());
const sampleMs = 100;
const mega = 1_000_000;

/** What one call of the program came to. */
interface Run {
  readonly exit: number | null;
  readonly wallS: number;
  /** Of its own process; nothing that it started. As of the last look at it. */
  readonly cpuS: number;
  /** The most memory that it ever had in use at once (VmHWM, proc(5)), in bytes. */
  readonly peakBytes: number;
  /** Open files, one number a look. */
  readonly files: readonly number[];
  readonly stdout: string;
}

const plan = `handrail: 1
name: big
inventory: inventory.yaml
rollout:
  batches: [1, 25%, 100%]
  concurrency: ${values.concurrency}
  bake: { settle: 0s, stable: 0s, retry: 1s }
  guard: { observe: 200ms }
  retention: 0s
protect:
  - { path: "\${home}/tmp", policy: keep }
probes:
  - { name: state, surface: ui, interval: 1s, run: 'test -s "\${home}/state"' }
steps:
  - name: new state
    touches: [ui]
    writes: ["\${home}/state"]
    run: echo new >"$home/state"
`;

const folder = await mkdtemp(join(tmpdir(), "handrail-big-"));
let isGood = false;
try {
  await makeFleet();
  isGood = await soak();
} finally {
  if (isGood) await removeFolder(folder);
  else say(`what was written stays in ${folder}`);
}
process.exitCode = isGood ? 0 : 1;

async function soak(): Promise<boolean> {
  const wrong: string[] = [];
  const profile = values.prof === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.prof}`];
  const applied = await run(["apply", join(folder, "plan.yaml")], "apply", profile);
  if (applied.exit !== 0) {
    say(`WRONG: apply ended with ${applied.exit}`);
    return false;
  }
  const each = (applied.cpuS * 1_000) / instances;
  say(
    `${instances} instances: ${applied.wallS.toFixed(1)} s, controller ${applied.cpuS.toFixed(1)} s of CPU (${each.toFixed(0)} ms an instance), ${megabytes(applied.peakBytes)} at most, open files ${filesWords(applied.files)}`,
  );
  const later = applied.files.slice(Math.floor(applied.files.length / 2));
  const sooner = applied.files.slice(0, Math.floor(applied.files.length / 2));
  // With the same number at once, the second half needs no more than the first.
  if (Math.max(...later) > Math.max(...sooner) * 1.5 + 16)
    wrong.push(`open files grow: ${filesWords(applied.files)}`);
  const newest = await run(["status", "--json"], "status --json");
  const rollout = /"rollout":"([^"]+)"/.exec(newest.stdout)?.[1] ?? "none";
  const verified = await run(["journal", rollout, "verify"], "journal verify");
  const records = Number(/: (\d+) records/.exec(verified.stdout)?.[1] ?? 0);
  const journalBytes = sizeOf(join(folder, "state"));
  say(
    `  journal: ${records} records, ${megabytes(journalBytes)}, ${(journalBytes / instances / 1_000).toFixed(1)} kB an instance`,
  );
  for (const args of [
    ["status", rollout],
    ["report", rollout],
    ["report", rollout, "--html", join(folder, "report.html")],
    ["journal", rollout],
    ["journal", rollout, "verify"],
  ]) {
    const name = args.filter((it) => it !== rollout && !it.startsWith("/")).join(" ");
    const after = await run(args, name);
    say(
      `  ${name.padEnd(16)} ${after.wallS.toFixed(1)} s, ${after.cpuS.toFixed(1)} s of CPU, ${megabytes(after.peakBytes)}`,
    );
    if (after.exit !== 0) wrong.push(`${name} ended with ${after.exit}`);
  }
  const done = await doneOn();
  if (done !== instances) wrong.push(`the step was done on ${done} of ${instances} instances`);
  for (const sentence of wrong) say(`WRONG: ${sentence}`);
  return wrong.length === 0;
}

function run(args: readonly string[], name: string, flags: readonly string[] = []): Promise<Run> {
  const outPath = join(folder, `${name.replaceAll(/\W/g, "-")}.out`);
  const out = openSync(outPath, "w");
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [...flags, program, ...args, "--state", join(folder, "state")],
    {
      cwd: folder,
      stdio: ["ignore", out, "inherit"],
      env: { ...process.env, ...codeCache, TMPDIR: join(folder, "temp"), NO_COLOR: "1" },
    },
  );
  const seen = follow(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exit) => {
      closeSync(out);
      const wallS = (performance.now() - startedMs) / 1_000;
      const stdout = readFileSync(outPath, "utf8");
      resolve({ exit, wallS, stdout, ...seen() });
    });
  });
}

/** Looks at a process from time to time; gives what was seen of it. */
function follow({ pid = 0 }: ChildProcess): () => Pick<Run, "cpuS" | "peakBytes" | "files"> {
  let cpuS = 0;
  let peakBytes = 0;
  const files: number[] = [];
  const look = setInterval(() => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [user = 0, system = 0] = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .slice(11, 13)
        .map(Number);
      const status = readFileSync(`/proc/${pid}/status`, "latin1");
      const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
      files.push(readdirSync(`/proc/${pid}/fd`).length);
      cpuS = (user + system) / ticks;
      peakBytes = Math.max(peakBytes, kilobytes * 1_024);
    } catch (error) {
      // It has just ended: what was seen until then counts.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }, sampleMs);
  return () => {
    clearInterval(look);
    return { cpuS, peakBytes, files };
  };
}

/** A tree and a spool of its own for each instance, all on this machine. */
async function makeFleet(): Promise<void> {
  for (const name of ["temp", "spools"]) await mkdir(join(folder, name), { mode: 0o700 });
  const all = Array.from({ length: instances }, (_, at) => `i${String(at + 1).padStart(5, "0")}`);
  for (const name of all) {
    await mkdir(join(folder, name, "tmp"), { recursive: true });
    await writeFile(join(folder, name, "tmp", "kept"), "kept\n");
    await writeFile(join(folder, name, "state"), "old\n");
  }
  const size = Math.ceil(instances / regions);
  const rows = Array.from({ length: regions }, (_, region) =>
    all.slice(region * size).slice(0, size),
  )
    .filter((members) => members.length > 0)
    .flatMap((members, at) => [
      `  - name: region-${at + 1}`,
      "    instances:",
      ...members.map(
        (name) =>
          `      - { name: ${name}, address: localhost, spool: ${folder}/spools/${name}, vars: { home: ${folder}/${name} } }`,
      ),
    ]);
  await writeFile(
    join(folder, "inventory.yaml"),
    `handrail: 1
name: big
production: false
defaults: { via: local }
regions:
${rows.join("\n")}
`,
  );
  await writeFile(join(folder, "plan.yaml"), plan);
}

async function doneOn(): Promise<number> {
  let done = 0;
  for (const name of readdirSync(folder).filter((it) => /^i\d+$/.test(it)))
    if ((await readFile(join(folder, name, "state"), "utf8")) === "new\n") done += 1;
  return done;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function filesWords(files: readonly number[]): string {
  const half = Math.floor(files.length / 2);
  const [first, second] = [files.slice(0, half), files.slice(half)];
  return `${Math.max(0, ...first)} at most in the first half, ${Math.max(0, ...second)} in the second`;
}

function megabytes(bytes: number): string {
  return `${(bytes / mega).toFixed(0)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
