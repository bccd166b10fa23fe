import { resolve, relative } from "node:path";
import { oneLine } from "../core/printable.ts";
import type { Annotation } from "../views/ci-report.ts";
import type { TextOutput } from "./text-output.ts";

// GitHub Actions reads commands out of what a step prints, to either output: `::name …::text` where a
// line begins so, and the older `##[name …]text` anywhere in a line. Its documentation is "Workflow
// commands for GitHub Actions". What a host prints must not become one.

type Env = Readonly<Record<string, string | undefined>>;

/** Is this a step of GitHub Actions? */
export function inWorkflow(env: Env): boolean {
  return env["GITHUB_ACTIONS"] === "true";
}

/** An output in which nothing is a command: both escapes are still the same text to JSON and to people. */
export function withoutCommands(output: TextOutput): TextOutput {
  return {
    write: (text) =>
      output.write(text.replaceAll("##[", "##\\u005b").replace(/^([^\S\n]*):(?=:)/gm, "$1\\u003a")),
    ...(output.isTTY === undefined ? {} : { isTTY: output.isTTY }),
    ...(output.columns === undefined ? {} : { columns: output.columns }),
  };
}

/** Characters of an annotation: longer ones are cut by the server. */
const messageMax = 2_000;

/** `::error title=Rollout halted::1 bad in cn batch 1 …`, one line. */
export function annotationLine(
  it: Annotation,
  { env, cwd }: { readonly env: Env; readonly cwd: string },
): string {
  const root = env["GITHUB_WORKSPACE"] ?? "";
  const file = it.file === undefined ? undefined : resolve(cwd, it.file);
  const properties = Object.entries({
    file: file === undefined || root === "" ? it.file : relative(root, file),
    line: it.line,
    col: it.column,
    title: it.title,
  }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${property(String(value))}`],
  );
  return `::${it.level} ${properties.join(",")}::${data(oneLine(it.message, { max: messageMax }))}\n`;
}

/** As the server takes them back: `%25`, `%0D`, `%0A`. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** In a property, what separates properties is written so, too. */
function property(text: string): string {
  return data(oneLine(text, { max: messageMax }))
    .replaceAll(":", "%3A")
    .replaceAll(",", "%2C");
}
