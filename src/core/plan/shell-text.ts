import { forEachChild, parse, type Command, type SyntaxNode } from "unbash";

/** A variable that a command line expands. */
export interface ShellUse {
  readonly name: string;
  /** As written: "$home" or "${home}". */
  readonly written: string;
  /** Outside of quotes where the shell splits the value at white space and expands globs in it. */
  readonly splits: boolean;
  /** `${name:-…}` and its kin: the command says itself what happens when there is no value. */
  readonly guarded: boolean;
}

/** What can be told of a command line without running it. */
export interface ShellText {
  /** What is wrong with its syntax, in reading order, as ends of sentences. */
  readonly errors: readonly string[];
  /** Bash alone understands these; `run` goes to sh. As written. */
  readonly bashOnly: readonly string[];
  readonly uses: readonly ShellUse[];
  /** Names that it gives a value itself. */
  readonly assigned: ReadonlySet<string>;
  /** It reads or makes further commands (`.`, `eval`), so that names may come from anywhere. */
  readonly opaque: boolean;
}

/** Longer command lines are not looked into: a file for `script` is the place for them. */
const textMax = 64 * 1024;

const assigners = new Set(["read", "export", "readonly", "local", "getopts", "declare", "typeset"]);
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads a POSIX sh command line. Never throws; what the parser can't read is an error in the result. */
export function readShellText(text: string): ShellText {
  const errors: string[] = [];
  const bashOnly: string[] = [];
  const uses: ShellUse[] = [];
  const assigned = new Set<string>();
  let opaque = false;

  // Expansions inside double quotes, assignments, `case` words, redirections and here-documents
  // stay whole (POSIX.1-2024, XCU 2.6.5); in the words of a command and of `for` they are split.
  function visit(node: SyntaxNode, splits: boolean): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most nodes only hold others
    switch (node.type) {
      case "Script":
        errors.push(...(node.errors ?? []).map((error) => error.message));
        return children(node, false);
      case "Command":
        return visitCommand(node);
      case "For":
        assigned.add(node.name.value);
        for (const word of node.wordlist ?? []) visit(word, true);
        return visit(node.body, false);
      case "Assignment":
        assigned.add(node.name);
        if (node.value.type === "ArrayValue") bashOnly.push(node.text);
        return visit(node.value, splits);
      case "SimpleExpansion": {
        const name = node.text.slice(1);
        if (identifier.test(name)) uses.push({ name, written: node.text, splits, guarded: false });
        return;
      }
      case "ParameterExpansion": {
        // `${secret.token}` is no shell syntax, but it is what a plan says elsewhere.
        const inner = /^\$\{([A-Za-z0-9_.]+)\}$/.exec(node.text)?.[1];
        const guarded = node.operation?.type === "Default";
        const name = inner ?? node.parameter;
        if (/^[A-Za-z_]/.test(name)) {
          uses.push({ name, written: node.text, splits: splits && node.prefix !== "#", guarded });
          if (guarded && node.operation.operator.endsWith("=")) assigned.add(name);
        }
        return children(node, splits);
      }
      case "TestCommand":
      case "ArithmeticCommand":
      case "ArithmeticFor":
      case "Select":
      case "Coproc":
      case "ProcessSubstitution":
      case "HereString":
        bashOnly.push(text.slice(node.pos, node.end));
        return children(node, false);
      case "DoubleQuoted":
      case "LocaleString":
      case "HereDoc":
      case "Redirect":
      case "Case":
      case "ArithmeticExpansion":
        return children(node, false);
      default:
        return children(node, splits);
    }
  }

  function visitCommand(node: Command): void {
    for (const part of node.prefix) visit(part, false);
    if (node.name !== undefined) visit(node.name, true);
    const name = node.name?.value ?? "";
    if (name === "." || name === "source" || name === "eval") opaque = true;
    for (const part of node.suffix) {
      visit(part, part.type === "Word" || part.type === "Assignment");
      if (assigners.has(name) && part.type === "Word" && identifier.test(part.value)) {
        assigned.add(part.value);
      }
    }
  }

  function children(node: SyntaxNode, splits: boolean): void {
    forEachChild(node, (child) => visit(child, splits));
  }

  if (text.length > textMax) {
    return { errors: [], bashOnly, uses, assigned, opaque: true };
  }
  try {
    visit(parse(text), false);
  } catch {
    errors.push("it can't be read as shell text");
  }
  return { errors: [...new Set(errors)], bashOnly, uses, assigned, opaque };
}
