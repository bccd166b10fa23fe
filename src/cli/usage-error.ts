import { nearest, nearestOrAll } from "../core/plan/suggest.ts";
import { UsageError } from "./refusal.ts";

export interface UsageWords {
  /** What yargs says is wrong. */
  readonly message: string;
  readonly argv: readonly string[];
  /** As yargs writes them: "approve <rollout> <region>". */
  readonly usages: readonly string[];
  /** The `--help` text of the verb that was typed, or of the program. */
  readonly help: string;
}

/** What yargs found wrong with the command line, in our words, with what was probably meant. */
export function usageErrorOf({ message, argv, usages, help }: UsageWords): UsageError {
  const usage = typedUsage(argv, usages);
  const word = firstWord(argv);
  if (usage === null && word !== null) {
    const verbs = usages.map((known) => verbOf(known));
    return new UsageError(`there is no verb "${word}"${tail(nearest(word, verbs))}`, programHelp);
  }
  const hint = usage === null ? programHelp : `handrail ${verbOf(usage)} --help`;
  const unknown = unknownOptions(argv, help);
  if (unknown.length > 0) return new UsageError(unknown.join("; "), hint);
  const extra = /^Unknown arguments?: (.*)$/s.exec(message)?.[1];
  if (extra !== undefined) return new UsageError(`one word too many: ${extra}`, hint);
  const choice = /Argument: (.*), Given: "(.*)", Choices: (.*)/s.exec(message);
  if (choice !== null) {
    const [, name, given, list] = choice;
    const known = list!.split(", ").map((quoted) => quoted.replaceAll('"', ""));
    return new UsageError(
      `<${name}> can't be "${given}"${tail(nearestOrAll(given!, known))}`,
      hint,
    );
  }
  if (message.startsWith("Not enough non-option arguments") && usage !== null) {
    return new UsageError(`something is missing, it goes: handrail ${usage}`, hint);
  }
  const lacking = /^Missing required arguments?: (.*)$/s.exec(message)?.[1];
  if (lacking !== undefined)
    return new UsageError(`something is missing: --${lacking.replaceAll(", ", " and --")}`, hint);
  const bare = /^Not enough arguments following: (.*)$/s.exec(message)?.[1];
  if (bare !== undefined) return new UsageError(`--${bare} needs a value after it`, hint);
  return new UsageError(message.charAt(0).toLowerCase() + message.slice(1), hint);
}

/** The usage of the verb that this line begins with; null: there is none, or no such verb. */
export function typedUsage(argv: readonly string[], usages: readonly string[]): string | null {
  const word = firstWord(argv);
  return usages.find((usage) => verbOf(usage) === word) ?? null;
}

/** The verb of a usage: "approve" of "approve <rollout> <region>". */
export function verbOf(usage: string): string {
  return usage.split(" ", 1)[0]!;
}

const programHelp = "handrail --help";

/** The verb that a line begins with, or what stands in its place; null: there is none. */
export function firstWord(argv: readonly string[]): string | null {
  // Only --state takes a value and may stand before the verb.
  return argv.find((word, at) => !word.startsWith("-") && argv[at - 1] !== "--state") ?? null;
}

function unknownOptions(argv: readonly string[], help: string): readonly string[] {
  // Those of its list: descriptions and examples speak of the options of other verbs.
  const listed = [...help.matchAll(/^ +--([a-z][a-z-]*)/gm)].map(([, name]) => name!);
  const known = [...listed, "no-color"];
  const words: string[] = [];
  for (const word of argv) {
    if (word === "--") break;
    const [option, dashes, name] = /^(--?)([^-=][^=]*)/.exec(word) ?? [];
    if (option === undefined || dashes === undefined || name === undefined) continue;
    const meant = dashes === "--" ? name.replace(/^no-/, "") : "";
    if (known.includes(meant)) continue;
    const near = nearest(name, known)?.replace('"', '"--') ?? null;
    words.push(meant === "limit" ? limitWords : `there is no option ${option}${tail(near)}`);
  }
  return words;
}

/** Ansible has it, and people will try it: what is rolled out to is part of what was reviewed. */
const limitWords =
  "there is no option --limit: which instances a plan goes to stands in its `targets`";

function tail(suggestion: string | null): string {
  return suggestion === null ? "" : `; ${suggestion}`;
}
