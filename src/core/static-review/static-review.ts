import type { FileContent } from "../plan/kinds.ts";
import type { Plan } from "../plan/plan.ts";
import type { Reviewed, Target } from "../plan/reviewed.ts";
import { secretStandIns } from "../variables.ts";
import { workingFolder } from "../working-folder.ts";
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

/**
 * Hosts on which the same commands would do something else are looked at one by one, up to so many,
 * and until so many parts of texts were walked through in all.
 */
const variationsMax = 1_000;
const partsMax = 500_000;

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
  let looked = 0;
  let parts = 0;
  for (const { target, instances } of variations.slice(0, variationsMax)) {
    if (parts > partsMax) break;
    looked += 1;
    const on = findingsOn(work, { ...context, target });
    parts += on.parts;
    for (const finding of on.findings) {
      const { line, command, id, protects } = finding;
      const key = JSON.stringify([line, command, id, protects?.written]);
      const before = merged.get(key);
      const all = [...(before?.instances ?? []), ...instances];
      merged.set(key, { ...heavier(before, finding), instances: [...new Set(all)] });
    }
  }
  const left = variations.slice(looked);
  return [...merged.values(), ...left.slice(0, 1).map(({ target }) => notLooked({ work, target }))];

  /** One word for all the hosts that would have taken too long. */
  function notLooked(on: { readonly work: ReviewedWork; readonly target: Target }): ReviewFinding {
    const message = `was looked into on ${looked} of ${variations.length} hosts whose values differ; the rest would take too long`;
    const ruling = { id: "unreadable", severity: "unknown", protects: null, message } as const;
    const placed = { ...ruling, line: 0, command: work.step?.name ?? "", path: null };
    const finding = findingOf([placed], { ...on, place: placeIn(work, on.target, context) });
    return { ...finding, instances: left.flatMap(({ instances }) => instances) };
  }
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
    const places = [homeOn(work.step, target), folderOn(work, target)];
    const key = JSON.stringify([named, ground, program.args, places]);
    const group = groups.get(key);
    const { name } = target.instance;
    if (group === undefined) groups.set(key, { target, instances: [name] });
    else if (!group.instances.includes(name)) group.instances.push(name);
  }
  return [...groups.values()];
}

/** Where the commands start; null: on the controller, wherever that is. */
function folderOn({ step }: ReviewedWork, { variables }: Target): string | null {
  return step?.on === "controller" ? null : (workingFolder(variables) ?? "/");
}

function programFor(work: ReviewedWork, target: Target, { reviewed, plan, files }: WorkContext) {
  const variables = { ...target.variables, ...secretStandIns(Object.keys(plan.secrets)) };
  return programOn(work.work, { kinds: reviewed.kinds, files, variables });
}

function findingsOn(
  work: ReviewedWork,
  context: WorkContext & { readonly target: Target },
): { readonly findings: readonly ReviewFinding[]; readonly parts: number } {
  const { plan, target } = context;
  const program = programFor(work, target, context);
  if (program === null) return { findings: [], parts: 0 };
  const { rulings, parts } = reviewProgram({
    program,
    variables: environmentOn(plan, target),
    home: homeOn(work.step, target),
    folder: folderOn(work, target),
    ground: groundOn(plan, work.step, target),
  });
  const place = placeIn(work, target, context);
  return {
    findings: grouped(rulings).map((group) => findingOf(group, { work, place, target })),
    parts,
  };
}

type PlaceOf = (line: number) => { readonly file: string; readonly line: number };

/** From lines of the program's text to where a person finds them. */
function placeIn(work: ReviewedWork, target: Target, context: WorkContext): PlaceOf {
  const { source } = context.reviewed.plan;
  const file = programFor(work, target, context)?.file ?? null;
  if (file !== null) return (line) => ({ file: beside(source.file, file), line: line + 1 });
  const path = textPath(context.reviewed, work);
  return (line) => ({ file: source.file, line: source.lineOf(path, line) });
}

/**
 * Rulings on one command, of one kind and about one protected path, are one finding. So is what can't
 * be told for the same reason in many places: a program that is not known, say, stands at the first.
 */
function grouped(rulings: readonly PlacedRuling[]): readonly (readonly PlacedRuling[])[] {
  const groups = Map.groupBy(rulings, ({ line, command, id, severity, protects, message }) =>
    severity === "unknown" && protects === null
      ? JSON.stringify([id, message])
      : JSON.stringify([line, command, id, protects?.written]),
  );
  return [...groups.values()];
}

function findingOf(
  group: readonly PlacedRuling[],
  {
    work,
    place,
    target,
  }: {
    readonly work: ReviewedWork;
    readonly place: PlaceOf;
    readonly target: Target;
  },
): ReviewFinding {
  const [first] = [...group].sort((left, right) => weightOf(left) - weightOf(right));
  const { id, severity, protects, message, command, path, line } = first!;
  const more = new Set(group.map((one) => `${one.line} ${one.path}`)).size - 1;
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
    instances: [target.instance.name],
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
