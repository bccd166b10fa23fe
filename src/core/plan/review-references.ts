import { namesIn } from "../variables.ts";
import { instanceVariables } from "./instance-variables.ts";
import { allWork } from "./file-references.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { isMapping, keysAt } from "./raw.ts";
import type { VariableTrouble } from "./resolve-vars.ts";
import type { Reviewed, Target } from "./reviewed.ts";
import { nearest, nearestOrAll } from "./suggest.ts";
import { builtInNames } from "./variable-names.ts";

/** Every `${name}` that Handrail fills in must have a value, on every host that the plan goes to. */
export function reviewReferences(reviewed: Reviewed): void {
  const { plan } = reviewed.plan;
  if (plan === null) return;
  reviewVarsThemselves(reviewed);
  const { kinds } = reviewed;
  plan.protect.forEach(({ path }, at) => {
    reviewText(reviewed, path, ["protect", at, "path"], { secrets: false });
  });
  plan.steps.forEach((step, at) => {
    step.writes.forEach((path, index) => {
      reviewText(reviewed, path, ["steps", at, "writes", index], { secrets: false });
    });
    step.allow.forEach(({ glob, effect }, index) => {
      reviewText(reviewed, glob, ["steps", at, "allow", index, effect], { secrets: false });
    });
  });
  for (const { work, path } of allWork(plan)) {
    const kind = kinds.steps.find((one) => one.name === work.kind);
    if (kind?.substitutes === true) reviewTexts(reviewed, work.args, path);
  }
  plan.probes.forEach((probe, at) => {
    const kind = kinds.probes.find((one) => one.name === probe.kind);
    if (kind?.substitutes === true) reviewTexts(reviewed, probe.args, ["probes", at, probe.kind]);
  });
  (plan.metrics ?? []).forEach((metric, at) => {
    const kind = kinds.probes.find((one) => one.name === metric.kind);
    if (kind?.substitutes === true && metric.probe === null)
      reviewTexts(reviewed, metric.args, ["metrics", at, metric.kind]);
  });
}

/** Every text in these args, each at its own place. */
function reviewTexts(reviewed: Reviewed, value: unknown, path: DocumentPath): void {
  if (typeof value === "string")
    return reviewText(reviewed, value, path, { secrets: !isProgramWord(path) });
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    reviewTexts(reviewed, inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

/** Words of a program stand in the process list of the host, for everybody there to read. */
function isProgramWord(path: DocumentPath): boolean {
  const at = path.lastIndexOf("script");
  return at >= 0 && (path[at + 1] === "args" || path[at + 1] === "interpreter");
}

function reviewText(
  reviewed: Reviewed,
  text: string,
  path: DocumentPath,
  may: { readonly secrets: boolean },
): void {
  const { plan: read, targets } = reviewed;
  for (const name of namesIn(text)) {
    if (/^secret[._]/.test(name)) {
      reviewSecret(reviewed, name, path, may);
      continue;
    }
    const without = targets.find((target) => !Object.hasOwn(target.variables, name));
    if (without === undefined || isTroubled(reviewed, name)) continue;
    const [message, suggestion] = unknownName(name, without, targets);
    read.report(path, message, suggestion);
  }
}

/** What to say of a name that has no value on this target. */
export function unknownName(
  name: string,
  without: Target,
  targets: readonly Target[],
): readonly [message: string, suggestion: string | null] {
  const written = quoted(`\${${name}}`);
  const builtIn = new Set<string>(builtInNames);
  // The fleet's own names first: they are what is most likely meant.
  const known = Object.keys(without.variables).sort(
    (a, b) => Number(builtIn.has(a)) - Number(builtIn.has(b)),
  );
  const somewhere = targets.some((target) => Object.hasOwn(target.variables, name));
  if (!somewhere && !builtIn.has(name)) {
    return [`no variable is named ${written}`, nearestOrAll(name, known)];
  }
  const hints: Readonly<Record<string, string>> = {
    index: "only a range such as ap[01:40] gives an index",
    user: "write `user` in the inventory to use it",
    port: "write `port` in the inventory to use it",
    timezone: "write `timezone` in the inventory to use it",
  };
  const hint = Object.hasOwn(hints, name) ? (hints[name] ?? null) : null;
  return [
    `${written} has no value on ${quoted(without.instance.name)}`,
    hint ?? nearest(name, known),
  ];
}

/** A secret must be declared, and may stand only where it is shown to nobody. */
export function reviewSecret(
  { plan: read }: Reviewed,
  name: string,
  path: DocumentPath,
  may: { readonly secrets: boolean },
): void {
  const declared = keysAt(read.source.value, "secrets");
  const secret = name.slice("secret.".length);
  if (!may.secrets) {
    read.report(
      path,
      `a secret can't stand here: ${quoted(`\${${name}}`)} would be shown in reports`,
    );
  } else if (!declared.includes(secret)) {
    const near = nearestOrAll(secret, declared) ?? "declare it under `secrets`";
    read.report(path, `no secret is named ${quoted(secret)}`, near);
  }
}

/** Variables that name each other: told where they are written, once for each. */
function reviewVarsThemselves(reviewed: Reviewed): void {
  const told = new Set<string>();
  for (const target of reviewed.targets) {
    for (const trouble of troublesOn(reviewed, target)) {
      const key = `${trouble.kind} ${trouble.variable}`;
      if (told.has(key)) continue;
      told.add(key);
      tellTrouble(reviewed, target, trouble);
    }
  }
}

function troublesOn({ plan }: Reviewed, target: Target): readonly VariableTrouble[] {
  return instanceVariables({ vars: plan.plan!.vars, ...target }).troubles;
}

/** Is this a variable whose own trouble is told already? */
function isTroubled(reviewed: Reviewed, name: string): boolean {
  return reviewed.targets.some(({ instance }) => {
    return Object.hasOwn(reviewed.plan.plan!.vars, name) || Object.hasOwn(instance.vars, name);
  });
}

function tellTrouble(reviewed: Reviewed, target: Target, trouble: VariableTrouble): void {
  const { plan: read, inventory } = reviewed;
  const { variable, kind, what } = trouble;
  const message = {
    unknown: /^secret[._]/.test(what)
      ? `a secret can't stand here: ${quoted(`\${${what}}`)} would be shown in reports`
      : `the variable ${quoted(variable)} names ${quoted(`\${${what}}`)}, which has no value on ${quoted(target.instance.name)}`,
    circle: `the variable ${quoted(variable)} names itself: ${what}`,
    "too-long": `the variable ${quoted(variable)} grows too long`,
  }[kind];
  const suggestion = kind === "unknown" ? nearest(what, Object.keys(target.variables)) : null;
  if (Object.hasOwn(read.plan!.vars, variable)) {
    read.report(["vars", variable], message, suggestion);
    return;
  }
  const entry = inventory.spelledOut?.written.get(target.instance) ?? [];
  const places = [
    [...entry, "vars"],
    [...entry.slice(0, 2), "vars"],
    ["defaults", "vars"],
  ];
  const place = places.find((path) => Object.hasOwn(mappingAt(inventory.raw(path)), variable));
  inventory.report([...(place ?? entry), variable], message, suggestion);
}

function mappingAt(value: unknown): object {
  return isMapping(value) ? value : {};
}
