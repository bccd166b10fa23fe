import { setTimeout as sleep } from "node:timers/promises";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { type Chance, seeded } from "../simulation/seeded.ts";
import type { Controller, ControllerEnd } from "./controller.ts";
import { type FleetName, realFleet, type RealFleet } from "./real-fleet.ts";
import { differences, type Ending, endingOf, treesOf } from "./rollout-ending.ts";
import type { Sshd } from "./sshd.ts";
import { type Variant, warmPlan } from "./warm-plan.ts";

export interface Round {
  readonly variant: Variant;
  readonly via: "openssh" | "ssh2" | "local";
  readonly sshd: Sshd | null;
  /** Default: all four. */
  readonly names?: readonly FleetName[];
}

/** A rollout that nobody disturbed. */
export interface Undisturbed {
  readonly ending: Ending;
  readonly exit: number | null;
  readonly tookMs: number;
  /** The kind of each line of `--json`. */
  readonly events: readonly string[];
}

export interface KilledRound {
  /** Each kill in words: "apply by group after 31 events and 12 ms". */
  readonly kills: readonly string[];
  /** Empty: the same end as the undisturbed rollout. */
  readonly differences: readonly string[];
  /** Folder to look at, kept where something differs. */
  readonly folder: string | null;
  /** Private folders that killed controllers left in the temp folder. */
  readonly litter: number;
}

export async function runUndisturbed(round: Round): Promise<Undisturbed> {
  await using fleet = await fleetFor(round);
  const before = await treesOf(fleet);
  const end = await fleet.start(["apply", fleet.plan, "--json"]).ended;
  const ending = await endingOf({ fleet, rollout: rolloutOf(end), sshd: round.sshd, before });
  const { exit, tookMs, events } = end;
  return { ending, exit, tookMs, events: events.map((event) => event.type) };
}

/** Kills the controller at an instant that `seed` draws, resumes, perhaps kills again, and looks. */
export async function runKilled(
  round: Round & { readonly seed: number; readonly undisturbed: Undisturbed },
): Promise<KilledRound> {
  const chance = seeded(round.seed);
  const fleet = await fleetFor(round);
  const before = await treesOf(fleet);
  const kills: string[] = [];
  let rollout: string | null = null;
  let last: ControllerEnd | null = null;
  for (let calls = 1; ; calls += 1) {
    // Killed before its first record was durable, a rollout has never been.
    rollout ??= await newestRollout(fleet);
    const args = rollout === null ? ["apply", fleet.plan, "--json"] : ["resume", rollout, "--json"];
    const controller = fleet.start(args);
    const kill = calls === 1 || (calls <= killsMax && chance.is(killAgain));
    if (kill)
      kills.push(`${args[0]} ${await killSomewhere(controller, chance, round.undisturbed)}`);
    last = await controller.ended;
    rollout ??= last.events.map((event) => event["rollout"]).find(isText) ?? null;
    if (!kill || last.exit !== null) break;
    await sleep(chance.below(pauseMaxMs));
  }
  rollout ??= "none";
  const ending = await endingOf({ fleet, rollout, sshd: round.sshd, before });
  // A rollout that was over when the kill came can't be resumed, and says so.
  const over = last.exit === 3 && last.stderr.includes("is over");
  const found = [
    ...(last.exit === round.undisturbed.exit || over ? [] : [endWords(last)]),
    ...differences(round.undisturbed.ending, ending),
  ];
  const litter = await fleet.litter();
  if (found.length === 0) await fleet[Symbol.asyncDispose]();
  return { kills, differences: found, folder: found.length > 0 ? fleet.folder : null, litter };
}

const killsMax = 4;
/** Probability that a resume is killed as well. */
const killAgain = 0.4;
/** Longest pause between a kill and the next call. */
const pauseMaxMs = 1_500;

/** By time, spread evenly over the undisturbed run; or by events, however slow the machine is. */
async function killSomewhere(
  controller: Controller,
  chance: Chance,
  undisturbed: Undisturbed,
): Promise<string> {
  const what = chance.pick(["program", "group"] as const);
  const byTime = chance.is(0.5);
  const events = byTime ? 0 : chance.below(undisturbed.events.length);
  const ms = chance.below(byTime ? undisturbed.tookMs : 200);
  await controller.reached(events);
  await Promise.race([sleep(ms), controller.ended]);
  controller.kill(what);
  const end = await controller.ended;
  const hit = end.exit === null ? `${what} killed` : `had ended with ${end.exit}`;
  return `${hit} ${byTime ? "" : `${events} events and `}${Math.round(ms)} ms after its start, at event ${end.events.length} (${String(end.events.at(-1)?.type)})`;
}

/** null: none has a first record yet. */
export async function newestRollout({ state }: RealFleet): Promise<string | null> {
  const clock = { wall: () => new Date().toISOString() };
  await using journals = await openSqliteJournals({ folder: state, clock });
  return (await journals.list())[0]?.rollout ?? null;
}

function fleetFor({ variant, ...where }: Round): Promise<RealFleet> {
  const { via, sshd, names } = where;
  return realFleet({
    plan: warmPlan({ variant, pairs: names === undefined }),
    sshd,
    via,
    ...(names === undefined ? {} : { names }),
  });
}

function rolloutOf(end: ControllerEnd): string {
  const rollout = end.events.find((event) => event.type === "rollout.started")?.["rollout"];
  if (!isText(rollout)) throw new Error(`no rollout began: ${endWords(end)}`);
  return rollout;
}

function endWords(end: ControllerEnd): string {
  return `the last call ended with ${end.exit}: ${end.stderr.slice(-2_000)}`;
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}
