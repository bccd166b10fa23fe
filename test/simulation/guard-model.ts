import type { Answer } from "../../src/core/answer.ts";
import type { Failure } from "../../src/core/failure.ts";
import type { ArmResult, DisarmResult } from "../../src/ports/dead-man-switch.ts";
import type { CommandResult, RunOrder, RunResult } from "../../src/ports/guard-command.ts";
import { listScript } from "../../src/runner/list-tree.ts";
import type { Guard, GuardDoor, HostLook, RestoreResult } from "../../src/ports/guard.ts";
import type { GuardWorld } from "./guard-world.ts";
import { type HostModel, sharedPath } from "./host-model.ts";
import { LineModel } from "./line-model.ts";
import { type Doing, endOf, newReceipt, type Receipt } from "./receipt-model.ts";
import type { Chance } from "./seeded.ts";
import { SwitchModel } from "./switch-model.ts";
import { changesBetween, restoreByRules, type Restored, type Tree } from "./tree-model.ts";

/** A step never begins from a snapshot that is older than this: no pause fits in between. */
const snapshotAgeMaxMs = 400_000;

/** A guard door onto simulated hosts. Keeps the contract of ports/guard.ts, under faults. */
export function modelDoor(worker: GuardWorld): GuardDoor {
  return {
    async open(address, { rollout, epoch: runner }) {
      const onlooks = runner === undefined;
      const world = onlooks ? { ...worker, chance: worker.looks } : worker;
      const epoch = runner ?? 0;
      const host = world.hosts.get(address.name);
      world.contacted.add(address.name);
      if (host === undefined) throw new Error(`the world has no host "${address.name}"`);
      const line = new LineModel(world, host);
      await line.delay();
      if (host.ails.has("logins fail"))
        return { kind: "not-sent", failure: line.failure("AUTH_FAILED", "login refused") };
      if (host.ails.has("host key changed"))
        return { kind: "not-sent", failure: line.failure("HOST_KEY_CHANGED", "another key") };
      if (world.chance.is(world.faultRate))
        return { kind: "not-sent", failure: line.lost("refused") };
      return { kind: "result", value: modelGuard({ world, host, rollout, line, epoch, onlooks }) };
    },
  };
}

interface Speaking {
  readonly world: GuardWorld;
  readonly host: HostModel;
  readonly rollout: string;
  readonly line: LineModel;
  /** Of the runner that asks, as the host knows it. */
  epoch: number;
  /** No runner asks. */
  readonly onlooks: boolean;
}

