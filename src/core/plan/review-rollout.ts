import { lastMomentMs } from "../health.ts";
import { countText, resolveCount } from "../batches.ts";
import { durationText } from "./durations.ts";
import type { Bake, Count } from "./plan.ts";
import type { DocumentPath } from "./problem.ts";
import { counted, quoted } from "./quoted.ts";
import { reviewEmergency } from "./review-emergency.ts";
import type { Reviewed, Target } from "./reviewed.ts";
import { shortestLeaseMs, watchEvery } from "./spell-out-plan.ts";

/** Limits that are larger than what they limit, and times out of order. */
export function reviewRollout(reviewed: Reviewed): void {
  const { plan, targets } = reviewed;
  if (plan.plan === null) return;
  reviewBatches(reviewed, largestRegion(targets));
  reviewMaxBad(reviewed, new Set(targets.map((target) => target.instance)).size);
  reviewDeadlines(reviewed);
  reviewEmergency(reviewed);
  reviewWatch(reviewed);
}

/** null while nothing is known of the targets. */
function largestRegion(targets: readonly Target[]): { name: string; size: number } | null {
  const sizes = new Map<string, number>();
  for (const { region } of targets) sizes.set(region.name, region.instances.length);
  const [largest] = [...sizes].sort(([, a], [, b]) => b - a);
  return largest === undefined ? null : { name: largest[0], size: largest[1] };
}

function reviewBatches({ plan: read }: Reviewed, largest: ReturnType<typeof largestRegion>): void {
  read.plan!.rollout.batches.forEach((size, at) => {
    const path = ["rollout", "batches", at];
    if (read.raw(path) === undefined) return;
    if (isZero(size)) read.report(path, "a batch of 0 would never get anywhere");
    reviewPercent(read.report, path, size);
    if (largest === null || !("number" in size) || size.number <= largest.size) return;
    const message = `a batch of ${size.number} is larger than the largest region, ${quoted(largest.name)} with ${counted(largest.size, "instance")}`;
    read.report(
      path,
      message,
      largest.size === 1 ? "write 1" : `write ${largest.size} or less, or a percentage`,
    );
  });
}

function reviewMaxBad({ plan: read }: Reviewed, instances: number): void {
  const { maxBad } = read.plan!.rollout;
  const path = ["rollout", "maxBad"];
  if (read.raw(path) === undefined) return;
  if (reviewPercent(read.report, path, maxBad) || instances === 0) return;
  if (resolveCount(maxBad, instances) < instances) return;
  const message = `"maxBad" is ${countText(maxBad, instances)}, and the targets are ${counted(instances, "instance")}: nothing could ever halt the rollout`;
  read.report(path, message, instances === 1 ? "write 0" : `write ${instances - 1} or less`);
}

function reviewDeadlines({ plan: read }: Reviewed): void {
  const { bake, bakeFirst, deadline, guard } = read.plan!.rollout;
  const { stepMs, instanceMs, progressMs } = deadline;
  const at = (...paths: readonly DocumentPath[]): DocumentPath =>
    paths.find((path) => read.raw(path) !== undefined) ?? ["rollout"];
  const rule =
    "the order is: settle + stable and step, shorter than instance, shorter than progress";
  const tell = (
    path: DocumentPath,
    [shorter, shorterMs]: Named,
    [longer, longerMs]: Named,
    hint: string = rule,
  ): void => {
    const message = `${shorter} is ${durationText(shorterMs)}, which is not shorter than ${longer}, ${durationText(longerMs)}`;
    read.report(path, message, path[1] === "guard" ? null : hint);
  };
  const instance: Named = ["the deadline of an instance", instanceMs];
  if (stepMs >= instanceMs) {
    tell(
      at(ofDeadline("step"), ofDeadline("instance")),
      ["the deadline of a step", stepMs],
      instance,
    );
  }
  if (instanceMs >= progressMs) {
    const progress: Named = ["the deadline of progress", progressMs];
    tell(at(ofDeadline("instance"), ofDeadline("progress")), instance, progress);
  }
  const bakes: readonly (readonly [string, Bake])[] = [
    ["bake", bake],
    ["bakeFirst", bakeFirst],
  ];
  for (const [key, { settleMs, stableMs }] of bakes) {
    const written = key === "bake" || read.raw(["rollout", key]) !== undefined;
    if (!written || settleMs + stableMs < instanceMs) continue;
    const where = at(["rollout", key, "stable"], ["rollout", key], ofDeadline("instance"));
    tell(where, [`settle + stable of ${quoted(key)}`, settleMs + stableMs], instance);
  }
  const compares = (read.plan!.metrics ?? []).some(({ compare }) => compare !== null);
  for (const [key, it] of bakes) {
    if (key === "bake" || read.raw(["rollout", key]) !== undefined)
      reviewBakeDeadline(it, { key, instance, compares, lastMs: lastMomentMs(it), at, tell });
  }
  for (const [key, ms] of [
    ["step", stepMs],
    ["instance", instanceMs],
  ] as const) {
    if (ms === 0) read.report(ofDeadline(key), `${quoted(key)} must be longer than 0s`);
  }
  if (guard.leaseMs < shortestLeaseMs) {
    const message = `a lease of ${durationText(guard.leaseMs)} is too short: it is renewed several times before it ends, over a network that may hold one renewal up`;
    read.report(ofGuard("lease"), message, `write ${durationText(shortestLeaseMs)} or more`);
  }
  // A host that was left alone goes back before anyone else gives up on it.
  for (const [key, name, ms] of [
    ["lease", "the lease of the guard", guard.leaseMs],
    ["observe", "the time to observe", guard.observeMs],
  ] as const) {
    if (ms >= instanceMs && read.raw(ofGuard(key)) !== undefined)
      tell(ofGuard(key), [name, ms], instance);
  }
}

