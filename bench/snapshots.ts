import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SnapshotOrder } from "../src/ports/guard.ts";
import { type Cost, costOf, type MeasuredGuard, openMeasured } from "./measured-host.ts";

/**
 * What snapshots, comparisons and restores cost on a host, beside floors that are measured in the
 * same round: one walk (`find -printf` with the fields of a manifest), GNU tar with all that it can
 * keep, and `tar -x`. Ratios are what to compare: of CPU, user and system, with all child processes.
 * Wall times hold the waits for the disk of what must be durable; the floors sync nothing.
 *
 *   node bench/snapshots.ts [--files 100000] [--bytes 2147483648] [--rounds 3] [--folder FOLDER]
 *
 * `--files`: how many small ones, of 1 to 8 KiB in folders of a hundred; `--bytes`: how many in large
 * ones, of about a megabyte; 0 leaves that part out. The folder must be on a real disk, with room for
 * four times all that, and with a journal: on ext4 without one the kernel steps over each inode that was
 * deleted in the last minutes (recently_deleted() in fs/ext4/ialloc.c), so that whoever makes many files
 * where many have just gone, tar or we, takes several times as long.
 */
const { values: options } = parseArgs({
  options: {
    files: { type: "string", default: "100000" },
    bytes: { type: "string", default: String(2 * 1024 ** 3) },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: tmpdir() },
  },
});
const files = Number(options.files);
const bytes = Number(options.bytes);
const rounds = Number(options.rounds);
const folder = mkdtempSync(join(options.folder, "handrail-bench-"));
const largeFile = 1024 * 1024;

const walk = String.raw`find ./tree -xdev -printf '%y %n %m %U %G %s %i %T@ %C@ %p\0' >floor.walk`;
const tarFlags =
  "--format=posix --sparse --numeric-owner --one-file-system --acls --xattrs --xattrs-include='*'";
const tar = `tar ${tarFlags} -b 512 -cf floor.tar -- ./tree`;
const untar = `rm -rf floor; mkdir floor; tar ${tarFlags} -b 512 -C floor -xpf floor.tar`;

/** One line of the table: each round's cost in units of its floor. */
interface Row {
  readonly what: string;
  readonly floor: string;
  readonly aim: number;
  readonly cpu: number[];
  readonly wall: number[];
}

try {
  if (files > 0) await bench("small", (at) => makeSmall(at, files));
  if (bytes > 0) await bench("large", (at) => makeLarge(at, bytes));
  if (files > 0) await tellTraffic();
} finally {
  rmSync(folder, { recursive: true });
}

async function bench(size: "small" | "large", make: (at: string) => string): Promise<void> {
  const at = join(folder, size);
  const what = make(at);
  const rows = new Map<string, Row>();
  const note = (row: Omit<Row, "cpu" | "wall">, cost: Cost, floor: Cost): void => {
    const known = rows.get(row.what) ?? { ...row, cpu: [], wall: [] };
    known.cpu.push(cost.cpu / Math.max(floor.cpu, 0.01));
    known.wall.push(cost.wall / Math.max(floor.wall, 0.01));
    rows.set(row.what, known);
  };
  for (let round = 0; round < rounds; round += 1) await oneRound({ at, size, round, note });
  process.stdout.write(`\n${what}, ${rounds} rounds; median ratios\n`);
  process.stdout.write(`${line("", "floor", "aim", "CPU", "wall", "")}\n`);
  for (const { what: name, floor, aim, cpu, wall } of rows.values()) {
    const result = median(cpu);
    const verdict = result <= aim ? "met" : "missed";
    const shown = [aim, result, median(wall)].map((each) => each.toFixed(2));
    process.stdout.write(`${line(name, floor, ...shown, verdict)}\n`);
  }
}

interface Round {
  readonly at: string;
  readonly size: "small" | "large";
  readonly round: number;
  readonly note: (row: Omit<Row, "cpu" | "wall">, cost: Cost, floor: Cost) => void;
}

async function oneRound({ at, size, round, note }: Round): Promise<void> {
  const tree = join(at, "tree");
  await using host = await openMeasured(join(at, "spool"), `round-${round}`);
  const walked = costOf(walk, at);
  const archived = costOf(tar, at);
  // Its memory is for the next one: where a virtual machine touches memory that it never had, tar takes
  // twice as long.
  costOf("rm floor.tar", at);
  const first = await snapshot(host, tree, "first");
  note({ what: "first snapshot", floor: "tar", aim: 1.5 }, first, archived);
  const again = await snapshot(host, tree, "again");
  const same = await compare(host, "again", "after-step");
  // A walk of a few large files is nearly nothing; what counts is that they are not read.
  const [unit, floor] = size === "small" ? ["walk", walked] : ["tar", archived];
  const aims = size === "small" ? [1.5, 2.3] : [0.1, 0.15];
  note({ what: "snapshot, unchanged", floor: unit, aim: aims[0]! }, again, floor);
  note({ what: "compare, unchanged", floor: unit, aim: aims[0]! }, same, floor);
  costOf(`find ./tree -type f | awk 'NR % 97 == 5' | head -n 10 | xargs -d '\\n' touch`, at);
  note(
    { what: "compare, ten changes", floor: unit, aim: aims[1]! },
    await compare(host, "again", "after-step"),
    floor,
  );
  note(
    { what: "snapshot, ten changes", floor: unit, aim: aims[1]! },
    await snapshot(host, tree, "changed"),
    floor,
  );
  const hundred = size === "small" ? Math.min(100, Math.floor(files / 20)) : 1;
  costOf(`find ./tree -type f | awk 'NR % 11 == 5' | head -n ${hundred} | xargs -d '\\n' rm`, at);
  await compare(host, "changed", "after-step");
  const walkedAgain = costOf(walk, at);
  const some = await restore(host, tree);
  if (some.restored !== hundred) throw new Error(`${some.restored} of ${hundred} came back`);
  if (size === "small")
    note({ what: "restore of 100", floor: "walk", aim: 1.3 }, some.cost, walkedAgain);
  costOf(tar, at);
  const unpacked = costOf(untar, at);
  const there = countOf("find ./tree -mindepth 1", at);
  costOf("rm -rf floor floor.tar; find ./tree -mindepth 1 -delete", at);
  await compare(host, "changed", "after-step");
  const all = await restore(host, tree);
  // What is lost costs nothing: a quick restore must be a whole one.
  const back = countOf("find ./tree -mindepth 1", at);
  if (all.restored !== there || back !== there)
    throw new Error(`${all.restored} told as back, and ${back} of ${there} there`);
  note({ what: "restore of all", floor: "tar -x", aim: 1.3 }, all.cost, unpacked);
  await host.guard.release({ keepUntil: null });
}

