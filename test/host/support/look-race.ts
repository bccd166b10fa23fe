import { chmodSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { programPath } from "../../support/parts.ts";
import { noBeats, scattered } from "./confirm-race.ts";
import { key as firstKey, snapshot } from "./restoring.ts";
import { dash, runOrder, ShellHost, until, valueOf } from "./shell-hosts.ts";
import { armed, armOrder } from "./switches.ts";

/** What became of many races; `wrong` says what must never be, and in which round. */
export interface LookOutcome {
  readonly lookedFirst: number;
  readonly firedFirst: number;
  readonly wrong: readonly string[];
}

const leaseMs = 150;
const stepMs = 4;
const scatterMs = 16;

/**
 * Asks for a comparison again and again, each time at the moment when the lease is over: later after a
 * comparison that was first, earlier after one that had to wait. Nothing that the switch does may come
 * while the guard looks at the tree.
 */
export async function raceLookAgainstFire(order: {
  readonly rounds: number;
  /** A number below 2 to the 32nd: the same one scatters the moments in the same way. */
  readonly seed: number;
}): Promise<LookOutcome> {
  await using host = await ShellHost.start(dash);
  const log = `${host.folder}/log`;
  const guard = await host.hold({ epoch: 1, clock: noBeats });
  await snapshot(guard, host.tree);
  tellOfLooks(host, log);
  decideSlowly(host);
  const random = scattered(order.seed);
  const wrong: string[] = [];
  let [lookedFirst, firedFirst, waitMs] = [0, 0, leaseMs];
  for (let round = 1; round <= order.rounds; round++) {
    const key = `race.${round}`;
    const snapshots = `${host.spool}/fix-1/snapshots`;
    cpSync(`${snapshots}/${firstKey}`, `${snapshots}/${key}`, { recursive: true });
    const undo = runOrder({ key: `${key}.undo`, script: `echo undo >>"${log}"` });
    await armed(guard, armOrder(host, { key, receipt: key, leaseMs, undo }));
    writeFileSync(log, "");
    await sleep(Math.max(0, waitMs + (random() - 0.5) * scatterMs));
    valueOf(await guard.compare({ key, changesMax: 10, moment: "quiet" }));
    const looked = linesOf(log);
    await until("the record", () => existsSync(`${host.spool}/fix-1/switches/${key}/record`));
    const lines = linesOf(log);
    const first = !looked.includes("undo");
    if (first) lookedFirst += 1;
    else firedFirst += 1;
    waitMs += first ? stepMs : -stepMs;
    if (isInterrupted(lines)) wrong.push(`round ${round}: ${lines.join(", ")}`);
  }
  return { lookedFirst, firedFirst, wrong };
}

/** Each look at the tree says when it begins and ends, and takes a while. */
function tellOfLooks(host: ShellHost, log: string): void {
  standIn(host, "find", (program) => [
    `case "$*" in "./tree "*) ;; *) exec "${program}" "$@" ;; esac`,
    `echo "begin $$" >>"${log}"`,
    "sleep 0.25",
    `"${program}" "$@"`,
    "found=$?",
    `echo "end $$" >>"${log}"`,
    "exit $found",
  ]);
}

/** On a quick machine a switch decides within a millisecond of its last look: too soon to be met. */
function decideSlowly(host: ShellHost): void {
  standIn(host, "ln", (program) => [
    `case "$*" in *"/fired "*) sleep 0.02 ;; esac`,
    `exec "${program}" "$@"`,
  ]);
}

function standIn(
  host: ShellHost,
  tool: string,
  lines: (program: string) => readonly string[],
): void {
  const program = programPath(tool);
  if (program === null) throw new Error(`there is no ${tool}`);
  const path = `${host.folder}/bin/${tool}`;
  writeFileSync(path, ["#!/bin/sh", ...lines(program), ""].join("\n"));
  chmodSync(path, 0o755);
}

/** The undo is the first that the switch does, so no look of its own is under way then. */
function isInterrupted(lines: readonly string[]): boolean {
  const before = lines.slice(0, lines.indexOf("undo"));
  const count = (word: string) => before.filter((line) => line.startsWith(word)).length;
  return count("begin") !== count("end");
}

function linesOf(log: string): readonly string[] {
  return readFileSync(log, "utf8").trim().split("\n");
}
