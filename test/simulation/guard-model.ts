import type { Answer } from "../../src/core/answer.ts";
import type { Change } from "../../src/core/effects.ts";
import type { Failure } from "../../src/core/failure.ts";
import type { Guard, GuardDoor, RestoreItem } from "../../src/ports/guard.ts";
import type { CommandResult, RunOrder, RunResult } from "../../src/ports/guard-command.ts";
import { type Doing, entryOf, type HostModel, type Receipt } from "./host-model.ts";
import type { Chance } from "./seeded.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface GuardWorld {
  readonly hosts: ReadonlyMap<string, HostModel>;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** Probability of trouble in one call to a host. */
  readonly faultRate: number;
  /** The runner that this door belongs to; after its death nothing it does has an effect. */
  readonly alive: { readonly value: boolean };
  readonly contacted: Set<string>;
  /** Is the intent for what is about to happen in the journal? */
  readonly intended: (host: string, kind: "snapshot" | "apply" | "revert", key: string) => boolean;
}

/** A guard door onto simulated hosts. Keeps the contract of ports/guard.ts, under faults. */
export function modelDoor(world: GuardWorld): GuardDoor {
  return {
    async open(address, { rollout }) {
      const host = world.hosts.get(address.name);
      world.contacted.add(address.name);
      if (host === undefined) throw new Error(`the world has no host "${address.name}"`);
      await delay(world);
      if (world.chance.is(world.faultRate))
        return { kind: "not-sent", failure: lost(host, "refused") };
      return { kind: "result", value: modelGuard(world, host, rollout) };
    },
  };
}

function modelGuard(world: GuardWorld, host: HostModel, rollout: string): Guard {
  let open = true;

  /** One request: it may not be sent, its answer may be lost, and its runner may be dead. */
  async function call<T>(act: () => T | Promise<T>): Promise<Answer<T>> {
    await delay(world);
    if (!open) return { kind: "not-sent", failure: lost(host, "closed") };
    if (world.chance.is(world.faultRate / 2)) {
      open = false;
      return { kind: "not-sent", failure: lost(host, "gone before the request") };
    }
    const value = act();
    if (world.chance.is(world.faultRate)) {
      open = false;
      await delay(world);
      return { kind: "unknown", failure: lost(host, "gone before the answer") };
    }
    const answer: Answer<T> = { kind: "result", value: await value };
    await delay(world);
    return open ? answer : { kind: "unknown", failure: lost(host, "closed") };
  }

  const own = (key: string): string => `${rollout}/${key}`;
  const snapshotOf = (key: string): ReadonlyMap<string, string> | null =>
    host.snapshots.get(own(key)) ?? null;

  return {
    facts: { uid: 0, kernel: "model", userland: "gnu", bootId: "1", tools: [], time: 0 },
    ask: () => call(() => answerOf(host)),
    claim: ({ epoch }) =>
      call(() => {
        const { lock } = host;
        if (lock !== null && (lock.rollout !== rollout || lock.epoch > epoch))
          return { kind: "refused", failure: { ...lost(host, "locked"), code: "HOST_LOCKED" } };
        host.lock = { rollout, epoch };
        return { kind: "granted" };
      }),
    snapshot: ({ key }) =>
      call(() => {
        if (!world.intended(host.name, "snapshot", key))
          host.violations.push(`7: snapshot ${key} on ${host.name} without an intent`);
        if (world.chance.is(world.faultRate / 4))
          return { kind: "refused", failure: { ...lost(host, "full"), code: "SNAPSHOT_NO_SPACE" } };
        if (snapshotOf(key) === null) host.snapshots.set(own(key), new Map(host.tree));
        return { kind: "complete", entries: host.tree.size, bytes: 3, durationMs: 1, losses: [] };
      }),
    run: (order) => call(() => runOn({ world, host, order, key: own(order.key), snapshotOf })),
    settle: ({ key }) =>
      call((): RunResult | { kind: "never" } => {
        const known = host.receipts.get(own(key));
        if (known === undefined) {
          host.receipts.set(own(key), receipt(own(key), "never"));
          return { kind: "never" };
        }
        host.end(known);
        return resultOf(host, known);
      }),
    compare: ({ key }) =>
      call(() => {
        const snapshot = snapshotOf(key);
        if (snapshot === null) return missing(host, key);
        const changes = changesBetween(snapshot, host.tree);
        return { kind: "compared", changes, total: changes.length, entries: host.tree.size };
      }),
    restore: ({ key, items }) =>
      call(() => {
        const snapshot = snapshotOf(key);
        if (snapshot === null) return missing(host, key);
        // A restore under a command that still runs could be undone by it.
        for (const it of host.receipts.values())
          if (it.state === "running" && !it.key.includes(".recover."))
            host.violations.push(`6: restore on ${host.name} while ${it.key} still runs`);
        for (const item of items) restoreItem(host, snapshot, item);
        return { kind: "restored", restored: items.length, conflicts: [], failed: [] };
      }),
    release: () =>
      call(() => {
        if (host.lock?.rollout === rollout) host.lock = null;
        return { left: 0 };
      }),
    [Symbol.asyncDispose]: async () => {
      open = false;
    },
  };
}

