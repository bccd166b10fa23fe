import { randomBytes } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { applyWhenFree, type LockedPlace } from "./apply-when-free.ts";
import { HandrailError, RolloutStopped } from "./core/failure.ts";
import { freeze, type FreezeOrder } from "./core/freeze.ts";
import type { Itinerary } from "./core/itinerary.ts";
import { refuseBreaking } from "./core/static-review/refuse-breaking.ts";
import { redactor } from "./core/redact.ts";
import { rolloutId } from "./core/rollout-id.ts";
import { openRollout, type RolloutState } from "./core/state.ts";
import { openGuardDoor } from "./host/guard-door.ts";
import { openSqliteJournals } from "./journals/sqlite.ts";
import { noticeDesk } from "./notice-desk.ts";
import type { JournalRecord, Journals, JournalSession } from "./ports/journal.ts";
import type { HostDoor } from "./ports/rehearsal.ts";
import { probeKind } from "./probes/registry.ts";
import { openControl } from "./runner/control.ts";
import { awaitLocks } from "./runner/await-locks.ts";
import type { LockWait } from "./runner/lock-wait.ts";
import { createPerformer } from "./runner/performer.ts";
import { refuseHarm } from "./runner/refuse-harm.ts";
import { refuseReopening, refuseUnfinished, sessionOf } from "./runner/refuse-unfinished.ts";
import { refuseUsedPreview } from "./runner/refuse-used-preview.ts";
import { runRollout, type RunnerParts } from "./runner/run-rollout.ts";
import type { WatchEnd } from "./runner/watch-instances.ts";
import { digestOf } from "./sources/digest.ts";
import type { LoadedPlan } from "./sources/load-plan.ts";
import { performHttp } from "./steps/perform-http.ts";
import { openedRecord } from "./opened-record.ts";
import { recalled } from "./recalled-files.ts";
import { runnerIdentity } from "./runner-identity.ts";
import { sealedBefore } from "./sealed-before.ts";
import { stepKind } from "./steps/registry.ts";
import { transports } from "./transports/registry.ts";
import { type OnRecord, steady } from "./steady-onlooker.ts";
import { stopReason } from "./stop-reason.ts";
import { WaitInterrupted } from "./wait-interrupted.ts";
import { systemClock } from "./system-clock.ts";
import { secretsOf } from "./usable-secrets.ts";
import { toolVersion } from "./version.ts";
import { type WatchOrder, watchRollout } from "./watch-rollout.ts";

/** What the verbs need of the rest: the one place where concrete parts meet. */
export interface App extends AsyncDisposable {
  /** Opened at the first call, so that a verb that needs no journal leaves no folder behind. */
  journals(): Promise<Journals>;
  /** For looks at hosts, and for rehearsals in a copy of one: nothing is written anywhere. */
  readonly door: HostDoor;
  /** Rejects where `apply` would be refused for what the review found or the journal says; asks nothing else. */
  mayApply(order: MayApplyOrder): Promise<void>;
  /**
   * Rejects where a rollout that is over can't take its inventory up again, because another holds
   * it: a wish to undo it that was left all the same would be acted on much later.
   */
  mayReopen(state: RolloutState): Promise<void>;
  /**
   * Waits until no other rollout has the inventory or any of these hosts. Rejects with who has it
   * when the time is over, and with WaitInterrupted as soon as the wait is ended. Only looks.
   */
  awaitLocks(order: LockedPlace, wait: LockWait): Promise<void>;
  /** Starts a rollout, and carries it to its end or to where a person is needed. */
  apply(order: ApplyOrder): Promise<RolloutEnd>;
  /** Looks at what a rollout has sealed, for a while: read-only, without a lock or a record. */
  watch(order: WatchOrder): Promise<WatchEnd>;
  /** Takes a rollout up where its journal stands: what was asked of it meanwhile comes first. */
  carryOn(order: CarryOnOrder): Promise<RolloutEnd>;
}

