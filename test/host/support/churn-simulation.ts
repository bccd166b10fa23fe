import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "../../support/bounded-process.ts";

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function chance(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One kind of file of an application: how many come in a second, and how long one lives, in seconds. */
export interface Kind {
  readonly name: string;
  readonly perSecond: number;
  readonly life: (draw: () => number) => number;
  /** What the load is at a time, as a factor. */
  readonly load?: (at: number, draw: () => number) => number;
  /** All that live go at once, so often. */
  readonly purgedEachSeconds?: number;
}

export const lives = {
  about:
    (seconds: number) =>
    (draw: () => number): number =>
      seconds * (0.5 + draw()),
  exponential:
    (seconds: number) =>
    (draw: () => number): number =>
      -seconds * Math.log(1 - draw()),
  /** A few live many times as long as most. */
  heavyTailed:
    (seconds: number) =>
    (draw: () => number): number =>
      (seconds * 0.5) / (1 - draw()) ** 0.66,
} as const;

interface Entry {
  readonly kind: number;
  readonly name: string;
  readonly born: number;
  readonly dies: number;
}

interface World {
  readonly kinds: readonly Kind[];
  /** Sorted by birth. */
  readonly entries: readonly Entry[];
}

const before = 900;

/** What lives and dies from long before moment 0 until `until`. */
function worldOf(
  kinds: readonly Kind[],
  { until, seed }: { readonly until: number; readonly seed: number },
): World {
  const draw = chance(seed);
  const entries: Entry[] = [];
  const slice = 0.1;
  for (const [kind, { name, perSecond, life, load, purgedEachSeconds }] of kinds.entries()) {
    let count = 0;
    const from = -Math.min(before, 3_000 / Math.max(perSecond, 0.01));
    for (let at = from; at < until; at += slice) {
      const expected = perSecond * slice * (load?.(at, draw) ?? 1);
      for (let left = poisson(expected, draw); left > 0; left--) {
        const born = at + slice * draw();
        const purge =
          purgedEachSeconds === undefined
            ? Infinity
            : Math.ceil(born / purgedEachSeconds) * purgedEachSeconds;
        entries.push({
          kind,
          name: `${name}-${++count}`,
          born,
          dies: Math.min(born + life(draw), purge),
        });
      }
    }
  }
  return { kinds, entries: entries.toSorted((a, b) => a.born - b.born) };
}

function poisson(mean: number, draw: () => number): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = draw(); product > floor; product *= draw()) count++;
  return count;
}

const isAlive = (entry: Entry, at: number): boolean => entry.born <= at && at < entry.dies;

