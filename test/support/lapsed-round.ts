import { setTimeout as sleep } from "node:timers/promises";
import { type Chance, seeded } from "../simulation/seeded.ts";
import type { ControllerEnd } from "./controller.ts";
import {
  isText,
  type KilledRound,
  newestRollout,
  type Round,
  type Undisturbed,
} from "./killed-round.ts";
import { realFleet, type RealFleet } from "./real-fleet.ts";
import { type Ending, endingOf, type Trees, treesOf } from "./rollout-ending.ts";
import { warmPlan } from "./warm-plan.ts";

/** The shortest that there is. */
const leaseMs = 5_000;
/** How long a switch may take beyond its lease until everything is as before. */
const fireMaxMs = 6_000;

/**
 * The controller is silent for longer than its lease, at an instant that `seed` draws: killed and
 * resumed, or stopped like a laptop that sleeps, and woken again. What was armed has gone back by
 * itself, and whoever comes back must do no harm: each instance is as before or as after, as the
 * summary says, and none needs a person.
 */
export async function runLapsed(
  round: Omit<Round, "variant"> & { readonly seed: number; readonly undisturbed: Undisturbed },
): Promise<KilledRound> {
  const chance = seeded(round.seed);
  const { via, sshd, names, undisturbed } = round;
  const fleet = await realFleet({
    plan: warmPlan({ variant: "sealed", pairs: names === undefined, lease: `${leaseMs / 1_000}s` }),
    via,
    sshd,
    ...(names === undefined ? {} : { names }),
  });
  const before = await treesOf(fleet);
  const how = chance.pick(["killed", "asleep"] as const);
  const events = instantOf(chance, undisturbed.events);
  const ms = chance.below(600);
  let controller = fleet.start(["apply", fleet.plan, "--json"]);
  await controller.reached(events);
  await sleep(ms);
  const at = String(controller.events().at(-1)?.type);
  if (how === "asleep") await controller.sleep(leaseMs + fireMaxMs);
  else controller.kill("group");
  let end = await controller.ended;
  const rollout =
    end.events.map((event) => event["rollout"]).find(isText) ?? (await newestRollout(fleet));
  if (end.exit === null) {
    await sleep(leaseMs + fireMaxMs);
    const args = rollout === null ? ["apply", fleet.plan] : ["resume", rollout];
    controller = fleet.start([...args, "--json"]);
    end = await controller.ended;
  }
  const known = rollout ?? (await newestRollout(fleet)) ?? "none";
  const ending = await endingOf({ fleet, rollout: known, sshd, before });
  const over = end.exit === 3 && end.stderr.includes("is over");
  const found = [
    ...(end.exit === 0 || end.exit === 4 || over
      ? []
      : [`ended with ${end.exit}: ${end.stderr.slice(-2_000)}`]),
    ...(ending["left behind"] ?? []).map((line) => `left behind: ${line}`),
    ...wrongTrees({ fleet, ending, before, undisturbed }),
  ];
  const litter = await fleet.litter();
  if (found.length === 0) await fleet[Symbol.asyncDispose]();
  return {
    kills: [
      `${how} after ${events} events and ${ms} ms, at event ${at}; ended with ${end.exit}, ${countFired(end)} fired`,
    ],
    differences: found,
    folder: found.length > 0 ? fleet.folder : null,
    litter,
  };
}

/** Mostly shortly after a switch was armed. */
function instantOf(chance: Chance, types: readonly string[]): number {
  const armed = types.flatMap((type, index) => (type === "guard.armed" ? [index + 1] : []));
  return chance.is(0.8) && armed.length > 0 ? chance.pick(armed) : chance.below(types.length);
}

function countFired({ events }: ControllerEnd): number {
  return events.filter((event) => event.type === "guard.fired").length;
}

interface LapsedEnd {
  readonly fleet: RealFleet;
  readonly ending: Ending;
  readonly before: Trees;
  readonly undisturbed: Undisturbed;
}

function wrongTrees({ fleet, ending, before, undisturbed }: LapsedEnd): readonly string[] {
  const fates = fatesIn(ending["summary"] ?? []);
  return fleet.names.flatMap((name) => {
    const fate = fates.get(name) ?? "no fate";
    const is = (ending[`tree of ${name}`] ?? []).map(withoutFolderTime);
    const wanted =
      fate === "sealed"
        ? undisturbed.ending[`tree of ${name}`]
        : ["rolledBack", "notTouched", "unfit"].includes(fate)
          ? before[name]
          : null;
    if (wanted === null || wanted === undefined) return [`${name} ends as ${fate}`];
    const want = wanted.map(withoutFolderTime);
    const runs = (ending[`steps on ${name}`] ?? []).filter((line) => line === "begin warm").length;
    return [
      ...(want.join() === is.join()
        ? []
        : [
            `${name} ends as ${fate}, and its tree differs:`,
            ...want.filter((line) => !is.includes(line)).map((line) => `  - ${line}`),
            ...is.filter((line) => !want.includes(line)).map((line) => `  + ${line}`),
          ]),
      ...(runs > 1 ? [`the step ran ${runs} times on ${name}`] : []),
    ];
  });
}

/** A folder around what a step wrote, but not declared by it, has the time of the last change in it. */
function withoutFolderTime(line: string): string {
  return line.startsWith("etc\td ") ? "etc\td" : line;
}

function fatesIn(summary: readonly string[]): ReadonlyMap<string, string> {
  const { instances }: { instances?: Readonly<Record<string, readonly string[]>> } = JSON.parse(
    summary.join("\n"),
  );
  return new Map(
    Object.entries(instances ?? {}).flatMap(([fate, names]) =>
      names.map((name) => [name, fate] as const),
    ),
  );
}
