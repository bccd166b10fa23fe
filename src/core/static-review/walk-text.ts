import { type Command, forEachChild, parse, type SyntaxNode } from "unbash";
import { assign, commandWords } from "./assign.ts";
import type { CommandCall, Output, ShellWalk } from "./command-call.ts";
import { printsNothing, redirectTo } from "./redirect.ts";
import { expandFields, expandWord, type Expansion, type Substitute } from "./expand-word.ts";
import { performCommand } from "./perform-command.ts";
import { forked, rejoin, type ShellFunction, type ShellScope } from "./shell-scope.ts";
import type { CommandPlace } from "./command-place.ts";
import { note, type ShellTrace } from "./shell-trace.ts";
import { distinct, type ShellValue, unknownValue } from "./shell-value.ts";

/** Longer texts are not walked; nor further than so many parts; nor deeper into each other. */
const textMax = 256 * 1024;
const partsMax = 100_000;
const depthMax = 12;

/**
 * Walks through a shell text as a shell would, but down every branch, twice through every loop, and
 * doing nothing. Never throws for what stands in the text: what can't be followed is a note.
 */
export function walkText(text: string, scope: ShellScope): ShellTrace {
  const trace: ShellTrace = {
    parts: 0,
    deeds: [],
    notes: [],
    handed: [],
    looked: new Set(),
    fetched: new Set(),
  };
  new TextWalk(trace).runAll(text, scope);
  return trace;
}

/** The walk itself; it lives as long as one text is walked through. */
class TextWalk implements ShellWalk {
  readonly trace: ShellTrace;
  place: CommandPlace = { at: 0, command: "" };
  #text = "";
  #depth = 0;

  constructor(trace: ShellTrace) {
    this.trace = trace;
  }

  runAll(text: string, scope: ShellScope): void {
    this.run(text, scope);
    this.#runTraps(scope);
  }

  run(text: string, scope: ShellScope): Output {
    const isInner = this.#depth > 0;
    if (text.length > textMax || this.#depth >= depthMax) {
      note(this, "unreadable", text.length > textMax ? "it is too long" : "it goes too deep");
      return null;
    }
    const { place } = this;
    const outer = this.#text;
    if (!isInner) this.#text = text;
    this.#depth += 1;
    const script = parse(text);
    for (const error of script.errors?.slice(0, 1) ?? []) {
      if (!isInner) this.place = { at: error.pos, command: lineAt(text, error.pos) };
      note(this, "unreadable", error.message);
    }
    const output = this.#all(script.commands, scope, isInner);
    this.#depth -= 1;
    this.#text = outer;
    this.place = place;
    return output;
  }

  enter({ body, isInner }: ShellFunction, scope: ShellScope): Output {
    const { place } = this;
    const output = this.#visit(body, scope, isInner);
    this.place = place;
    return output;
  }

  perform(call: CommandCall): Output {
    return performCommand(call);
  }

