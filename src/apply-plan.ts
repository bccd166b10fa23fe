import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createApp, type RolloutEnd } from "./app.ts";
import { quoted } from "./core/plan/quoted.ts";
import { HandrailError } from "./core/failure.ts";
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
import { summaryEvent } from "./views/summary-event.ts";
import { summarise } from "./views/summary.ts";

export interface ApplyPlanOptions {
  /** Use this inventory, not the plan's. */
  readonly inventory?: string;
  /** Folder of the journal; default: `.handrail` beside the inventory, as on the command line. */
  readonly state?: string;
  /**
   * Digest of the plan that somebody approved, as `previewPlan` gives it. Production asks for it; and
   * where it is given it must be that of this very plan.
   */
  readonly approve?: string;
  /** The rollout that did harm with this very plan, where it is tried again all the same. */
  readonly despite?: string;
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
   * PlanRefused, which has all problems), and where it stopped half-way (RolloutStopped).
   */
  summary(): Promise<PublicEventOf<"summary">>;
}

/**
 * Walks a plan through the fleet, as `handrail apply --json` does: the events are the same, from
 * `version` to `summary`, each told once it is in the journal. A rollout begins at once and goes on
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
  const ended = carried(plan, options, onRecord)
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

async function carried(
  plan: string,
  options: ApplyPlanOptions,
  onRecord: OnRecord,
): Promise<RolloutEnd> {
  const loaded = await loadOrRefuse({ plan, inventory: options.inventory });
  await refuseUnapproved(loaded, options.approve);
  const { env = process.env, inventory = null, despite = null } = options;
  const beside = dirname(resolve(loaded.inventoryFile ?? plan));
  await using app = createApp({ state: resolve(options.state ?? join(beside, ".handrail")), env });
  return await app.apply({
    loaded,
    plan,
    inventory,
    despite,
    onRecord,
    interrupted: interruption(options.signal),
    by: options.by ?? `${thisUser().name}@${hostname()}`,
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
