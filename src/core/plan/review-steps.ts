import { durationText } from "./durations.ts";
import type { StepSpec } from "./plan.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { isMapping, keysAt, listAt, valueAt } from "./raw.ts";
import { reviewKind } from "./review-kind.ts";
import { reviewTouches } from "./review-touches.ts";
import type { Reviewed } from "./reviewed.ts";
import { stepKeys } from "./step-schema.ts";
import { nearestOrAll } from "./suggest.ts";
import { nameTrouble } from "./variable-names.ts";

/** What is wrong with steps, actions and probes by themselves, and with what they name. */
export function reviewSteps(reviewed: Reviewed): void {
  const { plan: read, kinds } = reviewed;
  const { plan, report } = read;
  if (plan === null) return;
  if (Array.isArray(read.raw(["steps"])) && listAt(read.source.value, "steps").length === 0) {
    report(["steps"], "the plan has no steps", null, "key");
  }
  const stepNames = [...kinds.steps.map((kind) => kind.name), "do"];
  const known = [...Object.keys(stepKeys), "undo"];
  plan.steps.forEach((step, at) => {
    const path = ["steps", at];
    reviewKind(reviewed, path, { kinds: stepNames, others: known, what: "step" });
    if (isMapping(read.raw([...path, "undo"]))) {
      reviewKind(reviewed, [...path, "undo"], { kinds: stepNames, others: [], what: "undo" });
    }
    reviewStep(reviewed, step, path);
  });
  for (const name of keysAt(read.source.value, "actions")) {
    const options = {
      kinds: stepNames.filter((kind) => kind !== "do"),
      others: [],
      what: "action",
    };
    if (isMapping(read.raw(["actions", name]))) reviewKind(reviewed, ["actions", name], options);
    if (name === "restore") {
      const message = '"restore" is what `recover` calls putting the snapshot back';
      report(["actions", name], message, "give the action another name", "key");
    }
  }
  reviewProbes(reviewed);
  for (const list of ["steps", "probes", "checks"] as const) reviewTwice(reviewed, list);
  plan.notify.forEach((_, at) => {
    const options = {
      kinds: kinds.notifiers.map((kind) => kind.name),
      others: ["on", "severity", "template"],
      what: "notice",
    };
    reviewKind(reviewed, ["notify", at], options);
  });
  for (const name of keysAt(read.source.value, "secrets")) {
    if (nameTrouble(`x_${name}`.slice(0, 64)) === null) continue;
    const message = `${quoted(name)} is not a name for a secret: letters, digits and "_"`;
    report(["secrets", name], message, null, "key");
  }
}

function reviewStep(reviewed: Reviewed, step: StepSpec, path: DocumentPath): void {
  const { plan: read, kinds } = reviewed;
  const { report } = read;
  const actions = keysAt(read.source.value, "actions");
  for (const below of [["do"], ["undo", "do"]]) {
    const name = read.raw([...path, ...below]);
    if (typeof name !== "string" || actions.includes(name)) continue;
    const message = `no action is named ${quoted(name)}`;
    report(
      [...path, ...below],
      message,
      nearestOrAll(name, actions) ?? "declare it under `actions`",
    );
  }
  if (step.retries > 0 && !step.idempotent) {
    const message = `the step ${quoted(step.name)} is retried, but does not say that running it twice does no harm`;
    report(
      [...path, "retries"],
      message,
      "add `idempotent: true` if that is so, or leave `retries` out",
    );
  }
  if (read.raw([...path, "prevent"]) === true && !read.plan!.rollout.guard.prevent) {
    const message = `"prevent: true" does nothing for the step ${quoted(step.name)}, because "rollout.guard.prevent" is false`;
    report([...path, "prevent"], message, "take one of the two out");
  }
  const kind = kinds.steps.find((one) => one.name === step.work.kind);
  if (kind !== undefined && !kind.places.includes(step.on)) {
    const message = `${quoted(kind.name)} can't run on the ${step.on}`;
    report([...path, "on"], message, `it runs on the ${kind.places.join(" or the ")}`);
  }
  reviewTouches(reviewed, step, path);
  const ownTimeout = read.raw([...path, "timeout"]) !== undefined;
  if (ownTimeout && step.timeoutMs === 0)
    report([...path, "timeout"], '"timeout" must be longer than 0s');
  const { instanceMs } = read.plan!.rollout.deadline;
  if (ownTimeout && step.timeoutMs >= instanceMs) {
    const message = `the timeout ${quoted(durationText(step.timeoutMs))} is not shorter than the deadline of the whole instance, ${quoted(durationText(instanceMs))}`;
    report([...path, "timeout"], message, "raise rollout.deadline.instance, or lower the timeout");
  }
}

function reviewProbes(reviewed: Reviewed): void {
  const { plan: read, kinds } = reviewed;
  const names = kinds.probes.map((kind) => kind.name);
  const others = ["name", "surface", "on", "interval", "jitter", "failAfter", "errorAfter"];
  read.plan?.probes.forEach((probe, at) => {
    const path = ["probes", at];
    reviewKind(reviewed, path, { kinds: names, others, what: "probe" });
    const kind = kinds.probes.find((one) => one.name === probe.kind);
    if (kind !== undefined && !kind.places.includes(probe.on)) {
      const message = `${quoted(kind.name)} can't be asked from the ${probe.on}`;
      read.report([...path, "on"], message, `it is asked from the ${kind.places.join(" or the ")}`);
    }
    if (probe.intervalMs < 50)
      read.report([...path, "interval"], '"interval" must be at least 50ms');
  });
}

function reviewTwice({ plan: read }: Reviewed, list: "steps" | "probes" | "checks"): void {
  const first = new Map<string, number>();
  listAt(read.source.value, list).forEach((entry, at) => {
    const name = valueAt(entry, ["name"]);
    if (typeof name !== "string") return;
    const before = first.get(name);
    first.set(name, before ?? at);
    if (before === undefined) return;
    const { line } = read.source.at([list, before, "name"]);
    const message = `the ${list.slice(0, -1)} ${quoted(name)} is there twice`;
    read.reportAt([list, at, "name"], message, `the first is on line ${line}`);
  });
}
