import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createApp, type RolloutEnd } from "./app.ts";
import {
  planOrPreview,
  refuseChangedHosts,
  refuseOtherBakes,
  refuseStalePlan,
} from "./cli/bound-run.ts";
import { lockWait } from "./cli/lock-wait.ts";
import type { Onlookers } from "./cli/onlookers.ts";
import { UsageError } from "./cli/refusal.ts";
import { emergencyTrouble } from "./core/emergency.ts";
import { durationMs, longestMs } from "./core/plan/durations.ts";
import { quoted } from "./core/plan/quoted.ts";
import { HandrailError } from "./core/failure.ts";
import type { LockWait } from "./runner/lock-wait.ts";
import type { StopReason } from "./stop-reason.ts";
import { loadOrRefuse } from "./cli/plan-input.ts";
import { refusedEvent } from "./cli/refused-event.ts";
import { previewOf } from "./cli/show-preview.ts";
import type { LoadedPlan } from "./sources/load-plan.ts";
import type { OnRecord } from "./steady-onlooker.ts";
import { thisUser } from "./this-user.ts";
import { toolVersion } from "./version.ts";
import { safeDeep } from "./views/event-facts.ts";
import { publicEvents } from "./views/events-of-record.ts";
import type { PublicEvent, PublicEventOf } from "./views/public-events.ts";
import { waitingEvent } from "./views/waiting-event.ts";
import { summaryEvent } from "./views/summary-event.ts";
import { summarise } from "./views/summary.ts";

export interface ApplyPlanOptions {
  /** Use this inventory, not the plan's. A preview file names its own. */
  readonly inventory?: string;
  /** Folder of the journal; default: `.handrail` beside the inventory, as on the command line. */
  readonly state?: string;
  /**
   * Digest of the plan that somebody approved, as `previewPlan` gives it. Production asks for it, unless a
   * preview file is applied, which has it; and where it is given it must be that of this very plan.
   */
  readonly approve?: string;
  /** The rollout that did harm with this very plan, where it is tried again all the same. */
  readonly despite?: string;
  /**
   * Where another rollout has the inventory or a host: wait so long for it, as `--wait` does. A duration with a
   * unit, such as "90s" or "30m"; default: be refused at once.
   */
  readonly wait?: string;
  /**
   * An emergency, with the reason that its report and whoever approves it will read: bakes as short as the plan
   * declares. Nothing is touched before one of the plan's approvers says so; default: it is none.
   */
  readonly emergency?: { readonly reason: string };
  /** Stay where a person or a window is waited for, and go on by itself, as `--stay` does; default: end as paused. */
  readonly stay?: boolean;
  /** Aborted: the rollout stops safely, and can be resumed. */
  readonly signal?: AbortSignal;
  /** Who asks, for journal and locks; default: user@host of this process. */
  readonly by?: string;
  /** For secrets and programs; default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of trouble that changes nothing in the rollout, such as a notice that reached nobody. */
  readonly onTrouble?: (sentence: string) => void;
}

/** A rollout that goes on whether or not anybody reads its events. */
export interface PlanRun extends AsyncIterable<PublicEvent> {
  /**
   * The last event. Rejects where the rollout was refused before it began (with a HandrailError or a
   * PlanRefused, which has all problems), where the wait for another one was ended by `signal` (WaitInterrupted),
   * and where it stopped half-way (RolloutStopped).
   */
  summary(): Promise<PublicEventOf<"summary">>;
}

/**
 * Walks a plan through the fleet, as `handrail apply --json` does. `plan`: path of a plan, or of a file that
 * `preview --out` wrote: then nothing begins unless plan, files, targets, tool and what is protected on the hosts
 * are as it shows them, and it works once. As there, the events are those
 * from `version` to `summary`, each told once it is in the journal. A rollout begins at once and goes on
 * by itself; leaving the loop does not stop it, `signal` does.
 */
export function applyPlan(plan: string, options: ApplyPlanOptions = {}): PlanRun {
  const told: PublicEvent[] = [];
  const woken = new Set<() => void>();
  let over = false;
  const tell = (event: PublicEvent): void => {
    told.push(safeDeep(event));
    wake();
  };
  const wake = (): void => {
    for (const each of woken) each();
    woken.clear();
  };
  tell({ type: "version", schema: 1, handrail: toolVersion() });
  const onRecord: OnRecord = (record, before, after) => {
    for (const event of publicEvents(before, record, after)) tell(event);
  };
  const ended = carried(plan, options, { onRecord, tell })
    .then(({ state, records }) => {
      const stopped =
        state.parked?.kind === "interrupted" ? { interruptedBy: state.parked.signal } : {};
      const summary = summarise(state, records, stopped);
      return summaryEvent(summary, state.halt?.sentence ?? null, new Date().toISOString());
    })
    .then(
      (line) => {
        const summary = safeDeep(line);
        tell(summary);
        return summary;
      },
      (error: unknown) => {
        const refused = refusedEvent(error);
        if (refused !== null) tell(refused);
        throw error;
      },
    )
    .finally(() => {
      over = true;
      wake();
    });
  // Whoever only reads events learns of a refusal by the last of them.
  ended.catch(() => undefined);
  return {
    summary: () => ended,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; at += 1) {
        while (at >= told.length) {
          if (over) return;
          await new Promise<void>((heard) => woken.add(heard));
        }
        yield told[at]!;
      }
    },
  };
}