const bakeRule =
  "the order is: settle + stable and until.time, shorter than the bake's deadline, shorter than instance";

/** Where a bake waits for evidence: what it waits for, its last moment, the instance's. */
function reviewBakeDeadline(
  { settleMs, stableMs, until, deadlineMs }: Bake,
  it: {
    readonly key: string;
    readonly instance: Named;
    /** Is anything compared once it is healthy? */
    readonly compares: boolean;
    readonly lastMs: number;
    readonly at: (...paths: readonly DocumentPath[]) => DocumentPath;
    readonly tell: (path: DocumentPath, shorter: Named, longer: Named, hint: string) => void;
  },
): void {
  const { key, instance, at, tell } = it;
  if (until === undefined || deadlineMs === undefined) {
    const last: Named = [
      `the last moment of ${quoted(key)}, with a minute to compare in,`,
      it.lastMs,
    ];
    const where = at(["rollout", key], ofDeadline("instance"), ["metrics"]);
    if (it.compares && it.lastMs >= instance[1]) tell(where, last, instance, bakeRule);
    return;
  }
  const where = at(["rollout", key, "deadline"], ["rollout", key, "until"], ["rollout", key]);
  const deadline: Named = [`the deadline of ${quoted(key)}`, deadlineMs];
  const healthy: Named = [`settle + stable of ${quoted(key)}`, settleMs + stableMs];
  const time: Named = [`until.time of ${quoted(key)}`, until.timeMs];
  for (const shorter of [healthy, time])
    if (shorter[1] >= deadlineMs) tell(where, shorter, deadline, bakeRule);
  if (deadlineMs >= instance[1]) tell(where, deadline, instance, bakeRule);
}

function reviewWatch({ plan: read }: Reviewed): void {
  const everyMs = read.plan!.rollout.watch?.everyMs;
  if (everyMs === undefined) return;
  const path = ["rollout", "watch", "every"];
  const [min, max] = [durationText(watchEvery.minMs), durationText(watchEvery.maxMs)];
  if (everyMs < watchEvery.minMs)
    read.report(
      path,
      `a look every ${durationText(everyMs)} is a load for hosts`,
      `write ${min} or more`,
    );
  if (everyMs > watchEvery.maxMs)
    read.report(
      path,
      `a look every ${durationText(everyMs)} comes too late for most rollouts`,
      `write ${max} or less, or \`watch: false\` for none`,
    );
}

function ofGuard(key: string): DocumentPath {
  return ["rollout", "guard", key];
}

function ofDeadline(key: string): DocumentPath {
  return ["rollout", "deadline", key];
}

type Named = readonly [name: string, ms: number];

function isZero(count: Count): boolean {
  return "number" in count ? count.number === 0 : count.percent === 0;
}

/** True when the percentage is reported. */
function reviewPercent(
  report: Reviewed["plan"]["report"],
  path: DocumentPath,
  count: Count,
): boolean {
  if (!("percent" in count) || count.percent <= 100) return false;
  report(
    path,
    `${quoted(`${count.percent}%`)} is more than all`,
    "write a percentage from 0% to 100%",
  );
  return true;
}
