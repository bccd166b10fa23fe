import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seeded } from "../simulation/seeded.ts";
import type { ControllerEnd } from "./controller.ts";
import { leftBehind } from "./left-behind.ts";
import { type FleetName, realFleet, type RealFleet } from "./real-fleet.ts";
import type { Sshd } from "./sshd.ts";

export interface DoubleApply {
  readonly seed: number;
  readonly via: "openssh" | "ssh2" | "local";
  readonly sshd: Sshd | null;
  /** One controller with one journal, or two that know nothing of each other. */
  readonly states: 1 | 2;
  /** Instances at once: with more than one, both may begin with different ones. */
  readonly atOnce: 1 | 2;
}

export interface DoubleResult {
  /** Milliseconds between the two starts. */
  readonly apartMs: number;
  /** Sentences about what should not be; empty: one worked, and one was refused in good words. */
  readonly wrong: readonly string[];
  /** Kept where something is wrong. */
  readonly folder: string | null;
}

/** Two processes apply the same plan to the same hosts at nearly the same moment. */
export async function applyTwice(order: DoubleApply): Promise<DoubleResult> {
  const chance = seeded(order.seed);
  const { via, sshd, states, atOnce } = order;
  const names: readonly FleetName[] = atOnce === 1 ? ["eu1"] : ["eu1", "eu2"];
  const fleet = await realFleet({ plan: planOf(atOnce), sshd, via, names });
  const args = ["apply", fleet.plan, "--json"];
  // Half of them collide at the very beginning, the others wherever the first one has come to.
  const apartMs = chance.is(0.5) ? chance.below(30) : chance.below(apartMaxMs);
  const first = fleet.start(args);
  await sleep(apartMs);
  const second = fleet.start(args, states === 1 ? "state" : "other-state");
  await Promise.race([first.ended, second.ended]);
  await writeFile(join(fleet.folder, oneEnded), "");
  const ends = await Promise.all([first.ended, second.ended]);
  const wrong = [
    ...wrongEnds(ends),
    ...(await wrongWork(fleet, ends)),
    ...(await leftBehind(fleet.folder, { waitMs: 5_000, but: [] })),
  ];
  for (const name of names)
    for (const path of await fleet.spoolListing(name)) wrong.push(`spool of ${name}: ${path}`);
  if (wrong.length === 0) await fleet[Symbol.asyncDispose]();
  return { apartMs, wrong, folder: wrong.length === 0 ? null : fleet.folder };
}

/** Somewhere between the start of a rollout and its step, which waits for the one who loses. */
const apartMaxMs = 1_200;
/** The file that says that one of the two has ended: on a busy machine the second may begin late. */
const oneEnded = "one-ended";

function wrongEnds(ends: readonly [ControllerEnd, ControllerEnd]): readonly string[] {
  const [one, other] = ends;
  const [winner, loser] = one.exit === 0 ? [one, other] : [other, one];
  if (winner.exit !== 0 || loser.exit !== 3) return ends.map(endWords);
  const text = loser.stdout + loser.stderr;
  const rollout = rolloutOf(winner) ?? "none";
  return [
    ...(text.includes(rollout) ? [] : [`who lost does not name rollout ${rollout}`]),
    ...(/\bLOCKED|HOST_LOCKED/.test(text) ? [] : ["who lost does not say that it is locked"]),
    ...(/[\w.-]+@[\w.-]+/.test(text) ? [] : ["who lost does not name the holder"]),
    ...(/since \d{4}-\d\d-\d\d/.test(text) ? [] : ["who lost does not say since when"]),
  ].map((sentence) => `${sentence}: ${endWords(loser)}`);
}

/** On each instance every step ran once, by one rollout, which held the host's lock meanwhile. */
async function wrongWork(
  fleet: RealFleet,
  ends: readonly ControllerEnd[],
): Promise<readonly string[]> {
  const winner = ends.find((end) => end.exit === 0);
  const rollout = winner === undefined ? null : rolloutOf(winner);
  const wrong: string[] = [];
  for (const name of fleet.names) {
    const lines = await fleet.log(name);
    const told = lines.map((line) => line.replace(/ \d+ /, " PID "));
    const want = [`begin PID ${rollout}`, `end PID ${rollout}`];
    if (told.join() !== want.join()) wrong.push(`steps on ${name}: ${lines.join(", ")}`);
  }
  return wrong;
}

function rolloutOf(end: ControllerEnd): string | null {
  const rollout = end.events.find((event) => event.type === "rollout.started")?.["rollout"];
  return typeof rollout === "string" ? rollout : null;
}

function endWords(end: ControllerEnd): string {
  return `ended with ${end.exit} after ${end.events.length} events: ${end.stderr.slice(-1_000)} ${end.stdout.slice(-1_500)}`;
}

/**
 * A step that reads the lock of its host from within, and would show who works beside it. It is at
 * work until the other one has been refused: who came after its end would be right to begin.
 */
function planOf(atOnce: number): string {
  return `rollout:
  batches: [${atOnce}]
  concurrency: ${atOnce}
  bake: { settle: 0s, stable: 0s, retry: 1s }
  retention: 0s
protect:
  - { path: "\${home}/tmp", policy: keep }
steps:
  - name: alone
    writes: ["\${home}/var"]
    run: |
      read -r held <"$spool/.lock"
      echo begin $$ "$held" >>"$log"
      for _ in $(seq 200); do [ -e "\${log%/*}/${oneEnded}" ] && break; sleep 0.1; done
      read -r held <"$spool/.lock"
      echo alone >"$home/var/state"
      echo end $$ "$held" >>"$log"
`;
}
