import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import { needsPerson, type RolloutState } from "../../src/core/state.ts";
import { courseTrouble } from "./course-trouble.ts";
import { envelopeTrouble } from "./envelope-trouble.ts";
import { droppedPath, type HostModel, libOf, sharedPath } from "./host-model.ts";
import { drawnFate } from "./fate.ts";
import { lateTrouble } from "./late-trouble.ts";
import { outlierTrouble } from "./outlier-trouble.ts";
import { livePrefix, type Tree } from "./tree-model.ts";
import { secretValue, World } from "./world.ts";

export interface SeedResult {
  readonly outcome: string;
  readonly crashes: number;
  readonly records: number;
  readonly virtualMs: number;
  /** Sentences about broken invariants; empty when all is well. */
  readonly broken: readonly string[];
  readonly events: readonly RolloutEvent[];
}

/** Runners that one rollout may need before the simulation gives it up as endless. */
const runnersMax = 40;

/** How often a rollout that was over is taken up again. */
const endingsMax = 4;

/** One rollout from its opening to its close, among crashes, faults and wishes. */
export async function simulateSeed(seed: number): Promise<SeedResult> {
  const world = new World(drawnFate(seed));
  try {
    return await simulate(world);
  } catch (error) {
    // A bug throws: the story up to there is what its finder wants to read.
    const events = await world.events;
    return {
      outcome: "threw",
      crashes: world.crashes,
      records: events.length,
      virtualMs: world.clock.nowMs,
      broken: [`15: ${error instanceof Error ? error.message : String(error)}`],
      events,
    };
  }
}

async function simulate(world: World): Promise<SeedResult> {
  const { chance } = world.fate;
  const people = world.fate.focus === "people";
  const pauses =
    world.fate.focus === "lapses" ? [5_000, 600_000, 600_000] : [2_000, 30_000, 600_000];
  let state: RolloutState | null = null;
  let endings = 0;
  for (let runners = 0; runners < runnersMax; runners++) {
    if (chance.is(people ? 0.6 : 0.2)) world.askLater(drawWish(world));
    state = await world.runOnce(runners === 0);
    // A runner that died before its first record never opened anything: there is nothing to resume.
    if ((await world.journals.list()).length === 0) return neverOpened(world);
    if (chance.is(world.fate.focus === "lapses" ? 0.6 : 0.2)) await world.idle(chance.pick(pauses));
    if (state === null) continue;
    if (state.closed === null) await unpark(world, state, runners);
    else if (endings++ < endingsMax && chance.is(people ? 0.9 : 0.35)) await reopen(world, state);
    else break;
  }
  // By now every lease is over.
  await world.idle(600_000);
  const events = await world.events;
  return {
    outcome: state?.closed ?? "endless",
    crashes: world.crashes,
    records: events.length,
    virtualMs: world.clock.nowMs,
    broken: await brokenInvariants(world, state, events),
    events,
  };
}

function neverOpened(world: World): SeedResult {
  const touched = [...world.hosts.values()].filter((host) => !sameTree(host.before, ownOf(host)));
  return {
    outcome: "never opened",
    crashes: world.crashes,
    records: 0,
    virtualMs: world.clock.nowMs,
    broken: touched.map((host) => `7: ${host.name} was touched before anything was written`),
    events: [],
  };
}

function drawWish(world: World): Wish {
  const { chance } = world.fate;
  const instance = chance.pick(Object.keys(world.itinerary.instances));
  return chance.pick<Wish>([
    { kind: "pause" },
    { kind: "resume" },
    { kind: "interrupt", signal: "SIGINT" },
    { kind: "abort", rollback: false },
    { kind: "abort", rollback: true },
    { kind: "undo" },
    { kind: "reconcile" },
    { kind: "release-lock", instance, reason: "drawn" },
    { kind: "decide", instance, choice: chance.pick(choices) },
  ]);
}

const choices = ["accept", "retry", "rollback", "leave", "exclude"] as const;

/** What a person might do with a rollout that is over, after a look at its instances. */
async function reopen(world: World, state: RolloutState): Promise<void> {
  const { chance } = world.fate;
  for (const it of state.instances.values())
    for (const host of world.itinerary.instances[it.name]?.hosts ?? []) {
      const model = world.hosts.get(host.name);
      if (model !== undefined && it.phase === "sealed" && chance.is(0.15)) world.editByHand(model);
    }
  const all = [...state.instances.values()];
  const open = all.filter(needsPerson);
  const instance = chance.pick(open.length === 0 ? all : open).name;
  // People who are in a hurry ask twice.
  const wishes = 1 + chance.below(2);
  for (let asked = 0; asked < wishes; asked++)
    await world.ask(
      chance.pick<Wish>([
        { kind: "undo" },
        { kind: "undo", over: true },
        { kind: "reconcile" },
        { kind: "release-lock", instance, reason: "drawn" },
      ]),
    );
}

