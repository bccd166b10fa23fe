import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join, relative } from "node:path";
import { seeded } from "../simulation/seeded.ts";
import { codeOnly } from "./code-only.ts";

/** A fault that an operator made at one place of the core. */
export interface Generated {
  /** "src/core/over.ts:12: && for ||". */
  readonly name: string;
  readonly file: string;
  /** The whole file with the fault in it. */
  readonly text: string;
}

interface Edit {
  readonly at: number;
  readonly length: number;
  readonly put: string;
  readonly what: string;
}

/** Draws by the seed among all faults that the operators can make of the core. */
export function generate(
  root: string,
  { sample, seed }: { readonly sample: number; readonly seed: number },
): { readonly drawn: readonly Generated[]; readonly possible: number } {
  const possible = coreFiles(root).flatMap((path) => {
    const text = readFileSync(path, "utf8");
    return editsOf(text).map((edit) => ({ file: relative(root, path), text, edit }));
  });
  const chance = seeded(seed);
  const left = [...possible];
  const drawn: Generated[] = [];
  while (drawn.length < sample && left.length > 0) {
    const [place] = left.splice(chance.below(left.length), 1);
    if (place === undefined) break;
    const { file, text, edit } = place;
    const { at, length, put, what } = edit;
    const mutant = text.slice(0, at) + put + text.slice(at + length);
    if (!isProgram(mutant)) continue;
    const line = text.slice(0, at).split("\n").length;
    drawn.push({ name: `${file}:${line}: ${what}`, file, text: mutant });
  }
  return { drawn, possible: possible.length };
}

function coreFiles(root: string): readonly string[] {
  const core = join(root, "src", "core");
  return readdirSync(core, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(core, name))
    .sort();
}

const swaps: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  ".some(": ".every(",
  ".every(": ".some(",
  "return true": "return false",
  "return false": "return true",
  "+ 1": "+ 0",
  "- 1": "- 0",
};

function editsOf(text: string): readonly Edit[] {
  const code = codeOnly(text);
  const swapped = [
    ...code.matchAll(
      /(?<= )(?:===|!==|&&|\|\||<=?|>=?)(?= )|\.(?:some|every)\(|\breturn (?:true|false)\b|[+-] 1\b/g,
    ),
  ].map(({ 0: found, index }): Edit => {
    const put = swaps[found] ?? found;
    return { at: index, length: found.length, put, what: `${put} for ${found}` };
  });
  const negated = [...code.matchAll(/\bif \(/g)].map(({ 0: found, index }): Edit => {
    const open = index + found.length;
    const length = conditionLength(code, open);
    const put = `!(${text.slice(open, open + length)})`;
    return { at: open, length, put, what: "condition negated" };
  });
  const dropped = [...code.matchAll(/^ *if \(.*\) (?:return|continue)\b.*;$/gm)].map(
    ({ 0: found, index }): Edit => ({
      at: index,
      length: found.length,
      put: ";",
      what: `dropped "${text.slice(index, index + found.length).trim()}"`,
    }),
  );
  return [...swapped, ...negated, ...dropped];
}

/** Up to the bracket that closes the condition. */
function conditionLength(code: string, open: number): number {
  let depth = 1;
  let end = open;
  for (; end < code.length && depth > 0; end += 1) {
    if (code[end] === "(") depth += 1;
    if (code[end] === ")") depth -= 1;
  }
  return end - 1 - open;
}

function isProgram(text: string): boolean {
  try {
    stripTypeScriptTypes(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error)) return false;
    throw error;
  }
}