  #all(nodes: readonly SyntaxNode[], scope: ShellScope, inner: boolean): Output {
    const outputs: (readonly ShellValue[])[] = [];
    let known = true;
    for (const node of nodes) {
      if (scope.ended !== null) break;
      const output = this.#visit(node, scope, inner);
      if (output === null) known = false;
      else outputs.push(output);
    }
    return known ? distinct(outputs.flat()) : null;
  }

  #visit(node: SyntaxNode, scope: ShellScope, inner: boolean): Output {
    this.trace.parts += 1;
    if (this.trace.parts > partsMax) {
      if (this.trace.parts === partsMax + 1) note(this, "unreadable", "it has too many commands");
      scope.ended = "exit";
      return null;
    }
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the rest only holds others
    switch (node.type) {
      case "Script":
      case "CompoundList":
        return this.#all(node.commands, scope, inner);
      case "Statement":
        return this.#visit(node.command, scope, inner);
      case "AndOr":
        return this.#andOr(node, scope, inner);
      case "Pipeline":
        return this.#pipeline(node.commands, scope, inner);
      case "Subshell": {
        const child = { ...forked(scope), atEnd: new Map() };
        const output = this.#visit(node.body, child, inner);
        this.#runTraps(child);
        return output;
      }
      case "BraceGroup":
        return this.#visit(node.body, scope, inner);
      case "If":
        return this.#if(node, scope, inner);
      case "For": {
        const words =
          node.wordlist?.flatMap((word) => expandFields(word, this.#expansion(scope))) ??
          scope.words;
        if (words.length === 0) return [];
        scope.variables.set(node.name.value, distinct(words.flat()));
        return this.#loop([node.body], scope, inner);
      }
      case "While":
        return this.#loop([node.clause, node.body], scope, inner);
      case "Case": {
        expandWord(node.word, this.#expansion(scope));
        const branches = node.items.map((item) => {
          const branch = forked(scope);
          this.#visit(item.body, branch, inner);
          return branch;
        });
        rejoin(scope, [...branches, forked(scope)]);
        return null;
      }
      case "Function":
        scope.functions.set(node.name.value, { body: node.body, isInner: inner });
        return [];
      case "Redirected": {
        for (const redirect of node.redirects)
          redirectTo(redirect, { walk: this, ...this.#expansion(scope) });
        const { input } = scope;
        if (node.redirects.some((it) => "operator" in it && it.operator.startsWith("<"))) {
          scope.input = null;
        }
        const output = this.#visit(node.command, scope, inner);
        scope.input = input;
        return output;
      }
      case "Command":
        return this.#command(node, scope, { inner });
      case "Word":
        expandWord(node, this.#expansion(scope));
        return [];
      default: {
        // Loops and tests of bash: whatever they hold is looked at, where they stand.
        forEachChild(node, (child) => void this.#visit(child, scope, inner));
        return null;
      }
    }
  }

  #andOr(node: Extract<SyntaxNode, { type: "AndOr" }>, scope: ShellScope, inner: boolean): Output {
    const [first, ...others] = node.commands;
    if (first === undefined) return [];
    const outputs = [this.#visit(first, scope, inner)];
    if (scope.ended !== null) return outputs[0] ?? null;
    // What comes after && goes on where all before it went well, what comes after || where it did not.
    let good = [forked(scope)];
    let bad = [forked(scope)];
    for (const [at, command] of others.entries()) {
      const branch = forked(scope);
      rejoin(branch, node.operators[at] === "||" ? bad : good);
      if (branch.ended === null) outputs.push(this.#visit(command, branch, inner));
      good = node.operators[at] === "||" ? [...good, branch] : [branch];
      bad = node.operators[at] === "||" ? [branch] : [...bad, branch];
    }
    rejoin(scope, [...good, ...bad]);
    return outputs.includes(null) ? null : distinct(outputs.flatMap((output) => output ?? []));
  }

  #pipeline(nodes: readonly SyntaxNode[], scope: ShellScope, inner: boolean): Output {
    const [first, second] = nodes;
    if (first !== undefined && second === undefined) return this.#visit(first, scope, inner);
    let output: Output = scope.input;
    for (const node of nodes) {
      const child = { ...forked(scope), input: output };
      // `find … | xargs rm` says more than `xargs rm`.
      if (node.type === "Command") output = this.#command(node, child, { inner, from: first });
      else output = this.#visit(node, child, inner);
    }
    return output;
  }

  #if(node: Extract<SyntaxNode, { type: "If" }>, scope: ShellScope, inner: boolean): Output {
    const branches: ShellScope[] = [];
    for (const arm of [node, ...node.elif]) {
      this.#visit(arm.clause, scope, inner);
      const branch = forked(scope);
      this.#visit(arm.then, branch, inner);
      branches.push(branch);
    }
    const rest = forked(scope);
    if (node.else !== undefined) this.#visit(node.else, rest, inner);
    rejoin(scope, [...branches, rest]);
    return null;
  }

  #loop(bodies: readonly SyntaxNode[], scope: ShellScope, inner: boolean): Output {
    const before = forked(scope);
    const branch = forked(scope);
    // Twice: what the first round leaves is what the second begins with.
    for (let round = 0; round < 2; round += 1) {
      for (const body of bodies) this.#visit(body, branch, inner);
      if (branch.ended !== null) break;
    }
    if (branch.ended === "break") branch.ended = null;
    rejoin(scope, [before, branch]);
    return null;
  }

  #command(
    node: Command,
    scope: ShellScope,
    { inner, from = node }: { readonly inner: boolean; readonly from?: SyntaxNode | undefined },
  ): Output {
    if (!inner) {
      this.place = { at: node.pos, command: this.#text.slice(from.pos, node.end) };
    }
    const { place } = this;
    const assignments = node.prefix.filter((part) => part.type === "Assignment");
    const words = commandWords(node, this.#expansion(scope));
    this.place = place;
    // Whatever is set before a command is set for it alone.
    const child = words.length > 0 && assignments.length > 0 ? forked(scope) : scope;
    for (const assignment of assignments) assign(assignment, this.#expansion(child));
    const { input } = child;
    const empties = printsNothing(words);
    for (const redirect of node.redirects) {
      redirectTo(redirect, { walk: this, empties, ...this.#expansion(child) });
      if (redirect.type === "HereDoc") child.input = [unknownValue("its own text")];
      else if (redirect.operator === "<" || redirect.operator === "<<<") child.input = null;
    }
    this.place = place;
    const document = node.redirects.find((redirect) => redirect.type === "HereDoc")?.body.text;
    const call: CommandCall = { walk: this, scope: child, words, document };
    const output = words.length === 0 ? [] : this.perform(call);
    child.input = input;
    if (child !== scope) {
      scope.ended = child.ended;
      scope.folder = child.folder;
      for (const [path, how] of child.made) scope.made.set(path, how);
    }
    const isSaved = node.redirects.some(
      (it) => it.type === "Redirect" && it.operator.includes(">") && it.operator !== ">&",
    );
    return isSaved ? [] : output;
  }

  #expansion(scope: ShellScope): Expansion {
    return { scope, substitute: this.#substitute };
  }

  readonly #substitute: Substitute = (part, scope) => {
    if (part.script === undefined) return null;
    const { place } = this;
    const child = { ...forked(scope), atEnd: new Map() };
    // Positions in a substitution may count in another text (escaped backticks).
    const output = this.#visit(part.script, child, true);
    this.#runTraps(child);
    this.place = place;
    if (output === null || output.length === 0) return null;
    return output;
  };

  /** What a trap says is walked with what is known at the end of the text. */
  #runTraps(scope: ShellScope): void {
    const { place } = this;
    for (const { text, place: there } of scope.atEnd.values()) {
      this.place = there;
      this.#depth += 1;
      this.run(text, { ...forked(scope), ended: null, atEnd: new Map() });
      this.#depth -= 1;
    }
    this.place = place;
  }
}

function lineAt(text: string, at: number): string {
  const begin = text.lastIndexOf("\n", at - 1) + 1;
  return text.slice(begin).split("\n", 1)[0] ?? "";
}
