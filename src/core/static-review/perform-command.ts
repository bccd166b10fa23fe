import type { CommandCall, Output } from "./command-call.ts";
import { commandTable, fetchers, lookers, passers, shells } from "./command-table.ts";
import { type CommandWord, flagsOf, partsOf } from "./command-words.ts";
import { performRow } from "./perform-row.ts";
import { performShell } from "./perform-shell.ts";
import { printed } from "./printed.ts";
import type { ShellFunction } from "./shell-scope.ts";
import { lookAt, note, pathsOf } from "./shell-trace.ts";
import { distinct, literalOf, shownValue, unknownValue } from "./shell-value.ts";
import { specialCommand } from "./special-commands.ts";
import { performWrapper } from "./perform-wrapper.ts";
import { wrapperTable } from "./wrapper-table.ts";

/** Functions that call each other are followed so deep. */
const callsMax = 16;

/** Writes down what one command does; gives what it prints, null where nobody can tell. */
export function performCommand(call: CommandCall): Output {
  const [first = [], ...args] = call.words;
  // A name that may be several is followed as each of them.
  const outputs = first.map((value) => {
    const literal = literalOf(value);
    if (literal !== null) return performNamed({ ...call, words: [[value], ...args] }, literal);
    note(call.walk, "unknown-program", shownValue(value));
    return null;
  });
  return outputs.includes(null) ? null : distinct(outputs.flatMap((output) => output ?? []));
}

function performNamed(call: CommandCall, literal: string): Output {
  const { walk, scope, words } = call;
  const [first = [], ...args] = words;
  if (literal === "") return null;
  const body = scope.functions.get(literal);
  if (body !== undefined) return performFunction(call, body);
  const name = literal.slice(literal.lastIndexOf("/") + 1);
  const program = pathsOf(first, scope)[0]?.shown;
  if (literal.includes("/") && program !== undefined && walk.trace.fetched.has(program)) {
    note(walk, "network-into-shell", literal);
    return null;
  }
  // A program of the application's own may have any name.
  if (!isOfTheSystem(literal)) unknownProgram(call, literal, args);
  const special = specialCommand(name);
  if (special !== undefined) return special(call, args);
  const wrapper = Object.hasOwn(wrapperTable, name) ? wrapperTable[name] : undefined;
  if (wrapper !== undefined) return performWrapper(call, { name, wrapper, args });
  if (shells.has(name)) return performShell(call, args);
  const key = name.startsWith("mkfs.") ? "mkfs" : name;
  const row = Object.hasOwn(commandTable, key)
    ? commandTable[key]
    : isInitScript(literal)
      ? commandTable["service"]
      : undefined;
  if (row !== undefined) performRow(call, { name, row, args });
  else if (lookers.has(name)) look(call, args);
  else if (isOfTheSystem(literal)) unknownProgram(call, literal, args);
  if (fetchers.has(name)) return [unknownValue(`$(${name} …)`, true)];
  if (
    passers.has(name) &&
    partsOf(args, flagsOf("-n -c -k -t -A -B -C -e -m")).operands.length <=
      (name.endsWith("grep") ? 1 : 0)
  ) {
    return scope.input;
  }
  return isOfTheSystem(literal) ? printed(name, args, scope) : null;
}

/** By its name alone, or from where systems keep their programs. */
function isOfTheSystem(program: string): boolean {
  return (
    !program.includes("/") ||
    /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/.test(program) ||
    isInitScript(program)
  );
}

function isInitScript(program: string): boolean {
  return /^\/etc\/(?:init|rc)\.d\//.test(program);
}

function performFunction({ walk, scope, words }: CommandCall, body: ShellFunction): Output {
  if (scope.calls >= callsMax) {
    note(walk, "unreadable", "its functions call each other too often");
    return null;
  }
  scope.calls += 1;
  const { words: outer } = scope;
  scope.words = words.slice(1);
  const output = walk.enter(body, scope);
  scope.words = outer;
  scope.calls -= 1;
  if (scope.ended === "return") scope.ended = null;
  return output;
}

/** What is looked at must be there. */
function look({ walk, scope }: CommandCall, args: readonly CommandWord[]): void {
  for (const word of args) {
    if (word.some((value) => (literalOf(value) ?? "/").includes("/"))) {
      lookAt(walk, pathsOf(word, scope));
    }
  }
}

function unknownProgram({ walk, scope }: CommandCall, name: string, args: readonly CommandWord[]) {
  note(walk, "unknown-program", name);
  // What it is given may be what it works on: the judge of findings says whether that is protected.
  for (const word of args) {
    const isPath = word.some(
      ({ pieces: [piece] }) => piece?.kind === "text" && piece.text.startsWith("/"),
    );
    if (isPath)
      walk.trace.handed.push({ ...walk.place, program: name, paths: pathsOf(word, scope) });
  }
}
