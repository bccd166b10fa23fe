import type { ProgramText } from "../plan/kinds.ts";
import { noteWords } from "./deed-words.ts";
import { affordable, judgeDeed, type Ruling, scratchOf } from "./judge-deed.ts";
import { judgeNote } from "./judge-note.ts";
import type { ProtectedGround } from "./protected-ground.ts";
import type { ShellScope } from "./shell-scope.ts";
import { type ShellValue, textValue, unknownValue } from "./shell-value.ts";
import { shells } from "./command-table.ts";
import { walkText } from "./walk-text.ts";

/** A program on one host, with what it is held against. */
export interface ProgramOrder {
  readonly program: ProgramText;
  /** Values of the environment; null: it is there, but not to be known here. */
  readonly variables: ReadonlyMap<string, string | null>;
  /** Home of whoever it runs as, by custom; null: nobody can tell. */
  readonly home: string | null;
  /** Where it starts; null: nobody can tell. */
  readonly folder: string | null;
  readonly ground: ProtectedGround;
}

/** A ruling, and where in the text the command stands that it is about. */
export interface PlacedRuling extends Ruling {
  /** Counts from 0. */
  readonly line: number;
  /** On one line. */
  readonly command: string;
  readonly path: string | null;
}

/** What a program gives reason to ask about, and how much of its text was walked through for that. */
export interface ProgramReview {
  /** In reading order. */
  readonly rulings: readonly PlacedRuling[];
  readonly parts: number;
}

/** Characters of a command that are shown. */
const shownMax = 120;

/** Everything that the text of a program gives reason to ask about, on one host. */
export function reviewProgram(order: ProgramOrder): ProgramReview {
  const { program } = order;
  const { text } = program;
  if (!isShell(program.interpreter)) {
    const about = program.interpreter.join(" ");
    const message = noteWords("other-language", about);
    const ruling = { id: "other-language", severity: "unknown", protects: null, message } as const;
    return { rulings: [{ ...ruling, line: 0, command: about, path: null }], parts: 0 };
  }
  const trace = walkText(text, scopeOf(order));
  const ground = { ...order.ground, allow: affordable(order.ground.allow, trace) };
  const context = { looked: trace.looked, scratch: scratchOf(trace) };
  const found = [
    ...trace.deeds.flatMap((deed) =>
      judgeDeed(deed, ground, context).map((ruling) => ({ deed, ruling, path: deed.path.shown })),
    ),
    ...trace.notes.map((one) => {
      return { deed: one, ruling: judgeNote(one, { trace, ground }), path: null };
    }),
  ];
  const rulings = found
    .sort((left, right) => left.deed.at - right.deed.at)
    .map(({ deed, ruling, path }) => ({
      ...ruling,
      line: text.slice(0, deed.at).split("\n").length - 1,
      command: oneLine(deed.command),
      path,
    }));
  return { rulings, parts: trace.parts };
}

/** Is it read by a POSIX shell, or by bash? */
function isShell(interpreter: readonly string[]): boolean {
  const names = interpreter.map((word) => word.slice(word.lastIndexOf("/") + 1));
  const program = names.find((word) => !["env", "busybox", "-S"].includes(word));
  return program !== undefined && shells.has(program);
}

function scopeOf({ program, variables, home, folder }: ProgramOrder): ShellScope {
  const values = [...variables].map(([name, value]): [string, readonly ShellValue[]] => {
    return [name, [value === null ? unknownValue(`\${${name}}`) : textValue(value)]];
  });
  const guessed = home === null ? unknownValue("~") : { ...textValue(home), guessed: true };
  return {
    variables: new Map([["HOME", [guessed]], ...values]),
    lists: new Map(),
    functions: new Map(),
    folder: [folder === null ? unknownValue("[where it starts]") : textValue(folder)],
    words: program.args.map((word) => [textValue(word)]),
    input: null,
    made: new Map(),
    atEnd: new Map(),
    calls: 0,
    ended: null,
  };
}

function oneLine(command: string): string {
  const line = command.replace(/\s*\\?\n\s*/g, " ").trim();
  return line.length > shownMax ? `${line.slice(0, shownMax)}…` : line;
}
