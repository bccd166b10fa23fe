import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Failure } from "../../src/core/failure.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { standingOf } from "../../src/core/standing.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { JournalSession } from "../../src/ports/journal.ts";
import { drive, type DriveOptions, type Script } from "../support/drive.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

// Rollouts in every place in which a verb refuses something of its own, each with an inventory and
// instances of its own name, so that none stands in the way of another. Nobody runs those of `places`;
// those of `attended` are run by this process for as long as their sessions are open.

interface Scene {
  readonly world?: Partial<SmallWorld>;
  /** What is not plain in its itinerary. */
  readonly with?: (itinerary: Itinerary) => Itinerary;
  readonly script?: Script;
  readonly drive?: DriveOptions;
  /** What a person asks after that, and where it is left then. */
  readonly asked?: readonly (readonly [Wish, DriveOptions["until"]])[];
}

const failure = (code: Failure["code"], message: string): Failure => ({
  code,
  message,
  hint: "look at it there",
});
/** Something fails at the first instance of the scene, whose name ends with 1. */
const at1 =
  (kind: string, is: "failed" | "inconclusive" | "unreachable", of: Failure): Script =>
  (action) =>
    action.kind === kind && action.instance.endsWith("1") ? { is, failure: of } : null;
const failing = at1("apply", "failed", failure("STEP_EXIT", "exit 3"));
/** The second instance is the second region's. */
const failingLater: Script = (action) =>
  action.kind === "apply" && action.instance.endsWith("2")
    ? { is: "failed", failure: failure("STEP_EXIT", "exit 3") }
    : null;
const unclear = at1("apply", "inconclusive", failure("PROBE_INCONCLUSIVE", "no answer"));
const unreached = at1("preflight", "unreachable", failure("CONNECT_TIMEOUT", "no answer"));

const standsAs = (standing: string) => (state: RolloutState) => standingOf(state) === standing;
const underWay = (state: RolloutState): boolean =>
  [...state.instances.values()].some((it) => it.pending?.kind === "apply");
const never = (): boolean => false;
const oneNamed = { by: 2, from: ["ann", "bob"], expiresMs: null, starter: true };

/** By the end of its id. */
const places: Readonly<Record<string, Scene>> = {
  untouched: { script: unreached },
  undone: { world: { retentionMs: 1 }, asked: [[{ kind: "undo" }, never]] },
  half: { script: failingLater, world: { retentionMs: 1 } },
  production: {
    world: { retentionMs: 1 },
    with: (it) => ({ ...it, inventory: { ...it.inventory, production: true } }),
  },
  emergency: { world: { emergency: { bake: { stableMs: 1 }, approvers: ["ann"], starter: true } } },
  mine: { world: { emergency: { bake: { stableMs: 1 }, approvers: ["deploy"], starter: false } } },
  named: { world: { approve: ["two"], approvals: { two: oneNamed } } },
  other: {
    world: {
      approve: ["two"],
      approvals: { two: { ...oneNamed, by: 1, from: null, starter: false } },
    },
  },
  window: { world: { windows: ["two"] }, drive: { now: "2026-11-23T12:00:00.000Z" } },
  left: { world: { onFail: "halt" }, script: failing },
  asking: { world: { onFail: "ask" }, script: failing },
  bad: { world: { maxBad: 1 }, script: failing },
  required: { world: { maxBad: 1, steps: [{ required: true }] }, script: failing },
  doubted: { world: { steps: [{ required: true }] }, script: unclear },
  paused: { drive: { until: underWay }, asked: [[{ kind: "pause" }, never]] },
  interrupted: {
    drive: { until: underWay },
    asked: [[{ kind: "interrupt", signal: "SIGTERM" }, never]],
  },
  secret: {
    drive: { until: underWay },
    asked: [[{ kind: "pause" }, never]],
    with: (it) => ({ ...it, plan: { ...it.plan, secrets: { token: { env: "TOKEN" } } } }),
  },
  "going-back": {
    drive: { until: underWay },
    asked: [[{ kind: "abort", rollback: true }, standsAs("aborting")]],
  },
  done: { drive: { until: standsAs("releasing") } },
};

const attended: Readonly<Record<string, Scene>> = {
  running: { world: { approve: ["two"] }, drive: { until: underWay } },
  "undoing-now": {
    world: { retentionMs: 1 },
    asked: [[{ kind: "undo" }, standsAs("undoing")]],
  },
  "done-now": { drive: { until: standsAs("releasing") } },
};

/** Should anything be carried on by mistake, it comes to no host: nobody listens at port 1. */
const nowhere = { via: "openssh", port: 1, spool: "/nonexistent" } as const;

const by = "deploy@laptop";

/** The whole id of the scene of this name. */
export function sceneId(name: string): string {
  return `fix-20261123-0400-${name}`;
}

/** Every scene that nobody runs, in the journal of this folder. */
export async function writePlaces(folder: string, wall: () => string): Promise<void> {
  const opened = await sessionsOf(folder, wall, places);
  await opened.close();
}

/** A rollout that did harm, and has this digest. */
export async function writeHarm(folder: string, wall: () => string, digest: string): Promise<void> {
  const harm: Scene = { script: failing, with: (it) => ({ ...it, digest }) };
  const opened = await sessionsOf(folder, wall, { harm });
  await opened.close();
}

/** The scenes that are being run, by this process, until they are closed. */
export function runAttended(folder: string, wall: () => string) {
  return sessionsOf(folder, wall, attended);
}

async function sessionsOf(
  folder: string,
  wall: () => string,
  scenes: Readonly<Record<string, Scene>>,
): Promise<{ close(): Promise<void> }> {
  const journals = await openSqliteJournals({ folder, clock: { wall } });
  const sessions: JournalSession[] = [];
  for (const [name, scene] of Object.entries(scenes)) {
    const plain = smallItinerary({
      regions: { one: [[`${name}1`]], two: [[`${name}2`]] },
      ...scene.world,
    });
    const rollout = sceneId(name);
    const own: Itinerary = {
      ...plain,
      rollout,
      inventory: { name, production: false },
      instances: Object.fromEntries(
        Object.entries(plain.instances).map(([key, it]) => [
          key,
          { ...it, hosts: it.hosts.map((host) => ({ ...host, ...nowhere })) },
        ]),
      ),
    };
    const itinerary = scene.with?.(own) ?? own;
    const held = await journals.open({
      rollout,
      inventory: name,
      digest: itinerary.digest,
      runner: { runner: "r", holder: by },
    });
    if (held.kind !== "held") throw new Error(`the journal is held: ${name}`);
    sessions.push(held.session);
    await held.session.append({
      kind: "opened",
      itinerary,
      by,
      tool: "0.1.0",
      planFolder: "/",
    });
    for (const event of eventsOf(itinerary, scene)) await held.session.append(event);
  }
  return {
    async close() {
      for (const session of sessions) await session[Symbol.asyncDispose]();
      await journals[Symbol.asyncDispose]();
    },
  };
}

function eventsOf(itinerary: Itinerary, scene: Scene): readonly RolloutEvent[] {
  const script = scene.script ?? (() => null);
  const first = drive(itinerary, script, { from: openRollout(itinerary), ...scene.drive });
  const events = [...first.events];
  let { state } = first;
  for (const [wish, until] of scene.asked ?? []) {
    const asked: RolloutEvent = { kind: "asked", wish, by, reason: "as agreed" };
    events.push(asked);
    const on = drive(itinerary, script, {
      from: evolve(state, asked),
      ...(until === undefined ? {} : { until }),
    });
    events.push(...on.events);
    ({ state } = on);
  }
  return events;
}
