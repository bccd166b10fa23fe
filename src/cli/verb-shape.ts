import yargs, { type Argv } from "yargs";
import type { GlobalArgs } from "./command.ts";
import { stateDescription, textOption } from "./options.ts";

/** What a verb's command line may hold, for who completes one. */
export interface VerbShape {
  readonly name: string;
  readonly positionals: readonly { readonly name: string; readonly choices: readonly string[] }[];
  readonly options: readonly {
    /** Without dashes. */
    readonly name: string;
    readonly says: string;
    readonly takesValue: boolean;
  }[];
}

/** All verbs with what they do. */
export async function verbNames(): Promise<readonly (readonly [string, string])[]> {
  const { commandsFor } = await import("./commands.ts");
  return (await commandsFor([])).map(({ usage, describe }) => [usage.split(" ")[0]!, describe]);
}

/** null: there is no such verb. */
export async function verbShape(verb: string): Promise<VerbShape | null> {
  const { commandsFor } = await import("./commands.ts");
  const command = (await commandsFor([verb])).find(({ usage }) => usage.split(" ")[0] === verb);
  if (command === undefined) return null;
  const help = await helpOf(command.options);
  const choices = new Map(help.map(({ name, about }) => [name, choicesIn(about)]));
  return {
    name: verb,
    positionals: [...command.usage.matchAll(/[<[]([a-z]+)[>\]]/g)].map(([, name = ""]) => ({
      name,
      choices: choices.get(name) ?? [],
    })),
    options: help
      .filter(({ isOption }) => isOption)
      .map(({ name, about }) => ({
        name,
        says: about.replace(/ *\[.*$/s, ""),
        takesValue: !about.includes("[boolean]"),
      })),
  };
}

interface HelpLine {
  readonly name: string;
  readonly isOption: boolean;
  readonly about: string;
}

/** yargs tells what a parser takes only in its help, which is regular where it isn't wrapped. */
async function helpOf(
  options: (parser: Argv<GlobalArgs>) => Argv<unknown>,
): Promise<readonly HelpLine[]> {
  const parser = yargs()
    .scriptName("handrail")
    .locale("en")
    .option("state", textOption("state", stateDescription))
    .option("color", { type: "boolean", describe: "--no-color: plain text" })
    .wrap(null);
  const text = await options(parser).getHelp();
  return text.split("\n").flatMap((line): readonly HelpLine[] => {
    const [, dashes, name, about] = /^ {2}(--)?([a-z][a-z-]*) {2,}(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, isOption: dashes !== undefined, about: about ?? "" }];
  });
}

function choicesIn(about: string): readonly string[] {
  const list = /\[choices: ([^\]]*)\]/.exec(about)?.[1] ?? "";
  return [...list.matchAll(/"([^"]*)"/g)].map(([, choice]) => choice!);
}
