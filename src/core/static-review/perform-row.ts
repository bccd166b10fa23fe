import type { CommandRow } from "./command-table.ts";
import {
  type CommandLineParts,
  type CommandWord,
  flagsOf,
  hasFlag,
  optionValue,
  partsOf,
  wordText,
} from "./command-words.ts";
import { below, type PathPattern } from "./path-pattern.ts";
import type { CommandCall } from "./command-call.ts";
import { doTo, lookAt, note, pathsOf } from "./shell-trace.ts";
import { shownValue, isSlash, splitAt, type ShellValue } from "./shell-value.ts";

interface RowOrder {
  readonly name: string;
  readonly row: CommandRow;
  readonly args: readonly CommandWord[];
}

/** Writes down what a row of the table says of this call. */
export function performRow(call: CommandCall, { name, row, args }: RowOrder): void {
  const { walk, scope } = call;
  const parts = partsOf(args, flagsOf(`${row.valued ?? ""} ${row.output ?? ""}`));
  if (row.says !== undefined && isSaid(row, parts)) note(walk, row.says, wordsShown(name, args));
  for (const [flag, value] of parts.values) {
    if (!flagsOf(row.output).has(flag)) continue;
    const paths = pathsOf(value, scope);
    doTo(call, "overwrites", paths);
    if (name === "curl" || name === "wget")
      for (const path of paths) walk.trace.fetched.add(path.shown);
  }
  if (row.does === undefined) return;
  if (row.only !== undefined && !hasFlag(parts, row.only)) return;
  if (row.unless !== undefined && hasFlag(parts, row.unless)) return;
  const deep = row.deep === true || hasFlag(parts, row.deep);
  if (row.to === "last") {
    onLast(call, { row, deep, parts });
    return;
  }
  const operands = row.to === "after-first" ? afterFirst(parts) : parts.operands;
  for (const word of operands) {
    doTo(call, row.does, pathsOf(word, scope), { deep, some: row.some === true });
  }
}

/** Without the mode or owner, which may be written as a flag (`chmod -x`), or taken from another file. */
function afterFirst(parts: CommandLineParts): readonly CommandWord[] {
  const isElsewhere = [...parts.flags].some((flag) => /^-[rwxXst]+$|^--reference/.test(flag));
  return isElsewhere ? parts.operands : parts.operands.slice(1);
}

function isSaid(row: CommandRow, parts: CommandLineParts): boolean {
  const { operands } = parts;
  if (row.unless !== undefined && hasFlag(parts, row.unless)) return false;
  if (row.only !== undefined && !hasFlag(parts, row.only)) return false;
  const words = operands.map((word) => wordText(word) ?? "");
  const all = [...words, ...parts.flags];
  // A verb that can't be known may be any of them.
  const isUnknown = operands.some((word) => wordText(word) === null);
  if (row.verbs !== undefined)
    return isUnknown || words.some((word) => flagsOf(row.verbs).has(word));
  if (row.notVerbs !== undefined) return !all.some((word) => flagsOf(row.notVerbs).has(word));
  return true;
}

/** cp, mv, install, ln: what goes to the last operand, or into the folder that it is. */
function onLast(
  call: CommandCall,
  order: { readonly row: CommandRow; readonly deep: boolean; readonly parts: CommandLineParts },
): void {
  const { walk, scope } = call;
  const { row, deep, parts } = order;
  const folder =
    row.sources === undefined ? undefined : optionValue(parts, "-t --target-directory");
  const last = folder ?? parts.operands.at(-1);
  const sources = folder === undefined ? parts.operands.slice(0, -1) : parts.operands;
  for (const source of row.sources === undefined ? [] : sources) {
    const paths = pathsOf(source, scope);
    if (row.sources === "moved") doTo(call, "deletes", paths, { deep: true });
    else lookAt(walk, paths);
  }
  if (last === undefined || (row.sources !== undefined && sources.length === 0)) return;
  const isEmptying =
    row.does === "overwrites" && sources.every((word) => wordText(word) === "/dev/null");
  const does = isEmptying && row.sources === "read" ? "empties" : row.does!;
  const isFile = hasFlag(parts, "-T --no-target-directory");
  const isFolder = folder !== undefined || sources.length > 1 || last.some(endsWithSlash);
  const targets = pathsOf(last, scope);
  if (!isFolder) {
    doTo(call, does, targets, {
      deep,
      some: deep,
      perhapsInto: !isFile && row.sources !== undefined,
    });
  }
  if (isFile || row.sources === undefined) return;
  const inside = targets.flatMap((target) => sources.flatMap((word) => into(target, word)));
  doTo(call, does, inside, { deep, some: deep });
}

function into(folder: PathPattern, word: CommandWord): readonly PathPattern[] {
  return word.flatMap((value) => {
    const name = splitAt(value, isSlash).at(-1);
    return name === undefined ? [] : [below(folder, name)];
  });
}

function endsWithSlash({ pieces }: ShellValue): boolean {
  const last = pieces.at(-1);
  return last?.kind === "text" && last.text.endsWith("/");
}

function wordsShown(name: string, args: readonly CommandWord[]): string {
  return [name, ...args.map((word) => word.map(shownValue).join(" or "))].join(" ");
}
