import { namesIn } from "../variables.ts";
import { planVariables } from "./instance-variables.ts";
import type { FileContent } from "./kinds.ts";
import { isAtLeast, noticeFields, type NotifySpec, severestOf } from "./notice.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { reviewSecret } from "./review-references.ts";
import type { Reviewed } from "./reviewed.ts";
import { nearestOrAll } from "./suggest.ts";

/** A template is a message, not a book. */
export const templateBytesMax = 64 * 1024;

/** What is wrong with those to tell: names that have no value, and notices that can never come. */
export function reviewNotices(reviewed: Reviewed): void {
  reviewed.plan.plan?.notify.forEach((spec, at) => {
    reviewArgs(reviewed, spec, ["notify", at, spec.kind]);
    if (spec.template !== undefined && "text" in spec.template)
      reviewTemplate(reviewed, spec.template.text, ["notify", at, "template"]);
    const least = spec.severity ?? "info";
    if (spec.on.some((kind) => isAtLeast(severestOf[kind], least))) return;
    const message = `nothing is ever told here: ${quoted(spec.on.join(", "))} is never ${least}`;
    reviewed.plan.report(["notify", at, "severity"], message, "leave `severity` out, or `on`");
  });
}

/** Files that templates stand in. */
export function templateFiles({ plan }: Reviewed): readonly string[] {
  return (plan.plan?.notify ?? []).flatMap(({ template }) =>
    template !== undefined && "file" in template ? [template.file] : [],
  );
}

/** The same for templates in files, with those files at hand. */
export function reviewTemplateFiles(
  reviewed: Reviewed,
  files: FileContent,
  troubles: ReadonlyMap<string, string>,
): void {
  reviewed.plan.plan?.notify.forEach(({ template }, at) => {
    if (template === undefined || !("file" in template)) return;
    const path = ["notify", at, "template", "file"];
    const read = templateOf(template.file, files);
    const trouble = troubles.get(template.file) ?? ("trouble" in read ? read.trouble : null);
    if (trouble !== null) reviewed.plan.report(path, `${quoted(template.file)} ${trouble}`);
    else if ("text" in read) reviewTemplate(reviewed, read.text, path);
  });
}

/** The text of a template's file; else why it is none, as the end of a sentence. */
export function templateOf(
  path: string,
  files: FileContent,
): { readonly text: string } | { readonly trouble: string } {
  const [file, more] = files(path);
  if (file === undefined) return { trouble: "is not there" };
  if (more !== undefined) return { trouble: "is a folder, and must be a file" };
  if (file.content.length > templateBytesMax)
    return { trouble: `is larger than ${templateBytesMax / 1024} kB` };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(file.content).trimEnd() };
  } catch {
    return { trouble: "is not UTF-8 text" };
  }
}

/** A notice is about a rollout, not about a host: the plan's own vars and secrets are all there is. */
function reviewArgs(reviewed: Reviewed, { kind, args }: NotifySpec, path: DocumentPath): void {
  const fills = reviewed.kinds.notifiers.find(({ name }) => name === kind)?.fills ?? [];
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    reviewNames(reviewed, args, path, { secrets: path.at(-1) !== "command", notice: false });
    return;
  }
  for (const [key, value] of Object.entries(args))
    reviewNames(reviewed, value, [...path, key], { secrets: true, notice: fills.includes(key) });
}

function reviewTemplate(reviewed: Reviewed, text: string, path: DocumentPath): void {
  reviewNames(reviewed, text, path, { secrets: false, notice: true });
}

interface May {
  /** Secrets are told to nobody but the receiver: they may stand where only that one looks. */
  readonly secrets: boolean;
  /** What the notice says may stand only where it can't change what is meant. */
  readonly notice: boolean;
}

function reviewNames(reviewed: Reviewed, value: unknown, path: DocumentPath, may: May): void {
  const { plan: read } = reviewed;
  const variables = Object.keys(planVariables(read.plan!.vars));
  const fields: readonly string[] = noticeFields.map((field) => `notice.${field}`);
  const known = may.notice ? [...fields, ...variables] : variables;
  for (const name of namesIn(value)) {
    if (/^secret[._]/.test(name)) reviewSecret(reviewed, name, path, may);
    else if (fields.includes(name) && !may.notice)
      read.report(
        path,
        `${quoted(`\${${name}}`)} can't stand here: it may hold what a host has printed`,
        "write it in `template`",
      );
    else if (!known.includes(name)) {
      const message = `${quoted(`\${${name}}`)} has no value in a notice, which is about no single host`;
      read.report(path, message, nearestOrAll(name, known));
    }
  }
}