/** What is known after quiet looks at these moments; null stands for a step in between. */
function lifeOf(world: World, looks: readonly (number | null)[]): string {
  const lines: string[] = [];
  let last: number | null = null;
  for (const look of looks) {
    if (last !== null && look !== null) {
      lines.push(`w ${Math.round(last * 100) + offset} ${Math.round(look * 100) + offset}`);
      for (const [kind, { name }] of world.kinds.entries()) {
        const lost = world.entries.filter(
          (entry) => entry.kind === kind && isAlive(entry, last!) && entry.dies <= look,
        );
        const age = Math.max(0, ...lost.map(({ born }) => last! - born));
        if (lost.length > 0)
          lines.push(`l ${lost.length} ${Math.round(age)} f./t/${name}-# f./t/%${name.length}-#`);
      }
    }
    last = look;
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Moments and birth days must not be negative. */
const offset = 1_000_000;

/** One step to be judged: what was known, how long it took, and what was gone after it. */
export interface Trial {
  readonly life: string;
  readonly at: number;
  readonly took: number;
  readonly gone: readonly Entry[];
  /** What of it the step itself took. */
  readonly harmed: ReadonlySet<string>;
  /** Kinds of which nothing was ever seen to go: the rule can't know them. */
  readonly unseen: ReadonlySet<number>;
  readonly what: string;
}

/**
 * Ten steps of `took` seconds in the life of one application, a second between them, after a watch of
 * four seconds. Each is a trial; after the third there are some more with harm done to each kind: all of
 * it, half of it, the three oldest.
 */
export function trialsOf(
  kinds: readonly Kind[],
  { took, seed }: { readonly took: number; readonly seed: number },
): readonly Trial[] {
  const world = worldOf(kinds, { until: 10 + steps * (took + 1), seed });
  const draw = chance(seed + 1_000_000);
  const looks: (number | null)[] = [0];
  for (let at = 1; at <= 4; at += 0.25) looks.push(at);
  const trials: Trial[] = [];
  let at = 4.1;
  for (let step = 1; step <= steps; step++) {
    looks.push(at);
    const life = lifeOf(world, looks);
    const base = world.entries.filter((entry) => isAlive(entry, at));
    const natural = base.filter((entry) => entry.dies <= at + took);
    const rest = base.filter((entry) => entry.dies > at + took);
    const unseen = new Set(
      kinds.flatMap(({ name }, kind) => (life.includes(`/${name}-#`) ? [] : [kind])),
    );
    const trial = (what: string, harmed: readonly Entry[]): Trial => ({
      life,
      at,
      took,
      gone: [...natural, ...harmed],
      harmed: new Set(harmed.map(({ name }) => name)),
      unseen,
      what,
    });
    trials.push(trial("no harm", []));
    for (const [kind, { name }] of step === 3 ? kinds.entries() : []) {
      const mine = rest.filter((entry) => entry.kind === kind);
      trials.push(
        trial(`all of ${name}`, mine),
        trial(
          `half of ${name}`,
          mine.filter(() => draw() < 0.5),
        ),
        trial(`three oldest of ${name}`, mine.slice(0, 3)),
      );
    }
    looks.push(null, at + took);
    at += took + 1;
  }
  return trials;
}

const steps = 10;

/** What the rule made of one kind of trial. */
export interface Tally {
  trials: number;
  /** Trials in which something was blamed on the step that was of a kind known to go by itself. */
  falseAlarms: number;
  /** The same for kinds of which nothing was ever seen to go. */
  unseenAlarms: number;
  /** Trials with harm in which some of it was found. */
  caught: number;
  /** Trials in which there was anything to harm. */
  harmful: number;
}

/** Tallies by what was done. */
export function tally(trials: readonly Trial[], awk?: string): ReadonlyMap<string, Tally> {
  const answers = askRule(trials, awk);
  const tallies = new Map<string, Tally>();
  for (const [index, { what, gone, harmed, unseen }] of trials.entries()) {
    const it = tallies.get(what) ?? {
      trials: 0,
      falseAlarms: 0,
      unseenAlarms: 0,
      caught: 0,
      harmful: 0,
    };
    const blamed = gone.filter(({ name }) => !answers[index]!.has(name));
    const natural = blamed.filter(({ name }) => !harmed.has(name));
    it.trials += 1;
    it.falseAlarms += natural.some(({ kind }) => !unseen.has(kind)) ? 1 : 0;
    it.unseenAlarms += natural.some(({ kind }) => unseen.has(kind)) ? 1 : 0;
    it.caught += blamed.some(({ name }) => harmed.has(name)) ? 1 : 0;
    it.harmful += harmed.size > 0 ? 1 : 0;
    tallies.set(what, it);
  }
  return tallies;
}

/** For each trial the names that the rule calls churn, by the real rule in one real awk. */
function askRule(trials: readonly Trial[], awk = "awk"): readonly ReadonlySet<string>[] {
  const folder = mkdtempSync(join(tmpdir(), "handrail-rule-"));
  const file = (name: string): string => readFileSync(join(folder, name), "latin1");
  try {
    const rule = readFileSync(
      new URL("../../../src/host/guard-churn-rule.sh", import.meta.url),
      "utf8",
    );
    const lines = trials.map(({ life, at, took, gone }, index) => {
      writeFileSync(join(folder, `${index}.life`), life);
      writeFileSync(join(folder, `${index}.gone`), gone.map(lineOf).join(""));
      const settings = `-v then=${Math.floor(at) + offset} -v took=${Math.round(took * 100)} -v by=by_name`;
      const parts = `part=life ${index}.life part=harmed /dev/null part=now ${index}.gone`;
      return `${awk} ${settings} "$awk_manifest $awk_shapes $awk_rule" ${parts} >${index}.churn`;
    });
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
    execFileSync("/bin/sh", ["-c", [rule, ...lines].join("\n")], { cwd: folder, env });
    return trials.map((_, index) => {
      const names = file(`${index}.churn`)
        .split("\n")
        .filter((line) => line !== "");
      return new Set(names.map((name) => name.slice("./t/".length)));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineOf({ born, name }: Entry): string {
  const time = (born + offset).toFixed(6);
  return `-f 1 644 0 0 10 7 ${time} ${time} ./t/${name}\n`;
}
