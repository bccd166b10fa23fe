import type { Action } from "../core/action.ts";
import { approvalRule } from "../core/approval.ts";
import type { RolloutEvent } from "../core/event.ts";
import { goingLast } from "../core/odd-ones.ts";
import {
  instanceOf,
  instancesOf,
  type InstanceState,
  isBad,
  type RolloutState,
} from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { type About, publicFailure, regionOf, safeDeep } from "./event-facts.ts";
import { eventsOfChange } from "./events-of-change.ts";
import { eventsOfNote } from "./events-of-note.ts";
import { eventsOfWish } from "./events-of-wish.ts";
import type { PublicEvent } from "./public-events.ts";

/**
 * What one record means to the world outside: what it says itself, then what became of instances
 * by it. `before` is null for the first record. Pure; all text is safe to print.
 */
export function publicEvents(
  before: RolloutState | null,
  record: JournalRecord,
  after: RolloutState,
): readonly PublicEvent[] {
  const about = { at: record.at, rollout: after.itinerary.rollout };
  const told = [
    ...eventsOf(record.event, about, before, after),
    ...eventsOfChange(before, after, about),
  ];
  return told.map(safeDeep);
}

function eventsOf(
  event: RolloutEvent,
  about: About,
  before: RolloutState | null,
  after: RolloutState,
): readonly PublicEvent[] {
  switch (event.kind) {
    case "opened":
      return [started(after, about, event.by)];
    case "taken-up":
      return before !== null && before.epoch > 0
        ? [{ type: "resumed", ...about, runner: event.runner, epoch: event.epoch }]
        : [];
    case "intent":
      return rollbackStarted(event.action, about, after);
    case "outcome":
    case "forgotten":
      return [];
    case "noted":
      return eventsOfNote(event.note, about, after);
    case "outliers-found":
      return [
        {
          type: "outliers.found",
          ...about,
          outliers: event.outliers.map(({ inPreview: _inPreview, ...it }) => ({
            region: instanceOf(after, it.instance).region,
            ...it,
          })),
        },
      ];
    case "order-decided":
      return [
        {
          type: "order.decided",
          ...about,
          regions: event.regions.map(({ region, batches }) => ({
            region,
            batches: batches.map(({ instances }) => [...instances]),
            last: batches.flatMap(({ instances }) =>
              instances.filter((name) => goingLast(after).has(name)),
            ),
          })),
        },
      ];
    case "preflight-passed":
      return [{ type: "preflight.passed", ...about }];
    case "region-started": {
      const instances = namesOf(instancesOf(after, event.region));
      return [{ type: "region.started", ...about, region: event.region, instances }];
    }
    case "batch-started": {
      const batches = regionOf(after, event.region).batches.length;
      return [{ type: "batch.started", ...about, ...batchOf(event, after), batches }];
    }
    case "bake-started": {
      const { settleMs, stableMs, retryMs, until, deadlineMs } = regionOf(after, event.region).bake;
      const goal = until && { timeMs: until.timeMs, and: until.and?.written ?? null };
      const bake = {
        settleMs,
        stableMs,
        retryMs,
        ...(goal === undefined ? {} : { until: goal }),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      };
      return [{ type: "bake.started", ...about, ...batchOf(event, after), ...bake }];
    }
    case "bake-finished": {
      const { region, batch, instances } = batchOf(event, after);
      const members = instances.flatMap((name) => after.instances.get(name) ?? []);
      const sealed = namesOf(members.filter((it) => it.phase === "sealed"));
      const bad = namesOf(members.filter(isBad));
      return [{ type: "bake.finished", ...about, region, batch, sealed, bad }];
    }
    case "region-sealed": {
      const excluded = namesOf(instancesOf(after, event.region).filter((it) => it.excluded));
      return [{ type: "region.sealed", ...about, region: event.region, excluded }];
    }
    case "approval-waiting":
      return [waitingForPeople(event.region, about, after)];
    case "approval-lapsed": {
      const { region, people } = event;
      return [{ type: "approval.lapsed", ...about, region, people: [...people] }];
    }
    case "window": {
      const { region, open, until } = event;
      const { timezone } = regionOf(after, region);
      return [{ type: "window", ...about, region, open, until, timezone }];
    }
    case "late-harm":
      return [lateHarm(event, about, after)];
    case "halting": {
      const { rule, limit, bad, where, scope, sentence } = event.halt;
      const instances = [...event.halt.instances];
      const late = event.halt.late?.map((it) => ({ ...it }));
      const told = { rule, limit, bad, instances, where, scope, sentence };
      return [{ type: "halted", ...about, ...told, ...(late === undefined ? {} : { late }) }];
    }
    case "parked": {
      const { why } = event;
      const instances = "instances" in why ? [...why.instances] : [];
      const region = "region" in why ? { region: why.region } : {};
      const opens =
        why.kind === "window"
          ? { opens: why.opens, timezone: regionOf(after, why.region).timezone }
          : {};
      const because =
        why.kind === "paused" && why.because !== undefined ? { because: why.because } : {};
      const paused = { why: why.kind, ...region, ...opens, ...because, instances };
      return [{ type: "paused", ...about, ...paused }];
    }
    case "asked":
      return eventsOfWish(event, about, after);
    case "closed":
      return [
        ...preflightFailed(event.outcome, after, about),
        { type: "rollout.finished", ...about, outcome: event.outcome },
      ];
  }
}