function modelGuard(it: Speaking): Guard {
  const { world, host, rollout, line } = it;
  const call = <T>(act: () => T | Promise<T>): Promise<Answer<T>> => line.call(act);
  const own = (key: string): string => `${rollout}/${key}`;
  /** As `call`, for what changes something: only for whoever has the host's lock, and is the newest. */
  const change = <T>(act: () => T | Promise<T>): Promise<Answer<T | Refused>> =>
    call(async (): Promise<T | Refused> => {
      if (it.onlooks) host.violations.push(`8: ${host.name} would be changed by a look`);
      return fencedOff(it) ?? (await act());
    });

  return {
    facts: {
      uid: 0,
      kernel: "model",
      userland: "gnu",
      bootId: String(host.boots),
      tools: [],
      time: Math.floor(world.clock.nowMs / 1_000) + host.clockOff,
      losses: [],
      preventionFault: "",
      logoutFault: "",
    },
    ask: ({ script }) =>
      call(() => (script === listScript ? listed(host) : answerOf(host, world.chance))),
    look: ({ paths, described }) =>
      call((): HostLook => ({
        ...(described === undefined ? {} : { portrait: host.portrait }),
        lock: null,
        spool: { exists: true, fault: "", freeBytes: null, freeInodes: null },
        trees: paths.map(({ path }) => ({ path, exists: true, entries: 1, bytes: 1, losses: [] })),
      })),
    async claim({ epoch, confirm }) {
      if (it.onlooks) host.violations.push(`8: ${host.name} would be locked by a look`);
      let doubt: unknown = null;
      const answer = await call(async (): Promise<Refused | { readonly kind: "granted" }> => {
        const { lock } = host;
        if (lock !== null && lock.epoch > epoch && lock.rollout === rollout)
          return refused(line.failure("FENCED", "replaced"));
        if (lock !== null && lock.rollout !== rollout)
          return refused(line.failure("HOST_LOCKED", "locked"));
        if (lock === null) {
          // Not yet anybody's, should its runner not be heard again.
          const made = { rollout, epoch: 0 };
          host.lock = made;
          const end = await line.back(async () => {
            await confirm?.().catch((error: unknown) => (doubt = error));
          });
          const isOurs = host.lock === made;
          if (isOurs && end !== "killed" && (end === "ended" || doubt !== null)) host.lock = null;
          if (!isOurs || host.lock === null || end === "killed")
            return refused(line.failure("FENCED", "given back"));
        }
        host.lock = { rollout, epoch };
        it.epoch = epoch;
        return { kind: "granted" };
      });
      if (doubt !== null) throw doubt;
      return answer;
    },
    // Words for people: no fault is drawn for them, so that seeds stay what they are.
    keep: async () => ({ kind: "result", value: { kind: "kept" } }),
    observe: () => call(() => ({ watchedMs: 0 })),
    snapshot: ({ key }) =>
      change(() => {
        if (!world.intended(host.name, "snapshot", key))
          host.violations.push(`7: snapshot ${key} on ${host.name} without an intent`);
        for (const armed of host.switches.values())
          if (armed.isArmed)
            host.violations.push(`2: snapshot ${key} on ${host.name} with ${armed.key} armed`);
        if (world.chance.is(world.faultRate / 4)) return full(it);
        if (host.ails.has("host's disk full") && !host.snapshots.has(own(key))) return full(it);
        if (host.ails.has("tree unreadable"))
          return refused(line.failure("SNAPSHOT_UNREADABLE", "no leave to read"));
        host.live();
        if (!host.snapshots.has(own(key)))
          host.snapshots.set(own(key), { tree: new Map(host.tree), atMs: world.clock.nowMs });
        const facts = { bytes: 3, durationMs: 1, losses: [], added: 0, drilled: 1 };
        return { kind: "complete", entries: host.tree.size, ...facts };
      }),
    arm: (order) =>
      change(async (): Promise<ArmResult> => {
        if (!host.snapshots.has(own(order.key))) return missing(it, order.key, 2);
        const known = host.switches.get(order.key);
        if (known?.decision === "disarmed") return { kind: "disarmed" };
        if (known?.decision === "fired") return { kind: "fired", fired: await known.told() };
        const lost =
          host.refusesToArm(order.key) ||
          known?.wasLost === true ||
          world.chance.is(world.faultRate / 8);
        if (lost) return refused(line.failure("GUARD_NOT_ARMED", "unfit"));
        if (known === undefined && host.ails.has("host's disk full")) return full(it);
        const armed = known ?? new SwitchModel(host, rollout, order.key);
        host.switches.set(order.key, armed);
        armed.arm(order, line);
        return { kind: "armed" };
      }),
    disarm: ({ key }) =>
      change(async (): Promise<DisarmResult> => {
        if (!host.switches.has(key) && host.ails.has("host's disk full")) return full(it);
        const known = host.switches.get(key) ?? new SwitchModel(host, rollout, key);
        host.switches.set(key, known);
        known.disarm();
        if (known.decision === "fired") return { kind: "fired", fired: await known.told() };
        return { kind: "disarmed" };
      }),
    run: (order) => change(() => runOn(it, order)),
    settle: ({ key, onlyIfBegun = false }) =>
      change(async (): Promise<RunResult | { kind: "never" }> => {
        const known = host.receipts.get(own(key));
        if (known === undefined && onlyIfBegun) return { kind: "never" };
        if (known === undefined && host.ails.has("host's disk full")) return full(it);
        if (known === undefined || known.state === "never") {
          host.receipts.set(own(key), newReceipt(own(key), "never"));
          return { kind: "never" };
        }
        await host.end(known);
        return resultOf(it, known);
      }),
    compare: ({ key, moment }) =>
      change(() => {
        const snapshot = host.snapshots.get(own(key));
        if (snapshot === undefined) return missing(it, key, 3);
        host.live();
        if (moment === "after-step") host.after.set(own(key), new Map(host.tree));
        const changes = changesBetween(snapshot.tree, host.tree);
        const total = changes.length;
        return { kind: "compared", changes, total, entries: host.tree.size, watchedMs: 0 };
      }),
    restore: ({ key, rules, later }) =>
      change(() => {
        const snapshot = host.snapshots.get(own(key));
        if (snapshot === undefined) return missing(it, key, 3);
        if (!hasBegun(it, key))
          host.violations.push(`3: ${key} is put back on ${host.name}, where its step never began`);
        // A restore under a command that still runs could be undone by it.
        for (const receipt of host.receipts.values())
          if (receipt.state === "running")
            host.violations.push(`6: restore on ${host.name} while ${receipt.key} still runs`);
        if (host.ails.has("snapshot damaged"))
          return refused(line.failure("RESTORE_INCOMPLETE", "it can't be unpacked"));
        const after: Tree | null = host.after.get(own(key)) ?? null;
        const order = { snapshot: snapshot.tree, after, rules, later };
        const denied = host.ails.has("restore denied") ? deniedPath : null;
        const was = denied === null ? undefined : host.tree.get(denied);
        const did = restoreByRules({ ...order, tree: host.tree });
        if (denied !== null && host.tree.get(denied) !== was) {
          if (was === undefined) host.tree.delete(denied);
          else host.tree.set(denied, was);
          const failedPaths = [{ path: denied, message: "no leave to write" }];
          return restoredAnswer(did, failedPaths);
        }
        const once = new Map(host.tree);
        restoreByRules({ ...order, tree: once });
        if (changesBetween(host.tree, once).length > 0)
          host.violations.push(`11: restoring ${key} twice on ${host.name} is not as once`);
        return restoredAnswer(did, []);
      }),
    async release({ keepUntil }) {
      const answer = await call((): Refused | { readonly kind: "released" } => {
        if (host.lock?.rollout === rollout && host.lock.epoch > it.epoch)
          return refused(line.failure("FENCED", "replaced"));
        for (const armed of host.switches.values())
          if (armed.isArmed)
            host.violations.push(`3: ${host.name} is given back with ${armed.key} armed`);
        for (const receipt of host.receipts.values())
          if (receipt.state === "running")
            host.violations.push(`6: ${host.name} is given back while ${receipt.key} runs`);
        if (host.lock?.rollout === rollout) host.lock = null;
        if (keepUntil === null) host.snapshots.clear();
        return { kind: "released" };
      });
      if (answer.kind !== "result") return answer;
      if (answer.value.kind === "refused")
        return { kind: "not-sent", failure: answer.value.failure };
      return { kind: "result", value: { left: 0 } };
    },
    [Symbol.asyncDispose]: async () => line.close(),
  };
}

