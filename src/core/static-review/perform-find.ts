import { type CommandWord, wordOf, wordText } from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { below, type PathPattern } from "./path-pattern.ts";
import { globPieces } from "./shell-glob.ts";
import { forked } from "./shell-scope.ts";
import { doTo, lookAt, pathsOf } from "./shell-trace.ts";
import { joined, literalOf, type ShellValue, textValue, unknownValue } from "./shell-value.ts";

const runners = new Set(["-exec", "-execdir", "-ok", "-okdir"]);
const writers = new Set(["-fprint", "-fprint0", "-fls", "-fprintf"]);

/** find(1): what it deletes, what it has done to what it finds, and what it prints. */
export function performFind(
  call: CommandCall,
  args: readonly CommandWord[],
): readonly ShellValue[] | null {
  const { walk, scope } = call;
  const texts = args.map((word) => wordText(word));
  const options = texts.findIndex((text) => text !== null && !/^-(?:[HLP]|O\d|D)$/.test(text));
  const from = options === -1 ? 0 : options;
  const end = texts.findIndex((text, at) => at >= from && text !== null && /^[-(!]/.test(text));
  const until = end === -1 ? args.length : end;
  const roots = until === from ? [wordOf(".")] : args.slice(from, until);
  const tests = args.slice(until);
  const starts = roots.flatMap((word) => pathsOf(word, scope));
  lookAt(walk, starts);
  const reach = reachOf(tests);
  tests.forEach((word, at) => {
    const test = wordText(word);
    if (test === "-delete") deleteFound(call, starts, reach);
    if (test !== null && writers.has(test) && tests[at + 1] !== undefined) {
      doTo(call, "overwrites", pathsOf(tests[at + 1]!, scope));
    }
    if (test !== null && runners.has(test))
      runOnFound(call, { roots, reach, words: tests.slice(at + 1) });
  });
  return roots.flat().flatMap((root) => found(root, reach));
}

/** How far it goes below its roots, and what the names that it takes look like. */
interface Reach {
  readonly isFlat: boolean;
  readonly named: string | null;
  /** The roots themselves may be taken too. */
  readonly withRoots: boolean;
}

function reachOf(tests: readonly CommandWord[]): Reach {
  const after = (name: string): string | null => {
    const at = tests.findIndex((word) => wordText(word) === name);
    return at === -1 ? null : wordText(tests[at + 1]);
  };
  const isOr = tests.some((word) => ["-o", "-or", "!", "-not", ","].includes(wordText(word) ?? ""));
  const depth = after("-mindepth");
  return {
    isFlat: after("-maxdepth") === "1",
    // With -o or ! around it the name may as well be what is left out.
    named: isOr ? null : after("-name"),
    withRoots: (depth === null || depth === "0") && after("-type") !== "f",
  };
}

function deleteFound(call: CommandCall, starts: readonly PathPattern[], reach: Reach): void {
  if (!reach.isFlat) {
    doTo(call, "deletes", starts, { deep: true, some: true, named: reach.named });
    return;
  }
  const name = reach.named ?? "*";
  const inside = starts.map((start) => below(start, { pieces: globPieces(name), guessed: false }));
  doTo(call, "deletes", inside);
}

/** The command after -exec, for something that was found. */
function runOnFound(
  call: CommandCall,
  order: {
    readonly roots: readonly CommandWord[];
    readonly reach: Reach;
    readonly words: readonly CommandWord[];
  },
): void {
  const end = order.words.findIndex((word) => [";", "+"].includes(wordText(word) ?? ""));
  const words = order.words.slice(0, end === -1 ? order.words.length : end);
  const here = order.roots.flat().flatMap((root) => found(root, order.reach));
  call.walk.perform({
    ...call,
    scope: forked(call.scope),
    words: words.map((word) => (wordText(word) === "{}" ? here : word)),
    document: undefined,
  });
}

/** What stands for a path that find gives: something below a root. */
function found(root: ShellValue, reach: Reach): readonly ShellValue[] {
  const isRoot = literalOf(root) === "/";
  const start = isRoot ? [textValue("/")] : joined([root], [textValue("/")]);
  const name = reach.named === null ? null : globPieces(reach.named);
  const inner: ShellValue =
    name === null || !reach.isFlat
      ? unknownValue(`[what find finds${reach.named === null ? "" : `: ${reach.named}`}]`)
      : { pieces: name, guessed: false };
  return joined(start, [inner]);
}