/** What a person might do with a rollout that waits; after a while they lose patience. */
async function unpark(world: World, state: RolloutState, runners: number): Promise<void> {
  const why = state.parked;
  if (why === null) throw new Error("a runner left a rollout that is neither parked nor closed");
  const { chance } = world.fate;
  if (runners > runnersMax / 2) return world.ask({ kind: "abort", rollback: chance.is(0.5) });
  switch (why.kind) {
    case "approval":
      return approve(world, why.region);
    case "emergency":
      return world.ask(
        { kind: "approve-emergency", digest: world.itinerary.digest },
        "somebody-else@desk",
      );
    case "window":
      if (chance.is(0.2)) await world.ask({ kind: "override-window", region: why.region });
      else if (chance.is(0.8)) await world.idle(untilOpen(world, why.opens));
      return;
    case "inconclusive":
    case "ask":
    case "bad-in-region":
      for (const instance of why.instances)
        await world.ask({
          kind: "decide",
          instance,
          choice: chance.pick(choices),
        });
      return;
    case "paused":
    case "interrupted":
      return;
  }
}

async function approve(world: World, region: string): Promise<void> {
  const planned = world.itinerary.regions.find((it) => it.name === region);
  const wish: Wish = { kind: "approve", region, at: world.wall };
  await world.ask(wish);
  if (planned?.approval !== undefined && world.fate.chance.is(0.7))
    await world.ask(wish, "somebody-else@desk");
}

/** Milliseconds; some people come a little early, by their own clocks. */
function untilOpen(world: World, opens: string | null): number {
  const early = world.fate.chance.is(0.1) ? 5_000 : 0;
  return opens === null ? 60_000 : Math.max(0, Date.parse(opens) - Date.parse(world.wall) - early);
}

async function brokenInvariants(
  world: World,
  state: RolloutState | null,
  events: readonly RolloutEvent[],
): Promise<readonly string[]> {
  const broken: string[] = [...world.violations];
  if (state === null || state.closed === null) return ["15: the rollout never ended"];
  const { state: replay, broken: againstItself } = courseTrouble(world.itinerary, events);
  broken.push(...againstItself);
  broken.push(...world.late.violations, ...lateTrouble(events, state));
  broken.push(...envelopeTrouble(world.itinerary, events, world.hosts));
  broken.push(...outlierTrouble(world.itinerary, events, world.hosts));
  if (JSON.stringify([...replay.instances]) !== JSON.stringify([...state.instances]))
    broken.push("7: the journal does not replay to the state that the runner had");
  for (const it of state.instances.values()) {
    const decided = events.some(
      (event) =>
        event.kind === "asked" &&
        event.wish.kind === "decide" &&
        event.wish.instance === it.name &&
        event.wish.choice === "accept",
    );
    for (const host of world.itinerary.instances[it.name]?.hosts ?? []) {
      const model = world.hosts.get(host.name);
      if (model === undefined) throw new Error(`no model of ${host.name}`);
      broken.push(...model.violations);
      for (const armed of model.switches.values())
        if (armed.isArmed) broken.push(`11: ${armed.key} on ${host.name} neither fired nor heard`);
      if (needsPerson(it)) continue;
      const running = [...model.receipts.values()].filter((receipt) => receipt.state === "running");
      if (running.length > 0) broken.push(`4: ${host.name} ends with ${running[0]?.key} running`);
      if (model.lock !== null && !state.lingering.has(it.name))
        broken.push(`4: ${host.name} ends ${it.phase} with its lock held`);
      // What a host that restarted in the middle came up with, no receipt tells.
      if (it.phase === "rolled-back" && model.boots === 1 && model.runsOldLibraries)
        broken.push(`4: ${host.name} is rolled back, and runs with other files than it has`);
      const want = new Map(model.before);
      // Of what may change only names are kept: nothing brings it back.
      if (model.lost.size > 0) want.delete(droppedPath);
      if (it.phase === "sealed")
        world.itinerary.plan.steps.forEach((spec, step) => {
          if (spec.action !== null) return;
          want.set(libOf(step), `new ${step}`);
          want.set(sharedPath, `by ${step}`);
        });
      if (it.phase === "sealed") {
        for (const [path, by] of model.byHand) want.set(path, by);
        for (const path of model.late) asItIs(want, model, path);
      }
      if (!sameTree(want, ownOf(model)) && !(it.phase === "sealed" && decided))
        broken.push(`4: ${host.name} ends ${it.phase} with ${JSON.stringify([...model.tree])}`);
    }
  }
  for (const host of world.contacted)
    if (!world.hosts.has(host)) broken.push(`12: ${host} was contacted`);
  if (JSON.stringify(events).includes(secretValue)) broken.push("13: the journal holds the secret");
  return broken;
}

/** Harm that came too late to be seen, or where nobody looked, stays as it is. */
function asItIs(want: Map<string, string>, { tree }: HostModel, path: string): void {
  const is = tree.get(path);
  if (is === undefined) want.delete(path);
  else want.set(path, is);
}

/** The tree without what the application makes and removes by itself. */
function ownOf({ tree }: HostModel): Tree {
  return new Map([...tree].filter(([path]) => !path.includes(livePrefix)));
}

function sameTree(a: Tree, b: Tree): boolean {
  return a.size === b.size && [...a].every(([path, content]) => b.get(path) === content);
}
