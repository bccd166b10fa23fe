import type { ParameterExpansionPart, Word, WordPart } from "unbash";
import type { CommandWord } from "./command-words.ts";
import { globPieces, withoutMatch } from "./shell-glob.ts";
import type { ShellScope } from "./shell-scope.ts";
import {
  distinct,
  joined,
  literalOf,
  type ShellValue,
  splitAt,
  textValue,
  unknownValue,
} from "./shell-value.ts";

/** Walks what stands in `$(…)`, and gives what it prints; null: that can't be told. */
export type Substitute = (
  part: Extract<WordPart, { type: "CommandExpansion" | "ProcessSubstitution" }>,
  scope: ShellScope,
) => readonly ShellValue[] | null;

/** Where a word is expanded, and how what stands in it is walked through. */
export interface Expansion {
  readonly scope: ShellScope;
  readonly substitute: Substitute;
}

/** A word as the words that a command gets of it: split and with globs, as the shell does it. */
export function expandFields(word: Word, expansion: Expansion): readonly CommandWord[] {
  const { parts } = word;
  const [only, second] = parts ?? [];
  if (only !== undefined && second === undefined) {
    const all = allWords(only, expansion);
    if (all !== null) return all;
    if (isExpansion(only)) return splitFields(expandPart(only, expansion), expansion.scope);
  }
  const values = expandWord(word, expansion, true);
  return values.length === 0 ? [] : [values];
}

/** A word that stays whole: the right side of an assignment, a redirection. */
export function expandWord(
  word: Word,
  expansion: Expansion,
  withGlobs = false,
): readonly ShellValue[] {
  const { parts } = word;
  if (parts === undefined || parts.length === 0) {
    return word.text.startsWith("~") ? withTilde(word.value, expansion) : [textValue(word.value)];
  }
  const [first] = parts;
  const tilde = first?.type === "Literal" && word.text.startsWith("~");
  return parts.reduce<readonly ShellValue[]>(
    (before, part, index) => {
      const values =
        tilde && index === 0 && part.type === "Literal"
          ? withTilde(part.value, expansion)
          : expandPart(part, expansion);
      const globbed = withGlobs && isExpansion(part) ? values.map(withGlobsOf) : values;
      return joined(before, globbed);
    },
    [textValue("")],
  );
}

function expandPart(part: WordPart, expansion: Expansion): readonly ShellValue[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [textValue(part.value)];
    case "DoubleQuoted":
    case "LocaleString":
      return part.parts.reduce<readonly ShellValue[]>(
        (before, inner) => joined(before, expandPart(inner, expansion)),
        [textValue("")],
      );
    case "Glob":
      return [{ pieces: [{ kind: "glob", text: part.text }], guessed: false }];
    case "SimpleExpansion":
      return valuesOf(part.text.slice(1), part.text, expansion.scope);
    case "ParameterExpansion":
      return expandParameter(part, expansion);
    case "CommandExpansion":
    case "ProcessSubstitution":
      return expansion.substitute(part, expansion.scope) ?? [unknownValue(part.text)];
    case "BraceExpansion":
      return bracesOf(part.text);
    case "ArithmeticExpansion":
    case "ExtendedGlob":
      return [unknownValue(part.text)];
  }
}

/** `"$@"` and `"${name[@]}"`: as many words as there are. */
function allWords(part: WordPart, { scope }: Expansion): readonly CommandWord[] | null {
  const [inner, second] = part.type === "DoubleQuoted" ? part.parts : [part];
  if (second !== undefined) return null;
  if (inner?.type === "SimpleExpansion") {
    return inner.text === "$@" || inner.text === "$*" ? scope.words : null;
  }
  if (inner?.type !== "ParameterExpansion" || inner.operation !== undefined) return null;
  if (inner.prefix !== undefined || !["@", "*"].includes(inner.index?.value ?? "")) return null;
  return scope.lists.get(inner.parameter) ?? null;
}