async function runOn(it: Speaking, order: RunOrder): Promise<RunResult> {
  const { world, host, rollout, line } = it;
  const key = `${rollout}/${order.key}`;
  let known = host.receipts.get(key);
  if (known?.state === "never")
    return { kind: "refused", failure: line.failure("FENCED", "settled") };
  if (known === undefined) {
    if (host.ails.has("host's disk full")) return full(it);
    const without = order.snapshot === null ? null : refusal(it, order, order.snapshot);
    if (without !== null) return without;
    known = newReceipt(key, "running");
    host.receipts.set(key, known);
    const doing: Doing = JSON.parse(order.script);
    const closes = order.readOnly.includes("/srv/app/tmp");
    const impossible = { kind: "impossible", because: "no namespaces" } as const;
    const held = host.prevents ? ({ kind: "held", leftPid: null } as const) : impossible;
    host.start({
      receipt: known,
      doing,
      timeoutMs: order.timeoutMs,
      held: closes ? held : { kind: "not-asked" },
    });
    if (world.chance.is(world.faultRate / 10)) host.switches.get(order.armed ?? "")?.die();
  }
  await endOf(known);
  return resultOf(it, known);
}

/** What a step may not begin without. */
function refusal(it: Speaking, order: RunOrder, key: string): RunResult | null {
  const { world, host, rollout, line } = it;
  const snapshot = host.snapshots.get(`${rollout}/${key}`);
  if (snapshot === undefined) return missing(it, key, 2);
  if (!world.intended(host.name, "apply", order.key))
    host.violations.push(`7: ${order.key} on ${host.name} without an intent`);
  if (order.armed !== null && host.switches.get(order.armed)?.isArmed !== true)
    return { kind: "refused", failure: line.failure("GUARD_NOT_ARMED", "unarmed") };
  if (order.armed !== key)
    host.violations.push(`2: ${order.key} would begin on ${host.name} without an armed guard`);
  const ageMs = world.clock.nowMs - snapshot.atMs;
  // An attempt that has begun goes on to the instance's other hosts, however long its runner was away.
  const goesOn = [...world.hosts.values()].some(({ receipts }) =>
    receipts.has(`${rollout}/${order.key}`),
  );
  if (ageMs > snapshotAgeMaxMs && !goesOn)
    host.violations.push(
      `2: ${order.key} began on ${host.name} from a snapshot of ${ageMs} ms ago`,
    );
  return null;
}

