import { type CommandWord, cutOff, partsOf, wordText } from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { evaluate, runFile } from "./perform-shell.ts";
import { folderValues } from "./shell-trace.ts";
import { distinct, type ShellValue, textValue, unknownValue } from "./shell-value.ts";

type Builtin = (call: CommandCall, args: readonly CommandWord[]) => readonly ShellValue[] | null;

/** What the shell does itself, and what comes of it for the rest of the text. */
export const builtins: Readonly<Record<string, Builtin>> = {
  cd: changeFolder,
  pushd: changeFolder,
  popd: ({ scope }) => {
    scope.folder = [unknownValue("the folder before")];
    return [];
  },
  eval: (call, args) => {
    const text = args.reduce<readonly ShellValue[]>(
      (before, word, index) =>
        before.flatMap((value) =>
          word.map((next) => ({
            pieces: [
              ...value.pieces,
              ...(index === 0 ? [] : textValue(" ").pieces),
              ...next.pieces,
            ],
            guessed: value.guessed || next.guessed,
          })),
        ),
      [textValue("")],
    );
    return evaluate(call, distinct(text), (known, scope) => call.walk.run(known, scope));
  },
  ".": (call, [file]) => (file === undefined ? null : runFile(call, file)),
  source: (call, [file]) => (file === undefined ? null : runFile(call, file)),
  trap: ({ scope, walk }, args) => {
    const { operands } = partsOf(args, new Set());
    const text = wordText(operands[0]);
    for (const word of operands.slice(1)) {
      const signal = wordText(word)?.replace(/^SIG/, "").replace(/^0$/, "EXIT") ?? "EXIT";
      if (text === null || text === "" || text === "-") scope.atEnd.delete(signal);
      else scope.atEnd.set(signal, { text, place: walk.place });
    }
    return [];
  },
  read: ({ scope }, args) => {
    const { operands } = partsOf(args, new Set(["-d", "-n", "-N", "-p", "-t", "-u", "-i", "-a"]));
    const names = operands.map((word) => wordText(word) ?? "");
    for (const name of names) {
      // Of several names each gets a part of the line, which is only sure where there is one.
      const lines = names.length === 1 ? scope.input : null;
      scope.variables.set(name, lines ?? [unknownValue(`$${name}`)]);
    }
    return [];
  },
  mapfile: readInto,
  readarray: readInto,
  getopts: ({ scope }, [, name]) => {
    for (const each of [wordText(name) ?? "", "OPTARG", "OPTIND"]) {
      scope.variables.set(each, [unknownValue(`$${each}`)]);
    }
    return [];
  },
  export: declare,
  local: declare,
  readonly: declare,
  declare,
  typeset: declare,
  unset: ({ scope }, args) => {
    for (const word of partsOf(args, new Set()).operands) {
      scope.variables.delete(wordText(word) ?? "");
    }
    return [];
  },
  set: ({ scope }, args) => {
    const at = args.findIndex((word) => wordText(word) === "--");
    if (at !== -1) scope.words = args.slice(at + 1);
    else if (args.length > 0 && !/^[-+]/.test(wordText(args[0]) ?? "-")) scope.words = args;
    return [];
  },
  shift: ({ scope }, [count]) => {
    scope.words = scope.words.slice(Number(wordText(count) ?? "1") || 1);
    return [];
  },
  exit: ({ scope }) => {
    scope.ended = "exit";
    return [];
  },
  return: ({ scope }) => {
    scope.ended = "return";
    return [];
  },
  break: ({ scope }) => {
    scope.ended = "break";
    return [];
  },
  continue: ({ scope }) => {
    scope.ended = "break";
    return [];
  },
};

function changeFolder({ scope }: CommandCall, args: readonly CommandWord[]) {
  const [target] = partsOf(args, new Set()).operands;
  if (target === undefined) scope.folder = scope.variables.get("HOME") ?? [unknownValue("~")];
  else if (wordText(target) === "-") scope.folder = [unknownValue("the folder before")];
  else {
    scope.folder = folderValues(target, scope);
  }
  return [];
}

function readInto({ scope }: CommandCall, args: readonly CommandWord[]) {
  const name = wordText(partsOf(args, new Set(["-d", "-n", "-O", "-s", "-u"])).operands[0]);
  scope.variables.set(`${name ?? "MAPFILE"}[]`, scope.input ?? [unknownValue(`$${name}`)]);
  return [];
}

/** `export NAME=value` and its kin. */
function declare({ scope }: CommandCall, args: readonly CommandWord[]) {
  for (const word of partsOf(args, new Set()).operands) {
    const [piece] = word[0]?.pieces ?? [];
    const [setting] =
      /^[A-Za-z_][A-Za-z0-9_]*=/.exec(piece?.kind === "text" ? piece.text : "") ?? [];
    if (setting !== undefined)
      scope.variables.set(setting.slice(0, -1), cutOff(word, setting.length));
  }
  return [];
}
