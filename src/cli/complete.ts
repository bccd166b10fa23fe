import { existsSync } from "node:fs";
import type { FoundRollout } from "./find-rollout.ts";
import type { Journals } from "../ports/journal.ts";
import type { Io } from "./io.ts";
import { type VerbShape, verbNames, verbShape } from "./verb-shape.ts";
import { stateNearby } from "./state-folder.ts";

/** What may follow on a command line: words with what they mean, or names that the shell knows better. */
export type Candidates = readonly (readonly [word: string, says: string])[] | "files" | "folders";

/** Rollouts that are offered, newest first. */
const rolloutsMax = 100;

/** Words that are offered: more are read by nobody. */
const wordsMax = 500;

/**
 * Answers a shell that asks what may stand in the place of the last of these words, a line each:
 * the word, a tab, what it means; or `:files`, `:folders`. Reads the journal, and only reads. Where it
 * knows nothing it says nothing: an error message in the middle of a command line would help nobody.
 */
export async function complete(words: readonly string[], io: Io): Promise<void> {
  const typed = whole(words);
  const last = typed.at(-1) ?? "";
  // "--state=DIR" is one word to zsh and fish: what is completed is what stands after the "=".
  const [, option = null, value = last] = /^(--[a-z-]+)=(.*)$/s.exec(last) ?? [];
  const before = [...typed.slice(0, -1), ...(option === null ? [] : [option])];
  const found = await candidates(before, value, io).catch(() => []);
  if (typeof found === "string") io.stdout.write(`:${found}\n`);
  else
    for (const [word, says] of found.filter(([it]) => it.startsWith(value)).slice(0, wordsMax))
      if (!/[\p{C}]/u.test(word))
        io.stdout.write(`${option === null ? "" : `${option}=`}${word}\t${says.split("\n")[0]}\n`);
}

/** bash gives "--state=DIR" as three words. */
function whole(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => !(word === "=" && (words[at - 1] ?? "").startsWith("--")));
}

async function candidates(before: readonly string[], typed: string, io: Io): Promise<Candidates> {
  const verbAt = before.findIndex(
    (word, at) => !word.startsWith("-") && before[at - 1] !== "--state",
  );
  const state = before[before.indexOf("--state") + 1];
  const where = before.includes("--state") && state !== undefined ? { state } : {};
  const last = before.at(-1) ?? "";
  if (verbAt === -1) {
    if (last === "--state") return "folders";
    return typed.startsWith("-") ? globals : await verbNames();
  }
  const verb = await verbShape(before[verbAt]!);
  if (verb === null) return [];
  const option = verb.options.find(({ name }) => last === `--${name}`);
  if (option?.takesValue === true) return await valuesOf(option.name, where, io);
  if (typed.startsWith("-"))
    return verb.options.map(({ name, says }) => [
      name === "color" ? "--no-color" : `--${name}`,
      says,
    ]);
  const positionals = positionalsIn(before.slice(verbAt + 1), verb);
  return await placeOf(verb, positionals, { where, io });
}

const globals: Candidates = [
  ["--help", "every verb, and what each exit code means"],
  ["--version", "the version"],
  ["--state", "folder of the journal"],
];

function positionalsIn(words: readonly string[], verb: VerbShape): readonly string[] {
  return words.filter((word, at) => {
    if (word.startsWith("-")) return false;
    const option = verb.options.find(({ name }) => words[at - 1] === `--${name}`);
    return option?.takesValue !== true;
  });
}

interface Where {
  readonly where: { readonly state?: string };
  readonly io: Io;
}

/** What may stand in the place of a positional, by its name in the usage of the verb. */
async function placeOf(
  verb: VerbShape,
  given: readonly string[],
  { where, io }: Where,
): Promise<Candidates> {
  const place = verb.positionals[given.length];
  if (place === undefined) return [];
  if (place.choices.length > 0) return place.choices.map((choice) => [choice, ""]);
  switch (place.name) {
    case "folder":
      return "folders";
    case "rollout":
      return await rollouts(where, io);
    case "region":
      return await ofRollout(given[0], { where, io }, ({ state }) =>
        state.regions.map(({ name, stage }) => [name, stage]),
      );
    case "instance":
      return await ofRollout(given[0], { where, io }, ({ state }) =>
        [...state.instances.values()].map(({ name, region, phase }) => [
          name,
          `${region}: ${phase}`,
        ]),
      );
    default:
      // A plan, or a name beside one.
      return verb.name === "locks" && given.length === 1
        ? await ofNewest({ where, io }, ({ state }) =>
            [...state.instances.keys()].map((it) => [it, ""]),
          )
        : "files";
  }
}

async function valuesOf(option: string, where: Where["where"], io: Io): Promise<Candidates> {
  if (["state", "incident"].includes(option)) return "folders";
  if (["despite", "rollout"].includes(option)) return await rollouts(where, io);
  if (fileOptions.includes(option)) return "files";
  if (option === "instance")
    return await ofNewest({ where, io }, ({ state }) =>
      [...state.instances.keys()].map((it) => [it, ""]),
    );
  return [];
}

const fileOptions: readonly string[] = [
  "inventory",
  "out",
  "json-into",
  "junit",
  "markdown",
  "html",
];

async function rollouts(where: Where["where"], io: Io): Promise<Candidates> {
  return await atJournal({ where, io }, async (journals) => {
    const heads = await journals.list();
    return heads
      .slice(0, rolloutsMax)
      .map(({ rollout, openedAt, outcome }) => [
        rollout,
        `${outcome ?? "not over"}, begun ${openedAt}`,
      ]);
  });
}

type Named = (found: FoundRollout) => Exclude<Candidates, string>;

async function ofRollout(typed: string | undefined, at: Where, named: Named): Promise<Candidates> {
  return await atJournal(at, async (journals) => {
    const { findRollout } = await import("./find-rollout.ts");
    return named(await findRollout(journals, typed ?? ""));
  });
}

async function ofNewest(at: Where, named: Named): Promise<Candidates> {
  return await atJournal(at, async (journals) => {
    const [newest] = await journals.list();
    if (newest === undefined) return [];
    const { readRollout } = await import("./find-rollout.ts");
    return named(await readRollout(journals, newest.rollout));
  });
}

type AtJournal = (journals: Journals) => Promise<Candidates>;

async function atJournal({ where, io }: Where, work: AtJournal): Promise<Candidates> {
  const folder = stateNearby(where, io);
  if (!existsSync(folder)) return [];
  const { openApp } = await import("./open-app.ts");
  await using app = await openApp(folder, io);
  return await work(await app.journals());
}
