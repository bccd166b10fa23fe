import { allWork } from "./file-references.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { keysAt } from "./raw.ts";
import type { Reviewed } from "./reviewed.ts";
import { unknownName } from "./review-references.ts";
import { readShellText, type ShellUse } from "./shell-text.ts";
import { nearestOrAll } from "./suggest.ts";
import { isSystemName } from "./variable-names.ts";

/**
 * Command lines go to the shell as they are written, with variables in its environment. A value
 * never becomes syntax there, but outside of quotes the shell still splits it and expands globs in
 * it (POSIX.1-2024, XCU 2.6.5 and 2.6.6), and a name without a value ends the command under set -u.
 */
export function reviewShell(reviewed: Reviewed): void {
  for (const { text, path } of commandLines(reviewed)) reviewCommand(reviewed, text, path);
}

function commandLines({ plan: { plan }, kinds }: Reviewed) {
  const lines: { readonly text: string; readonly path: DocumentPath }[] = [];
  const left = (
    kind: { readonly substitutes: boolean } | undefined,
    args: unknown,
    path: DocumentPath,
  ) => {
    if (kind?.substitutes === false && typeof args === "string") lines.push({ text: args, path });
  };
  if (plan === null) return lines;
  for (const { work, path } of allWork(plan)) {
    left(
      kinds.steps.find((one) => one.name === work.kind),
      work.args,
      path,
    );
  }
  plan.probes.forEach((probe, at) => {
    const kind = kinds.probes.find((one) => one.name === probe.kind);
    left(kind, probe.args, ["probes", at, probe.kind]);
  });
  plan.checks.forEach(({ run }, at) => lines.push({ text: run, path: ["checks", at, "run"] }));
  return lines;
}

function reviewCommand(reviewed: Reviewed, text: string, path: DocumentPath): void {
  const { report } = reviewed.plan;
  const shell = readShellText(text);
  for (const error of shell.errors) report(path, `this is not shell text: ${error}`);
  if (shell.errors.length > 0) return;
  for (const part of shell.bashOnly) {
    const message = `${quoted(part)} is bash, and commands run under sh`;
    report(path, message, "use `script` with `interpreter: bash`");
  }
  const told = new Set<string>();
  for (const use of shell.uses) {
    if (told.has(use.name) || shell.assigned.has(use.name)) continue;
    const trouble = useTrouble(reviewed, use, shell.opaque);
    if (trouble === null) continue;
    told.add(use.name);
    report(path, ...trouble);
  }
}

function useTrouble(
  { plan: read, targets }: Reviewed,
  use: ShellUse,
  opaque: boolean,
): readonly [string, string | null] | null {
  const { name, written } = use;
  if (/^secret[._]/.test(name)) {
    const secrets = keysAt(read.source.value, "secrets");
    const secret = name.slice("secret.".length);
    if (!secrets.includes(secret)) {
      return [
        `no secret is named ${quoted(secret)}`,
        nearestOrAll(secret, secrets) ?? "declare it under `secrets`",
      ];
    }
    if (name.includes(".")) {
      return [
        `${quoted(written)} means nothing to a shell`,
        `write ${quoted(`\${secret_${secret}}`)}`,
      ];
    }
    return use.splits ? [`${quoted(written)} would be torn at white space`, inQuotes(name)] : null;
  }
  if (name.includes(".")) return [`${quoted(written)} means nothing to a shell`, null];
  const without = targets.find((target) => !Object.hasOwn(target.variables, name));
  if (without !== undefined) {
    if (use.guarded || opaque || isSystemName(name)) return null;
    return unknownName(name, without, targets);
  }
  if (!use.splits) return null;
  const torn = targets.find(({ variables }) => /[\s*?[\\]/.test(variables[name] ?? ""));
  if (torn === undefined) return null;
  const value = quoted(torn.variables[name]);
  return [
    `${quoted(written)} is ${value} on ${quoted(torn.instance.name)}, and would be torn apart`,
    inQuotes(name),
  ];
}

function inQuotes(name: string): string {
  return `write "\${${name}}" in double quotes`;
}
