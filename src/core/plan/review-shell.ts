import { allWork } from "./file-references.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { keysAt, valueAt } from "./raw.ts";
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

interface CommandLine {
  readonly text: string;
  readonly path: DocumentPath;
}

/** The text of every command: of steps, undo, actions, probes, metrics and checks. */
function commandLines({ plan: read, kinds }: Reviewed): readonly CommandLine[] {
  const { plan } = read;
  if (plan === null) return [];
  const [steps, probes] = [shells(kinds.steps), shells(kinds.probes)];
  const work = allWork(plan).filter(({ work: { kind } }) => steps.has(kind));
  return [
    ...work.flatMap(({ work: { args }, path }) => commandLine(read, args, path)),
    ...plan.probes.flatMap(({ kind, args }, at) =>
      probes.has(kind) ? commandLine(read, args, ["probes", at, kind]) : [],
    ),
    ...(plan.metrics ?? []).flatMap(({ kind, args, probe }, at) =>
      probes.has(kind) && probe === null ? commandLine(read, args, ["metrics", at, kind]) : [],
    ),
    ...plan.checks.map(({ run }, at) => ({ text: run, path: ["checks", at, "run"] })),
  ];
}

/** Names of the kinds whose args go to a shell as they are written. */
function shells(
  kinds: readonly { readonly name: string; readonly substitutes: boolean }[],
): ReadonlySet<string> {
  return new Set(kinds.filter((kind) => !kind.substitutes).map((kind) => kind.name));
}

function commandLine(
  read: Reviewed["plan"],
  args: unknown,
  path: DocumentPath,
): readonly CommandLine[] {
  if (typeof args === "string") return [{ text: args, path }];
  // The longer way to write it, `{ command, timeout }`, which the shorter one is turned into.
  const text = valueAt(args, ["command"]);
  if (typeof text !== "string") return [];
  return [{ text, path: typeof read.raw(path) === "string" ? path : [...path, "command"] }];
}

function reviewCommand(reviewed: Reviewed, text: string, path: DocumentPath): void {
  const { report } = reviewed.plan;
  const shell = readShellText(text);
  const [error] = shell.errors;
  if (error !== undefined) {
    // What follows the first is mostly its echo.
    report(path, `this is not shell text: ${error}`);
    return;
  }
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
