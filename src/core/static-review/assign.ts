import type { Assignment, Command } from "unbash";
import type { CommandWord } from "./command-words.ts";
import { expandFields, expandWord, type Expansion } from "./expand-word.ts";
import { distinct, unknownValue } from "./shell-value.ts";

/** `name=value`: what the variable may be from here on. */
export function assign(assignment: Assignment, expansion: Expansion): void {
  const { scope } = expansion;
  const { name, value } = assignment;
  if (value.type === "ArrayValue") {
    const words = value.elements.flatMap((word) => expandFields(word, expansion));
    const before = assignment.append === true ? (scope.variables.get(`${name}[]`) ?? []) : [];
    const list = assignment.append === true ? scope.lists.get(name) : [];
    if (list === undefined) scope.lists.delete(name);
    else scope.lists.set(name, [...list, ...words]);
    scope.variables.set(`${name}[]`, distinct([...before, ...words.flat()]));
    scope.variables.set(name, words[0] ?? []);
    return;
  }
  const values = expandWord(value, expansion);
  if (assignment.index !== undefined) scope.lists.delete(name);
  const isPart = assignment.append === true || assignment.index !== undefined;
  scope.variables.set(name, isPart ? [unknownValue(`$${name}`)] : values);
}

/** The same where it is a word of a command: `export name=value`, `dd of=file`. */
function assignmentWords(assignment: Assignment, expansion: Expansion): readonly CommandWord[] {
  if (assignment.value.type === "ArrayValue") return [[unknownValue(assignment.text)]];
  const values = expandWord(assignment.value, expansion);
  return [
    values.map((value) => ({
      ...value,
      pieces: [{ kind: "text", text: `${assignment.name}=` }, ...value.pieces],
    })),
  ];
}

/** A command with its words expanded, its name first; none where it only sets variables. */
export function commandWords(node: Command, expansion: Expansion): readonly CommandWord[] {
  const name = node.name === undefined ? [] : expandFields(node.name, expansion);
  const args = node.args.flatMap((word) =>
    word.type === "Word" ? expandFields(word, expansion) : assignmentWords(word, expansion),
  );
  return [...name, ...args];
}