function countOf(find: string, cwd: string): number {
  return Number(execFileSync("/bin/sh", ["-c", `${find} | wc -l`], { cwd, encoding: "utf8" }));
}

/** What a comparison of an unchanged tree sends, for a small tree and for a large one. */
async function tellTraffic(): Promise<void> {
  const counts: number[] = [];
  const many = [Math.min(1000, files), files];
  for (const count of many) {
    const at = join(folder, `traffic-${count}`);
    makeSmall(at, count);
    await using host = await openMeasured(join(at, "spool"), "traffic");
    const tree = join(at, "tree");
    await snapshot(host, tree, "first");
    const again = await host.ask((guard) => guard.snapshot(order(tree, "again")));
    const same = await host.ask((guard) => compareAsk(guard, "again", "after-step"));
    counts.push(again.cost.bytes + same.cost.bytes);
    rmSync(at, { recursive: true });
  }
  process.stdout.write(
    `\nbytes over the channel for a snapshot and a comparison when nothing changed: ` +
      `${counts[0]} with ${many[0]} files, ${counts[1]} with ${many[1]}\n`,
  );
}

function order(path: string, key: string): SnapshotOrder {
  return { key, paths: [{ path, content: true }], reserveBytes: 0 };
}

async function snapshot(host: MeasuredGuard, tree: string, key: string): Promise<Cost> {
  return (await host.ask((guard) => guard.snapshot(order(tree, key)))).cost;
}

function compareAsk(
  guard: MeasuredGuard["guard"],
  key: string,
  moment: "after-step" | "quiet",
): ReturnType<typeof guard.compare> {
  return guard.compare({ key, changesMax: 1000, moment });
}

async function compare(
  host: MeasuredGuard,
  key: string,
  moment: "after-step" | "quiet",
): Promise<Cost> {
  return (await host.ask((guard) => compareAsk(guard, key, moment))).cost;
}

async function restore(
  host: MeasuredGuard,
  path: string,
): Promise<{ readonly restored: number; readonly cost: Cost }> {
  const { value, cost } = await host.ask((guard) =>
    guard.restore({ key: "changed", rules: [{ path, how: "deleted" }], later: "keep" }),
  );
  if (value.kind === "refused") throw new Error(value.failure.message);
  if (value.failedTotal > 0) throw new Error(`failed: ${JSON.stringify(value.failed[0])}`);
  return { restored: value.restored, cost };
}

/** Small files of 1 to 8 KiB, a hundred in a folder. */
function makeSmall(at: string, count: number): string {
  const content = noise(64 * 1024);
  for (let n = 0; n < count; n += 1) {
    const inside = join(at, "tree", `folder-${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(inside, { recursive: true });
    const from = (n * 389) % (56 * 1024);
    const length = 1024 + ((n * 2654435761) % (7 * 1024 + 1));
    writeFileSync(join(inside, `file-${n}.txt`), content.subarray(from, from + length));
  }
  return `${count} files of 1 to 8 KiB`;
}

function makeLarge(at: string, total: number): string {
  const content = noise(2 * largeFile);
  const count = Math.max(1, Math.round(total / largeFile / 1.024));
  for (let n = 0; n < count; n += 1) {
    const inside = join(at, "tree", `folder-${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(inside, { recursive: true });
    const length = Math.floor(largeFile * (0.5 + ((n * 37) % 100) / 96));
    writeFileSync(join(inside, `file-${n}.bin`), content.subarray(n % 1024, length));
  }
  return `${count} files, ${(total / 1024 ** 3).toFixed(2)} GiB`;
}

/** Bytes that no file system packs. */
function noise(length: number): Uint8Array {
  const content = new Uint8Array(length);
  for (let at = 0, state = 1; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    content[at] = state >>> 16;
  }
  return content;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function line(...columns: readonly string[]): string {
  const widths = [24, 8, 6, 6, 6, 8];
  return columns
    .map((text, at) => text.padEnd(widths[at] ?? 8))
    .join(" ")
    .trimEnd();
}
