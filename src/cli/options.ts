import type { Argv, Options } from "yargs";
import { UsageError } from "./refusal.ts";

/**
 * Every option that is on or off. yargs reads any `--dry-run=word` but "true" as off, and an apply
 * that was meant as a preview is the worst mistake there is, so `checkSwitches` refuses such words.
 */
const switchNames = [
  "json",
  "hosts",
  "dry-run",
  "stay",
  "emergency",
  "detailed-exitcode",
  "watch",
  "rollback",
  "send",
  "replace-later-changes",
  "color",
  "network",
  "trace",
  "allow-actions",
] as const;

export function switchOption(describe: string) {
  return { type: "boolean", default: false, describe } as const satisfies Options;
}

/** A text option: at most once, never empty, never taken for a number. yargs keeps the sentence of
 * what `coerce` throws. */
export function textOption(name: string, describe: string) {
  return {
    type: "string",
    requiresArg: true,
    describe,
    coerce: (value: string | readonly string[] | undefined) => oneText(name, value),
  } as const satisfies Options;
}

/** The same where it may be given several times: all of them, each once. */
export function textsOption(name: string, describe: string) {
  return {
    type: "string",
    requiresArg: true,
    describe,
    coerce: (value: string | readonly string[] | undefined): readonly string[] => {
      const texts = value === undefined ? [] : typeof value === "string" ? [value] : value;
      if (texts.includes("")) throw new Error(`--${name} is empty`);
      return [...new Set(texts)];
    },
  } as const satisfies Options;
}

export function checkSwitches(argv: readonly string[]): void {
  for (const word of argv) {
    if (word === "--") return;
    const [, name, value] = /^--(?:no-)?([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || !switchNames.some((known) => known === name)) continue;
    if (value === "true" || value === "false") continue;
    throw new UsageError(
      `--${name} takes no value, and "${value}" is given`,
      `write --${name} alone`,
    );
  }
}

/** Every verb takes `--state`, before or after its name, so that a command can be repeated. */
export const stateDescription =
  "folder of the journal [default: $HANDRAIL_STATE, else .handrail beside the inventory]";

export function inventoryOption<T>(parser: Argv<T>) {
  return parser.option("inventory", textOption("inventory", "use this inventory, not the plan's"));
}

/** `when`: "with --emergency: ", or nothing. */
export function reasonOption<T>(parser: Argv<T>, when = "") {
  return parser.option("reason", textOption("reason", `${when}why, for the journal`));
}

export function emergencyOption<T>(parser: Argv<T>) {
  return parser.option(
    "emergency",
    switchOption("with the shorter bakes that the plan declares for one; somebody must approve it"),
  );
}

/** Of what shows what a rollout would do. `when`: "with --dry-run: ", or nothing. */
export function previewOptions<T>(parser: Argv<T>, when = "") {
  return parser
    .option(
      "hosts",
      switchOption(
        `${when}look at the hosts too, read-only: what files would become, locks, losses, space`,
      ),
    )
    .option(
      "out",
      textOption("out", `${when}look at the hosts, and write it to a file that apply takes`),
    )
    .option(
      "detailed-exitcode",
      switchOption(`${when}end with 2 when something would change, else 0`),
    );
}

export function stayOption<T>(parser: Argv<T>) {
  return parser.option(
    "stay",
    switchOption("stay where a person or a window is waited for, and go on by itself after that"),
  );
}

/** Of the verbs that carry a rollout in this process. */
export function lookOptions<T>(parser: Argv<T>) {
  return parser
    .option("json", switchOption("print a line of JSON per event"))
    .option("json-into", textOption("json-into", "write these lines to a file as well"))
    .option("junit", junitOption)
    .option("markdown", markdownOption)
    .option(
      "wait",
      textOption("wait", "wait so long (30m) where another rollout holds the inventory or a host"),
    );
}

const junitOption = textOption("junit", "write what came of it to a file as JUnit XML");
const markdownOption = textOption("markdown", "write what came of it to a file as Markdown");

/** Of the verbs that only look, for CI servers. */
export function ciOptions<T>(parser: Argv<T>) {
  return parser.option("junit", junitOption).option("markdown", markdownOption);
}

export function planPositional<T>(parser: Argv<T>) {
  return parser.positional("plan", wordPositional("plan", "file of the plan"));
}

export function rolloutPositional<T>(parser: Argv<T>) {
  return parser.positional(
    "rollout",
    wordPositional("rollout", "id of the rollout, or the end of it, as `handrail status` lists it"),
  );
}

/** A word that must be there, and must say something. */
export function wordPositional(name: string, describe: string) {
  return {
    type: "string",
    demandOption: true,
    describe,
    coerce: (value: string) => {
      if (value !== "") return value;
      throw new Error(`<${name}> is empty`);
    },
  } as const;
}

function oneText(name: string, value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    throw new Error(`--${name} is given ${value.length} times`);
  }
  if (value === "") {
    throw new Error(`--${name} is empty`);
  }
  return value;
}
