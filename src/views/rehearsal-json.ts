import type { Effect } from "../core/effects.ts";
import type { RehearsedStep } from "../core/rehearsal/rehearsal.ts";
import { limitsOfCopies, type RehearsalView } from "./rehearsal-text.ts";

/** A rehearsal for programs, in one object; docs/rehearsal.md tells of it. */
export function rehearsalJson(view: RehearsalView, exit: number): object {
  const { plan, instances, left, network, outcome } = view;
  return {
    schema: 1,
    plan,
    outcome,
    exit,
    network,
    notRehearsed: left,
    limits: limitsOfCopies(network),
    instances: instances.map(({ name, region, hosts }) => ({
      name,
      region,
      hosts: hosts.map((host) => ({ ...host, steps: host.steps.map(stepJson) })),
    })),
  };
}

function stepJson(step: RehearsedStep): object {
  if (step.is !== "rehearsed") return step;
  const { tracedTo, ...rest } = step;
  return {
    ...rest,
    findings: step.findings.map((finding) => ({
      ...finding,
      examples: finding.examples.map(effectJson),
    })),
    groups: step.groups.map((group) => ({
      ...group,
      effects: group.effects.map((effect) => {
        const by = tracedTo?.[effect.path];
        return { ...effectJson(effect), ...(by === undefined ? {} : { by }) };
      }),
    })),
  };
}

/** Inodes and times of a copy say nothing of the host. */
function effectJson({ path, class: kind, change: { before, after } }: Effect): object {
  const side = (entry: typeof before): object | null =>
    entry === null
      ? null
      : {
          type: entry.type,
          mode: entry.mode,
          uid: entry.uid,
          gid: entry.gid,
          size: entry.size,
        };
  return { path, class: kind, before: side(before), after: side(after) };
}
