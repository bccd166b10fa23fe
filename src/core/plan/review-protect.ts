import picomatch from "picomatch";
import { fill, valueOf, type Variables } from "../variables.ts";
import { durationText } from "./durations.ts";
import { isWithin, pathTrouble, plainPath } from "./host-paths.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { keysAt, listAt } from "./raw.ts";
import type { Reviewed, Target } from "./reviewed.ts";
import { nearestOrAll } from "./suggest.ts";

/** Protected paths, budgets and declared writes, with the values they get on every target. */
export function reviewProtect(reviewed: Reviewed): void {
  const { plan: read, targets } = reviewed;
  if (read.plan === null) return;
  const tell = tellOnce(reviewed);
  for (const target of targets) {
    const paths = reviewPaths(reviewed, target, tell);
    reviewSteps(reviewed, target, { paths, tell });
  }
  reviewPolicies(reviewed);
}

type Tell = (path: DocumentPath, message: string, suggestion?: string | null) => void;

/** The same trouble on a thousand instances is one trouble. */
function tellOnce({ plan }: Reviewed): Tell {
  const told = new Set<string>();
  return (path, message, suggestion) => {
    const key = path.join("/");
    if (told.has(key)) return;
    told.add(key);
    plan.report(path, message, suggestion);
  };
}

/** Gives the plain paths, null for what is in trouble. */
function reviewPaths(
  { plan: read }: Reviewed,
  target: Target,
  tell: Tell,
): readonly (string | null)[] {
  const spool = plainPath(target.host.spool);
  const plain: (string | null)[] = [];
  read.plan!.protect.forEach((protect, at) => {
    const path = ["protect", at, "path"];
    const filled = filledText(protect.path, target.variables);
    const trouble = filled === null ? null : pathTrouble(filled);
    if (filled === null || trouble !== null) {
      if (trouble !== null)
        tell(path, `the protected path ${quoted(filled)} ${trouble}${on(protect.path, target)}`);
      plain.push(null);
      return;
    }
    const here = plainPath(filled);
    const other = plain.findIndex(
      (one) => one !== null && (isWithin(here, one) || isWithin(one, here)),
    );
    if (other !== -1) {
      const how =
        plain[other] === here
          ? "is protected twice"
          : `and ${quoted(plain[other])} lie one in the other`;
      tell(path, `${quoted(here)} ${how}${on(protect.path, target)}`, "one path, one policy");
    }
    if (isWithin(spool, here) || isWithin(here, spool)) {
      const message = `the protected path ${quoted(here)} and the spool ${quoted(spool)} lie one in the other${on(protect.path, target)}`;
      tell(path, message, "put the spool elsewhere");
    }
    plain.push(here);
  });
  return plain;
}

function reviewSteps(
  { plan: read }: Reviewed,
  target: Target,
  options: { readonly paths: readonly (string | null)[]; readonly tell: Tell },
): void {
  const { paths, tell } = options;
  const broken =
    listAt(read.source.value, "protect").length !== paths.length || paths.includes(null);
  read.plan!.steps.forEach((step, stepAt) => {
    step.writes.forEach((written, at) => {
      const path = ["steps", stepAt, "writes", at];
      const filled = filledText(written, target.variables);
      const trouble = filled === null ? null : pathTrouble(filled);
      if (trouble !== null)
        tell(path, `the path ${quoted(filled)} in "writes" ${trouble}${on(written, target)}`);
      if (
        filled !== null &&
        trouble === null &&
        isWithin(plainPath(target.host.spool), plainPath(filled))
      ) {
        tell(path, `${quoted(filled)} holds the spool ${quoted(target.host.spool)}`);
      }
    });
    step.allow.forEach((allowance, at) => {
      const path = ["steps", stepAt, "allow", at, allowance.effect];
      const filled = globOf(allowance.glob, target.variables);
      if (filled === null) return;
      if ("trouble" in filled) return tell(path, `${filled.trouble}${on(allowance.glob, target)}`);
      const reach = plainPath(filled.base);
      const covers = paths.some(
        (one) => one !== null && (isWithin(reach, one) || isWithin(one, reach)),
      );
      if (covers || broken) return;
      const message = `${quoted(allowance.glob)} reaches no protected path, so there is nothing to allow${on(allowance.glob, target)}`;
      tell(path, message);
    });
  });
}

/** A glob and the folder that it can't leave; or what is wrong with it. null: a name is unknown. */
function globOf(
  glob: string,
  variables: Variables,
): { readonly base: string } | { readonly trouble: string } | null {
  // A budget that names no effect, which is told by itself.
  if (glob === "") return null;
  const filled = filledText(glob, variables);
  if (filled === null) return null;
  const { unknown } = fill(glob, (name) =>
    /[*?[\]{}()!\\]/.test(valueOf(name, variables) ?? "") ? null : "",
  );
  if (unknown[0] !== undefined) {
    return { trouble: `the value of ${quoted(`\${${unknown[0]}}`)} holds characters of a glob` };
  }
  if (!filled.startsWith("/")) return { trouble: `the glob ${quoted(filled)} is not absolute` };
  if (filled.split("/").includes("..")) return { trouble: `the glob ${quoted(filled)} holds ".."` };
  try {
    picomatch.makeRe(filled, { strictBrackets: true, dot: true });
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split(" - ");
    return {
      trouble: `${quoted(filled)} is no glob: ${(why ?? "").toLowerCase().replaceAll('"', "")}`,
    };
  }
  return { base: picomatch.scan(filled).base || "/" };
}

function reviewPolicies({ plan: read }: Reviewed): void {
  const { plan, report } = read;
  const actions = keysAt(read.source.value, "actions");
  const { instanceMs } = plan!.rollout.deadline;
  plan!.protect.forEach(({ policy }, at) => {
    if (policy.kind !== "regenerates") return;
    const path = ["protect", at, "policy", "regenerates"];
    policy.recover.forEach((name, index) => {
      if (name === "restore" || actions.includes(name)) return;
      const message = `no action is named ${quoted(name)}`;
      report([...path, "recover", index], message, nearestOrAll(name, ["restore", ...actions]));
    });
    if (policy.withinMs >= instanceMs) {
      const message = `${quoted(durationText(policy.withinMs))} is not shorter than the deadline of an instance, ${durationText(instanceMs)}`;
      report([...path, "within"], message);
    }
  });
  plan!.steps.forEach((step, stepAt) => {
    step.allow.forEach((_, at) => {
      const path = ["steps", stepAt, "allow", at];
      const effects = ["create", "change", "delete"].filter(
        (key) => read.raw([...path, key]) !== undefined,
      );
      if (effects.length === 1) return;
      const message =
        effects.length === 0 ? "this budget names no effect" : "this budget names several effects";
      report(path, message, "write one of create, change and delete, and a glob");
    });
  });
}

/** null when a name is unknown, which the review of references tells. */
function filledText(text: string, variables: Variables): string | null {
  const { text: filled, unknown } = fill(text, (name) => valueOf(name, variables));
  return unknown.length === 0 ? filled : null;
}

/** Where it is so, if the text is not the same everywhere. */
function on(text: string, target: Target): string {
  return text.includes("${") ? ` on ${quoted(target.instance.name)}` : "";
}