export interface AppOptions {
  /** Folder of the journal. */
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunOrder extends Pick<RunnerParts, "stays"> {
  readonly onRecord: OnRecord;
  /** Aborts with a StopReason: stop safely. */
  readonly interrupted: AbortSignal;
  /** Who asks, for journal and locks: "deploy@laptop". */
  readonly by: string;
  /** Told of trouble that changes nothing in the rollout, such as a notice that reached nobody. */
  readonly onTrouble: (sentence: string) => void;
  /** Where another rollout holds what this one needs: wait so long for it. Default: be refused at once. */
  readonly wait?: LockWait | null;
}

export interface MayApplyOrder {
  readonly loaded: LoadedPlan;
  /** The rollout that did harm with this very plan, named by who tries it again all the same. */
  readonly despite: string | null;
  /** true: whoever holds the inventory will be waited for, so that is no reason yet. */
  readonly waits?: boolean;
  /** Id of the preview file that it is begun from; default null: of none. */
  readonly preview?: string | null;
}

export interface ApplyOrder extends RunOrder, MayApplyOrder, Pick<FreezeOrder, "emergency"> {
  /** Path of the plan: secrets' programs start in its folder. */
  readonly plan: string;
  /** Path of the inventory where it is not the one that the plan names; default null. */
  readonly inventory?: string | null;
  /** Instances that the preview's order has last; default null: it is bound to no order. */
  readonly previewedLast?: readonly string[] | null;
}

export interface CarryOnOrder extends RunOrder {
  readonly rollout: string;
  /** false: an abort or undo does not fail for want of a secret; only work that uses it does. */
  readonly needsSecrets: boolean;
}

export interface RolloutEnd {
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
}

export function createApp(options: AppOptions): App {
  const clock = systemClock();
  let opened: Promise<Journals> | null = null;
  const journals = (): Promise<Journals> =>
    (opened ??= openSqliteJournals({ folder: options.state, clock }));
  const door = openGuardDoor({
    transports: new Map(transports().map((transport) => [transport.name, transport])),
    clock,
  });

  const desk = noticeDesk(options.state, clock);

  async function mayApply({ loaded, despite, waits, preview }: MayApplyOrder): Promise<void> {
    refuseBreaking(loaded.findings);
    const log = await journals();
    if (waits !== true) await refuseUnfinished(log, { inventory: loaded.inventory.name });
    const digest = digestOf(loaded, toolVersion());
    await refuseHarm(log, digest, despite);
    if (preview != null) await refuseUsedPreview(log, { id: preview, digest });
  }

  async function mayReopen({ closed, itinerary }: RolloutState): Promise<void> {
    if (closed === null) return;
    const { inventory, rollout } = itinerary;
    await refuseUnfinished(await journals(), { inventory: inventory.name, but: rollout });
  }

  async function waitFor(order: LockedPlace, wait: LockWait): Promise<void> {
    const log = await journals();
    const { inventory, rollout, concurrency } = order;
    const all = order.instances.flatMap(({ hosts }) => hosts);
    const hosts = [...new Map(all.map((it) => [`${it.name} ${it.spool}`, it])).values()];
    const waited = awaitLocks(
      { log, door, clock },
      { inventory, rollout, hosts, concurrency, wait },
    );
    await waited.catch((error: unknown) => {
      throw wait.signal.aborted ? new WaitInterrupted(stopReason(wait.signal)) : error;
    });
    if (wait.signal.aborted) throw new WaitInterrupted(stopReason(wait.signal));
  }

  function apply(order: ApplyOrder): Promise<RolloutEnd> {
    const { wait } = order;
    if (wait == null) return applyNow(order);
    return applyWhenFree({
      loaded: order.loaded,
      wait,
      clock,
      // Who is refused for harm should not wait for it first.
      refuse: () => mayApply({ ...order, waits: true }),
      waitFor,
      applyNow: () => applyNow(order),
    });
  }

  async function applyNow(order: ApplyOrder): Promise<RolloutEnd> {
    const { loaded, emergency } = order;
    const log = await journals();
    const digest = digestOf(loaded, toolVersion());
    await mayApply({ ...order, waits: false });
    const rollout = rolloutId(loaded.plan.name, clock.wall(), randomBytes(2).toString("hex"));
    const itinerary = freeze({ ...loaded, rollout, digest, emergency });
    const secrets = await secretsOf(itinerary, dirname(resolve(order.plan)), options.env);
    for (const file of Object.values(loaded.files).flat()) await log.keep(file.content);
    const identity = runnerIdentity(order.by);
    const inventory = loaded.inventory.name;
    await using session = sessionOf(
      await log.open({ rollout, inventory, digest, runner: identity }),
    );
    // Asked again under the lock: from here on no other rollout of this inventory can begin.
    await refuseUnfinished(log, { inventory });
    if (order.preview != null) await refuseUsedPreview(log, { id: order.preview, digest });
    await desk.begin({ itinerary, onTrouble: order.onTrouble });
    const first = await session.append(
      openedRecord(itinerary, order, await sealedBefore(log, itinerary)),
    );
    order.onRecord(first, null, openRollout(itinerary));
    return await carry(order, { session, itinerary, secrets, ...identity });
  }

  async function carryOn(order: CarryOnOrder): Promise<RolloutEnd> {
    const log = await journals();
    const [first] = await log.read(order.rollout, 0);
    if (first?.event.kind !== "opened")
      throw new Error(`the journal of ${order.rollout} does not begin with its opening`);
    const { itinerary, planFolder } = first.event;
    const secrets = await secretsOf(itinerary, planFolder, options.env).catch((error: unknown) => {
      if (order.needsSecrets || !(error instanceof HandrailError)) throw error;
      order.onTrouble(`${error.message}; work that uses it will fail`);
      return {};
    });
    const identity = runnerIdentity(order.by);
    await using session = sessionOf(await log.takeUp(order.rollout, identity));
    // Asked again under the lock: another rollout may have begun and parked since the wish was left.
    await refuseReopening(log, { inventory: itinerary.inventory.name, rollout: order.rollout });
    return await carry(order, { session, itinerary, secrets, ...identity });
  }

  async function carry(
    order: RunOrder,
    taken: ReturnType<typeof runnerIdentity> & {
      readonly session: JournalSession;
      readonly itinerary: Itinerary;
      readonly secrets: Readonly<Record<string, string>>;
    },
  ): Promise<RolloutEnd> {
    const { session, itinerary, secrets } = taken;
    const log = await journals();
    const strike = redactor(secrets);
    const files = await recalled(log, itinerary.files);
    await using performer = createPerformer({
      itinerary,
      door,
      clock,
      stepKind,
      probeKind,
      sendHttp: (request, signal) => performHttp(request, { fetch, signal }),
      files,
      secrets,
      redactor: strike,
      confirm: () => session.confirm(),
      holder: taken.holder,
      controllerSpool: join(resolve(options.state), "spool"),
    });
    const records = await log.read(itinerary.rollout, 0);
    let touched = records.some(
      ({ event }) => event.kind === "intent" && event.action.kind === "begin",
    );
    const control = openControl();
    const interrupt = (): void => {
      const { signal, because } = stopReason(order.interrupted);
      control.ask({ wish: { kind: "interrupt", signal }, by: order.by, reason: because });
    };
    if (order.interrupted.aborted) interrupt();
    order.interrupted.addEventListener("abort", interrupt, { once: true });
    const { onTrouble } = order;
    const notices = await desk.open({ itinerary, secrets, files, onTrouble }, records);
    const onRecord = steady(order.onRecord, onTrouble);
    const run = runRollout({
      itinerary,
      records,
      session,
      performer,
      clock,
      redactor: strike,
      runner: taken.runner,
      stays: order.stays,
      control,
      onRecord(record, before, after) {
        onRecord(record, before, after);
        touched ||= record.event.kind === "intent" && record.event.action.kind === "begin";
        notices.saw(record, after);
      },
    });
    const state = await run.catch((error: unknown) => {
      if (touched && error instanceof HandrailError)
        throw new RolloutStopped(itinerary.rollout, error);
      throw error;
    });
    order.interrupted.removeEventListener("abort", interrupt);
    return { state, records: await log.read(itinerary.rollout, 0) };
  }

  return {
    journals,
    door,
    mayApply,
    mayReopen,
    awaitLocks: waitFor,
    apply,
    carryOn,
    watch: (order) => watchRollout({ door, clock, env: options.env, folder: options.state }, order),
    async [Symbol.asyncDispose]() {
      await desk.finish();
      // A journal that could not be opened has told so to whoever asked for it; nothing is to close.
      const journal = await opened?.catch(() => null);
      await journal?.[Symbol.asyncDispose]();
    },
  };
}