function resultOf({ line }: Speaking, receipt: Receipt): RunResult {
  if (receipt.result !== null) return { kind: "finished", ...receipt.result };
  return {
    kind: "interrupted",
    failure: line.failure("STEP_INTERRUPTED", "ended half-way"),
  };
}

/** The temp folder by name, as a look lists it; or why nobody could. */
function listed({ tree, ails }: HostModel): CommandResult {
  const fault = ails.has("tree unreadable") ? "find: no leave to read\n" : "";
  const names = [...tree.keys()].filter((path) => path.startsWith("/srv/app/tmp/"));
  return {
    exitCode: 0,
    timedOut: false,
    stdout: new TextEncoder().encode(["/srv/app/tmp", ...names].map((it) => `${it}\0`).join("")),
    stderr: new TextEncoder().encode(fault),
    dropped: 0,
    durationMs: 1,
  };
}

/** What a probe hears from a host, which may be wrong with it too. */
function answerOf(host: HostModel, chance: Chance): CommandResult {
  const { ails } = host;
  const flaps = ails.has("probes flap") && chance.is(0.3);
  const served = (host.healthy || ails.has("probes lie")) && !flaps;
  const said = ails.has("probes hang") ? "hang" : ails.has("probes can't tell") ? "error" : "";
  return {
    exitCode: served ? 0 : 1,
    timedOut: false,
    stdout: new TextEncoder().encode(said),
    stderr: new TextEncoder().encode(served ? "" : "no temp files\n"),
    dropped: 0,
    durationMs: 1,
  };
}

/** Did any attempt of the step of this snapshot begin here? */
function hasBegun({ host, rollout }: Speaking, key: string): boolean {
  const attempt = `${rollout}/${stepOf(key)}.`;
  return [...host.receipts.values()].some(
    (receipt) => receipt.state !== "never" && /^\d+$/.test(receipt.key.replace(attempt, "")),
  );
}

/** The step that a snapshot's name is about, whatever its generation. */
function stepOf(key: string): string {
  return key.replace(/\.g\d+$/, "");
}

interface Refused {
  readonly kind: "refused";
  readonly failure: Failure;
}

function refused(failure: Failure): Refused {
  return { kind: "refused", failure };
}

function full({ line }: Speaking): Refused {
  return refused(line.failure("SNAPSHOT_NO_SPACE", "full"));
}

/** What a host says to a runner that another one has replaced, or that another rollout is in the way of. */
function fencedOff({ world, host, rollout, line, epoch }: Speaking): Refused | null {
  const { lock } = host;
  if (lock !== null && lock.rollout !== rollout)
    return refused(line.failure("HOST_LOCKED", `locked by ${lock.rollout}`));
  if (lock !== null && lock.epoch > epoch) return refused(line.failure("FENCED", "replaced"));
  if (lock !== null) return null;
  // A runner that was replaced does not know that the host was given back; one that was not must.
  if (epoch === world.newestEpoch())
    host.violations.push(`10: ${host.name} would be changed without its lock`);
  return refused(line.failure("FENCED", "given back"));
}

/** What can't be written where leave to write is missing. */
const deniedPath = sharedPath;

function restoredAnswer(
  did: Restored,
  failed: readonly { readonly path: string; readonly message: string }[],
): RestoreResult {
  return {
    kind: "restored",
    restored: did.restored.length - failed.length,
    conflicts: told(did.conflicts),
    setAside: told(did.setAside),
    failedTotal: failed.length,
    failed,
  };
}

function told(paths: readonly string[]) {
  return { paths, total: paths.length };
}

function missing(
  { host, line }: Speaking,
  key: string,
  invariant: 2 | 3,
): { kind: "refused"; failure: Failure } {
  host.violations.push(`${invariant}: no snapshot ${key} on ${host.name}`);
  return { kind: "refused", failure: line.failure("SNAPSHOT_MISSING", "no snapshot") };
}