async function runOn(it: {
  readonly world: GuardWorld;
  readonly host: HostModel;
  readonly order: RunOrder;
  readonly key: string;
  readonly snapshotOf: (key: string) => ReadonlyMap<string, string> | null;
}): Promise<RunResult> {
  const { world, host, order } = it;
  const doing: Doing = JSON.parse(order.script);
  let known = host.receipts.get(it.key);
  if (known?.state === "never")
    return { kind: "refused", failure: { ...lost(host, "fenced"), code: "STEP_INTERRUPTED" } };
  if (known === undefined) {
    if (order.snapshot !== null && it.snapshotOf(order.snapshot) === null)
      return missing(host, order.snapshot);
    if (order.snapshot !== null && !world.intended(host.name, "apply", order.key))
      host.violations.push(`7: ${order.key} on ${host.name} without an intent`);
    known = receipt(it.key, "running");
    host.receipts.set(it.key, known);
    host.start(known, doing, order.timeoutMs);
  }
  const waiting = known;
  if (waiting.state === "running") await new Promise<void>((wake) => waiting.waiting.push(wake));
  return resultOf(host, waiting);
}

function resultOf(host: HostModel, it: Receipt): RunResult {
  if (it.result !== null) return { kind: "finished", ...it.result };
  return {
    kind: "interrupted",
    failure: { ...lost(host, "ended half-way"), code: "STEP_INTERRUPTED" },
  };
}

function receipt(key: string, state: Receipt["state"]): Receipt {
  return { key, state, result: null, starts: 0, waiting: [] };
}

function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path): Change[] => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    return [
      {
        path,
        before: was === undefined ? null : entryOf(was),
        after: is === undefined ? null : entryOf(is),
        sameContent: was === undefined || is === undefined ? null : false,
      },
    ];
  });
}

function restoreItem(
  host: HostModel,
  snapshot: ReadonlyMap<string, string>,
  { path, how }: RestoreItem,
): void {
  const was = snapshot.get(path);
  if (how === "remove") host.tree.delete(path);
  else if (was !== undefined && (how === "replace" || !host.tree.has(path)))
    host.tree.set(path, was);
}

function answerOf(host: HostModel): CommandResult {
  return {
    exitCode: host.healthy ? 0 : 1,
    timedOut: false,
    stdout: new Uint8Array(),
    stderr: new TextEncoder().encode(host.healthy ? "" : "no temp files\n"),
    dropped: 0,
    durationMs: 1,
  };
}

/** A dead runner's call never comes back, and does nothing. */
function delay(world: GuardWorld): Promise<void> {
  return new Promise((wake) => {
    world.clock.after(1 + world.chance.below(40), () => {
      if (world.alive.value) wake();
    });
  });
}

function missing(host: HostModel, key: string): { kind: "refused"; failure: Failure } {
  host.violations.push(`2: no snapshot ${key} on ${host.name}`);
  return { kind: "refused", failure: { ...lost(host, "no snapshot"), code: "SNAPSHOT_MISSING" } };
}

function lost(host: HostModel, why: string): Failure {
  return {
    code: "CONNECT_LOST",
    message: `${host.name}: ${why}`,
    hint: "reconcile",
    host: host.name,
  };
}
