import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Guard } from "../../../src/ports/guard.ts";
import { armOrder } from "./switches.ts";
import { clock, runOrder, ShellHost, type Userland, valueOf } from "./shell-hosts.ts";

/** What became of many races; `wrong` says what must never be, and in which round. */
export interface RaceOutcome {
  readonly rounds: number;
  readonly confirmed: number;
  readonly fired: number;
  readonly wrong: readonly string[];
}

const leaseMs = 150;

/** Milliseconds by which the moment of confirming moves after each round, and is scattered. */
const stepMs = 4;
const scatterMs = 24;

/** How long a switch that lost may take to end, before it is looked at for the last time. */
const settleMs = 30;

/**
 * Arms and confirms again and again, each time at the moment when the lease is over. That moment is
 * found by itself: later after a confirmation that won, earlier after one that lost.
 */
export async function raceConfirmAgainstFire(order: {
  readonly userland: Userland;
  readonly rounds: number;
  /** A number below 2 to the 32nd: the same one scatters the moments in the same way. */
  readonly seed: number;
}): Promise<RaceOutcome> {
  await using host = await ShellHost.start(order.userland);
  // A guard that acts for a known runner holds the switch back while it asks; one that does not, not.
  const guards = [
    await host.hold({ epoch: 1, clock: noBeats }),
    await host.open({ clock: noBeats }),
  ] as const;
  const file = `${host.tree}/a`;
  writeFileSync(file, "old\n");
  const wrong: string[] = [];
  const undecided: { readonly key: string; readonly kind: "disarmed" | "fired" }[] = [];
  const random = scattered(order.seed);
  let [confirmed, fired, waitMs] = [0, 0, leaseMs];
  for (let round = 1; round <= order.rounds; round++) {
    const key = `race.${round}`;
    const guard = guards[round % 2 === 0 ? 0 : 1];
    // The same snapshot serves every round, under the name of its switch.
    const snapshots = `${host.spool}/fix-1/snapshots`;
    if (round > 1) cpSync(`${snapshots}/race.1`, `${snapshots}/${key}`, { recursive: true });
    else await snapshot(guard, key, host.tree);
    // Before it is armed: on a busy machine it may fire before anything else is done.
    writeFileSync(file, "new\n");
    const recover = [
      runOrder({ key: `${key}.recover`, script: `echo ${key} >>"${host.folder}/log"` }),
    ];
    const armed = valueOf(await guard.arm(armOrder(host, { key, receipt: key, leaseMs, recover })));
    if (armed.kind !== "armed") throw new Error(`round ${round}: ${JSON.stringify(armed)}`);
    await sleep(Math.max(0, waitMs + (random() - 0.5) * scatterMs));
    const answer = valueOf(await guard.disarm({ key }));
    if (answer.kind === "refused") throw new Error(`round ${round}: ${answer.failure.message}`);
    if (answer.kind === "disarmed") confirmed += 1;
    else fired += 1;
    waitMs += answer.kind === "disarmed" ? stepMs : -stepMs;
    await sleep(settleMs);
    const now = readFileSync(file, "utf8").trim();
    if (now !== (answer.kind === "disarmed" ? "new" : "old"))
      wrong.push(`round ${round}: ${JSON.stringify(answer)}, but the tree is ${now}`);
    if (answer.kind === "fired" && !answer.fired.complete)
      wrong.push(`round ${round}: ${JSON.stringify(answer.fired)}`);
    undecided.push({ key, kind: answer.kind });
  }
  const log = existsSync(`${host.folder}/log`)
    ? readFileSync(`${host.folder}/log`, "utf8").split("\n")
    : [];
  for (const { key, kind } of undecided) {
    const again = valueOf(await guards[0].disarm({ key }));
    if (again.kind !== kind) wrong.push(`${key}: first ${kind}, then ${again.kind}`);
    const recovered = log.filter((line) => line === key).length;
    if (recovered !== (kind === "fired" ? 1 : 0))
      wrong.push(`${key}: ${kind}, but recovered ${recovered} times`);
  }
  return { rounds: order.rounds, confirmed, fired, wrong };
}

async function snapshot(guard: Guard, key: string, tree: string): Promise<void> {
  const paths = [{ path: tree, content: true }];
  const taken = valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
  if (taken.kind !== "complete") throw new Error(JSON.stringify(taken));
}

/** The clock of a guard whose runner sends no beats. */
export const noBeats: Clock = {
  ...clock,
  sleep: (_ms, signal) => untilAborted(signal),
};

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("given up")));
  });
}

/** Numbers from 0 to 1 (mulberry32). */
export function scattered(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
