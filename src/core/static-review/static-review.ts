import type { FileContent } from "../plan/kinds.ts";
import type { Plan } from "../plan/plan.ts";
import type { Reviewed, Target } from "../plan/reviewed.ts";
import { secretStandIns } from "../variables.ts";
import { accepted, reviewAcceptances } from "./accept.ts";
import { type ReviewFinding, severities, type Severity } from "./finding.ts";
import { type PlacedRuling, reviewProgram } from "./review-program.ts";
import {
  environmentOn,
  groundOn,
  homeOn,
  programOn,
  type ReviewedWork,
  reviewedWorks,
} from "./review-works.ts";

/** Hosts on which the same commands would do something else are looked at one by one, up to so many. */
const variationsMax = 200;

/**
 * Reads the commands of every step, of what takes it back, and of recoveries, and gives what they
 * would do to protected paths, what is dangerous in them, and what can't be told. It raises questions
 * and clears nobody: no finding means that nothing was seen, never that there is nothing. Acceptances
 * that match nothing are reported as problems of the plan. Only for a plan without problems.
 */
export function staticReview(reviewed: Reviewed, files: FileContent): readonly ReviewFinding[] {
  const { plan: read } = reviewed;
  const { plan } = read;
  if (plan === null) return [];
  const undoAction = (step: number): string | null => {
    const name = read.raw(["steps", step, "undo", "do"]);
    return typeof name === "string" ? name : null;
  };
  const findings = reviewedWorks(plan, undoAction).flatMap((work) =>
    reviewWork(work, { reviewed, plan, files }),
  );
  reviewAcceptances(reviewed, findings);
  return findings.map((finding) => accepted(finding, reviewed));
}

interface WorkContext {
  readonly reviewed: Reviewed;
  readonly plan: Plan;
  readonly files: FileContent;
}

interface Variation {
  readonly target: Target;
  readonly instances: string[];
}

function reviewWork(work: ReviewedWork, context: WorkContext): readonly ReviewFinding[] {
  const variations = variationsOf(work, context);
  const merged = new Map<string, ReviewFinding>();
  for (const { target, instances } of variations.slice(0, variationsMax)) {
    for (const finding of findingsOn(work, { ...context, target })) {
      const key = JSON.stringify([
        finding.line,
        finding.command,
        finding.id,
        finding.protects?.written,
      ]);
      const before = merged.get(key);
      const all = [...(before?.instances ?? []), ...instances];
      merged.set(key, { ...heavier(before, finding), instances: all });
    }
  }
  const findings = [...merged.values()];
  const [first] = findings;
  if (variations.length <= variationsMax || first === undefined) return findings;
  const message = `was looked into for ${variationsMax} of ${variations.length} hosts that differ in their values`;
  const instances = variations.slice(variationsMax).flatMap((one) => one.instances);
  return [
    ...findings,
    {
      ...first,
      id: "unreadable",
      severity: "unknown",
      path: null,
      protects: null,
      message,
      instances,
    },
  ];
}

function heavier(before: ReviewFinding | undefined, finding: ReviewFinding): ReviewFinding {
  if (before === undefined) return finding;
  return weightOf(finding) < weightOf(before) ? finding : before;
}

/** The smaller, the heavier. */
function weightOf({ severity }: { readonly severity: Severity }): number {
  return severities.indexOf(severity);
}

/** Targets grouped by what can make a difference to these commands. */
function variationsOf(
  work: ReviewedWork,
  { reviewed, plan, files }: WorkContext,
): readonly Variation[] {
  const groups = new Map<string, Variation>();
  for (const target of reviewed.targets) {
    if (work.step?.hosts === "first" && target.host !== target.instance.hosts[0]) continue;
    const program = programFor(work, target, { reviewed, plan, files });
    if (program === null) continue;
    const named = [...environmentOn(plan, target)].filter(([name]) => program.text.includes(name));
    const ground = groundOn(plan, work.step, target);
    const key = JSON.stringify([named, ground, program.args, homeOn(work.step, target)]);
    const group = groups.get(key);
    const { name } = target.instance;
    if (group === undefined) groups.set(key, { target, instances: [name] });
    else if (!group.instances.includes(name)) group.instances.push(name);
  }
  return [...groups.values()];
}

function programFor(work: ReviewedWork, target: Target, { reviewed, plan, files }: WorkContext) {
  const variables = { ...target.variables, ...secretStandIns(Object.keys(plan.secrets)) };
  return programOn(work.work, { kinds: reviewed.kinds, files, variables });
}

function findingsOn(
  work: ReviewedWork,
  context: WorkContext & { readonly target: Target },
): readonly ReviewFinding[] {
  const { reviewed, plan, target } = context;
  const program = programFor(work, target, context);
  if (program === null) return [];
  const rulings = reviewProgram({
    program,
    variables: environmentOn(plan, target),
    home: homeOn(work.step, target),
    folder: work.step?.on === "controller" ? null : "/",
    ground: groundOn(plan, work.step, target),
  });
  const { source } = reviewed.plan;
  const place = (line: number) =>
    program.file === null
      ? { file: source.file, line: source.lineOf(textPath(reviewed, work), line) }
      : { file: beside(source.file, program.file), line: line + 1 };
  return grouped(rulings).map((group) =>
    findingOf(group, { work, place, instance: target.instance.name }),
  );
}

/** Rulings on one command, of one kind and about one protected path, are one finding. */
function grouped(rulings: readonly PlacedRuling[]): readonly (readonly PlacedRuling[])[] {
  const groups = Map.groupBy(rulings, ({ line, command, id, protects }) =>
    JSON.stringify([line, command, id, protects?.written]),
  );
  return [...groups.values()];
}

function findingOf(
  group: readonly PlacedRuling[],
  {
    work,
    place,
    instance,
  }: {
    readonly work: ReviewedWork;
    readonly place: (line: number) => { readonly file: string; readonly line: number };
    readonly instance: string;
  },
): ReviewFinding {
  const [first] = [...group].sort((left, right) => weightOf(left) - weightOf(right));
  const { id, severity, protects, message, command, path, line } = first!;
  const more = new Set(group.map((one) => one.path)).size - 1;
  return {
    id,
    // A rollback and a recovery are judged by what is there afterwards, not by policies.
    severity: severity === "breaks" && work.of !== "step" ? "warns" : severity,
    step: work.step?.name ?? null,
    of: work.of,
    action: work.action,
    ...place(line),
    command,
    path,
    protects:
      protects === null
        ? null
        : { path: protects.path, written: protects.written, policy: protects.policy.kind },
    message: more > 0 ? `${message} (and ${more} more like it)` : message,
    instances: [instance],
    accepted: null,
  };
}

/** `undo` may be a command line itself, or a kind of step. */
function textPath({ plan: { raw } }: Reviewed, { path, work }: ReviewedWork) {
  return path.at(-1) === "undo" && typeof raw(path) !== "string" ? [...path, work.kind] : path;
}

/** A file that stands beside another one, or below its folder. */
function beside(file: string, other: string): string {
  return other.startsWith("/") ? other : `${file.slice(0, file.lastIndexOf("/") + 1)}${other}`;
}
