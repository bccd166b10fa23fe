import { breaking, type ReviewFinding } from "../core/static-review/finding.ts";
import type { CiReport, Annotation } from "./ci-report.ts";
import type { CaseEnd, JunitCase } from "./junit.ts";
import type { Preview } from "./preview-json.ts";
import { previewMarkdown, type PreviewMarkdownOptions } from "./preview-markdown.ts";
import { fenced } from "./markdown.ts";
import { rehearsalText, type RehearsalView } from "./rehearsal-text.ts";
import type { RehearsedStep } from "../core/rehearsal/rehearsal.ts";
import { plainPage } from "./page.ts";

interface Told {
  readonly exit: number;
  /** Now, RFC 3339 in UTC. */
  readonly at: string;
}

/** Exit codes of a look that found nothing which would keep a rollout from beginning. */
const goodExits: readonly number[] = [0, 2];

/** A preview, for CI: a case for each step, each host that was looked at, and the whole. */
export function previewReport(
  it: Preview,
  { exit, at, ...options }: Told & PreviewMarkdownOptions,
): CiReport {
  const steps = it.steps.map(({ name, review }, index): JunitCase => {
    const [fails] = it.wouldFail.filter(({ step }) => step === name);
    const [breaks] = breaking(review);
    const end: CaseEnd =
      breaks !== undefined
        ? failure(breaks.id, `${breaks.file}:${breaks.line}: ${breaks.message}`, [breaks.command])
        : fails !== undefined
          ? failure("would-fail", `${fails.instance}: ${fails.path} ${fails.says}`)
          : { is: "passed" };
    return { of: it.plan, name: `${index + 1} ${name}`, ms: 0, end };
  });
  const hosts = (it.hosts ?? []).map(({ name, failure: unseen, troubles }): JunitCase => {
    const [trouble] = [...(unseen === null ? [] : [unseen]), ...troubles];
    const end: CaseEnd =
      trouble === undefined
        ? { is: "passed" }
        : failure(trouble.code, trouble.message, [`next: ${trouble.hint}`]);
    return { of: it.inventory, name, ms: 0, end };
  });
  const suites = [
    { name: "steps", at, cases: steps },
    ...(it.hosts === null ? [] : [{ name: "hosts", at, cases: hosts }]),
    { name: "preview", at, cases: [outcome(it.plan, exit)] },
  ];
  const findings = [...it.steps.flatMap(({ review }) => review), ...it.recoveries];
  return {
    suites,
    markdown: previewMarkdown(it, options),
    annotations: findingAnnotations(findings),
    outputs: { "exit-code": String(exit), digest: it.digest },
  };
}

/** What the static review found, beside the lines that it is about. */
export function findingAnnotations(findings: readonly ReviewFinding[]): readonly Annotation[] {
  return findings
    .filter(({ accepted, severity }) => accepted === null && severity !== "unknown")
    .map(({ id, severity, file, line, message }) => ({
      level: severity === "breaks" ? "error" : "warning",
      title: `Handrail: ${id}`,
      message,
      file,
      line,
    }));
}

/** A plan that is valid, with what the static review asks about it. */
export function validReport(
  plan: string,
  findings: readonly ReviewFinding[],
  { exit, at }: Told,
): CiReport {
  const cases = breaking(findings).map(({ id, file, line, message, command, step }): JunitCase => ({
    of: plan,
    name: step ?? "recoveries",
    ms: 0,
    end: failure(id, `${file}:${line}: ${message}`, [command]),
  }));
  return {
    suites: [{ name: "validate", at, cases: [...cases, outcome(plan, exit)] }],
    markdown: [
      exit === 0 ? "### Handrail: the plan is valid" : "### Handrail: the plan would be refused",
      ...(findings.length === 0 ? [] : [fenced(findings.map(findingLine).join("\n"))]),
    ],
    annotations: findingAnnotations(findings),
    outputs: { "exit-code": String(exit) },
  };
}

function findingLine({ severity, accepted, id, file, line, message }: ReviewFinding): string {
  const state = accepted === null ? severity : `accepted (${severity})`;
  return `${state}: ${id}, ${file}:${line}: ${message}`;
}

/** A rehearsal, for CI: a case for each step on each host of each instance, and the whole. */
export function rehearsalReport(view: RehearsalView, { exit, at }: Told): CiReport {
  const regions = Map.groupBy(view.instances, ({ region }) => region);
  const suites = [...regions].map(([name, instances]) => ({
    name,
    at,
    cases: instances.flatMap((it) =>
      it.hosts.flatMap((host): readonly JunitCase[] => {
        const of = `${name}.${it.name}.${host.name}`;
        if (host.failure !== null) {
          const { code, message, hint } = host.failure;
          const end = failure(code, message, [`next: ${hint}`]);
          return [{ of, name: "rehearsal", ms: 0, end }];
        }
        return host.steps.map((step) => ({
          of,
          name: `${step.number} ${step.name}`,
          ms: step.is === "rehearsed" ? step.durationMs : 0,
          end: rehearsedEnd(step),
        }));
      }),
    ),
  }));
  return {
    suites: [...suites, { name: "rehearsal", at, cases: [outcome(view.plan, exit)] }],
    markdown: [`### Handrail: rehearsal, ${view.outcome}`, fenced(rehearsalText(view, plainPage))],
    annotations: goodExits.includes(exit)
      ? []
      : [
          {
            level: exit === 7 ? "error" : "warning",
            title: "Handrail: rehearsal",
            message: `${view.plan}: ${view.outcome}, exit ${exit}`,
          },
        ],
    outputs: { "exit-code": String(exit), outcome: view.outcome },
  };
}

function rehearsedEnd(step: RehearsedStep): CaseEnd {
  if (step.is !== "rehearsed") return { is: "skipped", because: step.because };
  const [first] = step.findings;
  if (first !== undefined)
    return failure(
      first.code,
      first.message,
      step.findings.slice(1).map(({ message }) => message),
    );
  if (step.inconclusive === null) return { is: "passed" };
  return { is: "error", type: "inconclusive", message: step.inconclusive, lines: [] };
}

function outcome(of: string, exit: number): JunitCase {
  const end: CaseEnd = goodExits.includes(exit)
    ? { is: "passed" }
    : failure(`exit ${exit}`, `it ended with exit ${exit}`);
  return { of, name: "outcome", ms: 0, end };
}

function failure(type: string, message: string, lines: readonly string[] = []): CaseEnd {
  return { is: "failure", type, message, lines };
}