function isExpansion(part: WordPart): boolean {
  return ["SimpleExpansion", "ParameterExpansion", "CommandExpansion"].includes(part.type);
}

/** What stands outside of quotes is cut at IFS; of several values, each stands for its parts. */
function splitFields(
  values: readonly ShellValue[],
  { variables }: ShellScope,
): readonly CommandWord[] {
  const [first, second] = values;
  if (first === undefined) return [];
  const ifs = variables.get("IFS")?.map(literalOf) ?? [];
  const given = ifs.length === 1 ? ifs[0] : undefined;
  const separators = given == null || given === "" ? " \t\n" : given;
  const cut = (value: ShellValue): readonly ShellValue[] =>
    splitAt(value, (character) => separators.includes(character)).map(withGlobsOf);
  if (second === undefined) return cut(first).map((part) => [part]);
  return [distinct(values.flatMap(cut))];
}

function withGlobsOf(value: ShellValue): ShellValue {
  const pieces = value.pieces.flatMap((piece) =>
    piece.kind === "text" ? globPieces(piece.text) : [piece],
  );
  return { ...value, pieces };
}

function withTilde(text: string, { scope }: Expansion): readonly ShellValue[] {
  const [user = ""] = text.slice(1).split("/", 1);
  const rest = textValue(text.slice(1 + user.length));
  const home =
    user === "" ? valuesOf("HOME", "~", scope) : [{ ...textValue(`/home/${user}`), guessed: true }];
  return joined(home, [rest]);
}

/** What a variable, or a word of the command line, may be here. */
function valuesOf(name: string, written: string, scope: ShellScope): readonly ShellValue[] {
  if (/^[1-9][0-9]*$/.test(name)) {
    return scope.words[Number(name) - 1] ?? [unknownValue(written)];
  }
  // The shell's own number: the same all through a text, and in no name that was there before.
  if (name === "$") return [textValue("$$")];
  if (name === "PWD") return scope.folder;
  const values = scope.variables.get(name);
  return values === undefined || values.length === 0 ? [unknownValue(written)] : values;
}

function expandParameter(
  part: ParameterExpansionPart,
  expansion: Expansion,
): readonly ShellValue[] {
  const { operation, parameter: name, text } = part;
  if (part.prefix !== undefined) return [unknownValue(text)];
  if (part.index !== undefined) return valuesOf(`${name}[]`, text, expansion.scope);
  const values = valuesOf(name, text, expansion.scope);
  if (operation === undefined) return values;
  switch (operation.type) {
    case "Default": {
      const [kind = "-"] = operation.operator.replace(":", "");
      if (kind === "?") return values;
      const other = expandWord(operation.operand, expansion);
      if (kind === "+") return distinct([...other, textValue("")]);
      const isKnown = expansion.scope.variables.has(name) || /^[0-9]/.test(name);
      // A name that nobody has given a value has none on the host either, as far as anybody knows.
      if (!isKnown) return other;
      const given = values.filter((value) => literalOf(value) !== "");
      return given.length === values.length ? values : distinct([...given, ...other]);
    }
    case "Remove": {
      const pattern = expandWord(operation.operand, expansion)[0]?.pieces ?? [];
      return values.map((value) => {
        const known = literalOf(value);
        const rest = known === null ? null : withoutMatch(known, pattern, operation.operator);
        return rest === null ? unknownValue(text) : textValue(rest);
      });
    }
    case "Replace":
    case "Slice":
    case "CaseModification":
    case "Transform":
    case "Names":
    case "Unknown":
      return [unknownValue(text)];
  }
}

/** `{a,b}` in bash: either of the two. */
function bracesOf(text: string): readonly ShellValue[] {
  const inner = text.slice(1, -1);
  if (/[{}]|\.\./.test(inner) || !inner.includes(",")) return [unknownValue(text)];
  return inner.split(",").map((one) => textValue(one));
}
