import type { Unproved } from "./kinds.ts";
import type { StepSpec } from "./plan.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { listAt, valueAt } from "./raw.ts";
import type { Reviewed } from "./reviewed.ts";
import { nearest } from "./suggest.ts";

/**
 * Each surface that a step touches must be covered: by a probe that asserts something of content or
 * effect there. One that would pass whatever is served is no cover.
 */
export function reviewTouches(reviewed: Reviewed, step: StepSpec, path: DocumentPath): void {
  const { report, source } = reviewed.plan;
  const surfaces = surfacesOf(source.value);
  step.touches.forEach((surface, at) => {
    const where = [...path, "touches", at];
    if (!surfaces.includes(surface)) {
      const message = `no probe watches the surface ${quoted(surface)}, which the step ${quoted(step.name)} touches`;
      const add = `add a probe with \`surface: ${surface}\``;
      report(where, message, nearest(surface, surfaces) ?? add);
      return;
    }
    const blind = blindProbes(reviewed, surface);
    const [first, ...more] = blind;
    const all = surfaces.filter((one) => one === surface).length;
    // A probe that could not be read whole is reported already, and might be the cover.
    if (first === undefined || blind.length < all || hasTrouble(reviewed, surface)) return;
    const why = more.length === 0 ? `the probe ${because(first)}` : blind.map(because).join(", ");
    const message = `nothing shows that the surface ${quoted(surface)}, which the step ${quoted(step.name)} touches, serves its users: ${why}`;
    report(where, message, suggestionOf(blind, surface));
  });
}

interface Blind extends Unproved {
  readonly probe: string;
}

function blindProbes({ plan: read, kinds }: Reviewed, surface: string): readonly Blind[] {
  return (read.plan?.probes ?? []).flatMap((probe): readonly Blind[] => {
    if (probe.surface !== surface) return [];
    const kind = kinds.probes.find((one) => one.name === probe.kind);
    const unproved = kind?.unproved(probe.args) ?? null;
    return unproved === null ? [] : [{ probe: probe.name, ...unproved }];
  });
}

function hasTrouble({ plan: { source, problems } }: Reviewed, surface: string): boolean {
  return listAt(source.value, "probes").some(
    (probe, at) =>
      valueAt(probe, ["surface"]) === surface &&
      problems.some(({ path }) => path.startsWith(`probes/${at}/`)),
  );
}

function because({ probe, because: what }: Blind): string {
  return `${quoted(probe)} ${what}`;
}

function suggestionOf(blind: readonly Blind[], surface: string): string {
  const able = blind.find(({ suggestion }) => suggestion !== null);
  if (able === undefined)
    return `add a probe with \`surface: ${surface}\` that looks at what is served, such as http with \`contains\``;
  return `give ${quoted(able.probe)} ${able.suggestion}`;
}

/** Surfaces that some probe watches, also one that is wrong otherwise; once for each probe. */
function surfacesOf(document: unknown): readonly string[] {
  return listAt(document, "probes")
    .map((probe) => valueAt(probe, ["surface"]))
    .filter((surface) => typeof surface === "string");
}