interface Telling {
  readonly onRecord: OnRecord;
  readonly tell: (event: PublicEvent) => void;
}

async function carried(
  given: string,
  options: ApplyPlanOptions,
  { onRecord, tell }: Telling,
): Promise<RolloutEnd> {
  const { env = process.env, despite = null } = options;
  const by = options.by ?? `${thisUser().name}@${hostname()}`;
  const interrupted = interruption(options.signal);
  const wait = waitFor(options, { interrupted, tell });
  const { args, bound } = await asOrder(() =>
    planOrPreview({ plan: given, inventory: options.inventory }, { cwd: process.cwd() }),
  );
  const loaded = await loadOrRefuse(args);
  const emergency = emergencyOf(loaded, options, by);
  if (bound !== null) {
    await asOrder(() => refuseOtherBakes(bound, { emergency: emergency !== null }));
    await refuseStalePlan(bound, loaded);
  }
  await refuseUnapproved(loaded, options.approve ?? bound?.file.digest);
  const { plan, inventory = null } = args;
  const beside = dirname(resolve(loaded.inventoryFile ?? plan));
  await using app = createApp({ state: resolve(options.state ?? join(beside, ".handrail")), env });
  const preview = bound?.file.id ?? null;
  if (bound !== null) {
    await app.mayApply({ loaded, despite, preview, waits: wait !== null });
    await refuseChangedHosts(bound, { loaded, door: app.door });
  }
  return await app.apply({
    loaded,
    plan,
    inventory,
    despite,
    preview,
    previewedLast: bound?.file.last ?? null,
    emergency,
    wait,
    stays: options.stay === true,
    onRecord,
    interrupted,
    by,
    onTrouble: options.onTrouble ?? (() => undefined),
  });
}

async function refuseUnapproved(loaded: LoadedPlan, approve: string | undefined): Promise<void> {
  const { digest } = await previewOf(loaded);
  if (approve?.toLowerCase() === digest) return;
  if (approve === undefined && !loaded.inventory.production) return;
  throw new HandrailError({
    code: "NOT_APPROVED",
    message:
      approve === undefined
        ? `inventory ${quoted(loaded.inventory.name)} is production, and no digest was approved`
        : `the plan has the digest ${digest}, and ${quoted(approve)} was approved`,
    hint: "look at it with previewPlan, and give its digest as `approve`",
  });
}

/** A wait from now on, told as an event. */
function waitFor(
  { wait }: ApplyPlanOptions,
  { interrupted, tell }: Pick<Telling, "tell"> & { readonly interrupted: AbortSignal },
): LockWait | null {
  if (wait === undefined) return null;
  const waitMs = durationMs(wait);
  if (waitMs === null || waitMs <= 0 || waitMs > longestMs)
    throw orderRefused({
      message: `\`wait\` takes a duration with a unit, and ${quoted(wait)} is none`,
      hint: 'say how long to wait for another rollout, such as "90s" or "30m"',
    });
  const waiting: Onlookers["waiting"] = (failure, leftMs) =>
    tell(waitingEvent({ at: new Date().toISOString(), failure, leftMs }));
  const nowhere = { stderr: { write: () => true } };
  return lockWait({ waitMs, onlookers: { waiting }, io: nowhere, signal: interrupted });
}

/** Why it is an emergency; null: it is none. Rejects one that nobody could approve. */
function emergencyOf(
  { plan }: LoadedPlan,
  { emergency }: ApplyPlanOptions,
  by: string,
): string | null {
  if (emergency === undefined) return null;
  const trouble = emergencyTrouble(plan, by);
  if (trouble !== null)
    throw orderRefused({ message: `no emergency: ${trouble.why}`, hint: trouble.hint });
  const reason = emergency.reason.trim();
  if (reason !== "") return reason;
  throw orderRefused({
    message: "an emergency needs a reason, which its report and whoever approves it will read",
    hint: 'say it: emergency: { reason: "…" }',
  });
}

function orderRefused(of: { readonly message: string; readonly hint: string }): HandrailError {
  return new HandrailError({ code: "ORDER_REFUSED", ...of });
}

/** What the command line refuses as usage is a failure for a program, which has no usage. */
async function asOrder<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw orderRefused({ message: error.message, hint: error.hint });
  }
}

/** What the journal calls it: nobody sent a signal, but the rollout stops as if one had come. */
function interruption(signal: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    const reason: StopReason = { signal: "SIGTERM", because: "the program that runs it said so" };
    controller.abort(reason);
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return controller.signal;
}