function lateHarm(
  { harm, during }: Extract<RolloutEvent, { kind: "late-harm" }>,
  about: About,
  state: RolloutState,
): PublicEvent {
  const { region } = instanceOf(state, harm.instance);
  const { instance, host, is, says, path, count, examples } = harm;
  return {
    type: "instance.harmed",
    ...about,
    region,
    instance,
    ...(host === undefined ? {} : { host }),
    is,
    says,
    during,
    ...(path === undefined ? {} : { path }),
    ...(count === undefined ? {} : { count }),
    ...(examples === undefined ? {} : { examples: [...examples] }),
  };
}

function waitingForPeople(region: string, about: About, state: RolloutState): PublicEvent {
  const { by: needed, from } = approvalRule(regionOf(state, region));
  const votes = state.regions.find((it) => it.name === region)?.votes ?? [];
  const people = votes.map((vote) => vote.by);
  return { type: "approval.waiting", ...about, region, needed, people, from: from && [...from] };
}

function rollbackStarted(
  action: Action,
  about: About,
  state: RolloutState,
): readonly PublicEvent[] {
  if (action.kind !== "revert") return [];
  const it = instanceOf(state, action.instance);
  if (action.step !== it.touched - 1 || it.tries > 0) return [];
  const on = { ...about, region: it.region, instance: it.name };
  return [{ type: "rollback.started", ...on, steps: it.touched }];
}

function started(state: RolloutState, about: About, by: string): PublicEvent {
  const { plan, digest, inventory, regions, emergency } = state.itinerary;
  const approvers = [...(emergency?.rule.from ?? [])];
  return {
    type: "rollout.started",
    ...about,
    plan: plan.name,
    summary: plan.summary,
    digest,
    inventory: inventory.name,
    production: inventory.production,
    by,
    regions: regions.map((region) => ({
      region: region.name,
      batches: region.batches.map((batch) => [...batch.instances]),
    })),
    steps: plan.steps.map((step) => step.name),
    ...(emergency === undefined ? {} : { emergency: { reason: emergency.reason, approvers } }),
  };
}

function preflightFailed(
  outcome: string,
  state: RolloutState,
  about: About,
): readonly PublicEvent[] {
  if (outcome !== "refused") return [];
  const instances = [...state.instances.values()].flatMap((it) =>
    it.bad === null ? [] : [{ instance: it.name, failure: publicFailure(it.bad.failure) }],
  );
  return [{ type: "preflight.failed", ...about, instances }];
}

function batchOf(
  event: { readonly region: string; readonly batch: number },
  state: RolloutState,
): { region: string; batch: number; instances: string[] } {
  const instances = regionOf(state, event.region).batches[event.batch]?.instances ?? [];
  return { region: event.region, batch: event.batch + 1, instances: [...instances] };
}

function namesOf(instances: readonly InstanceState[]): string[] {
  return instances.map((it) => it.name);
}
