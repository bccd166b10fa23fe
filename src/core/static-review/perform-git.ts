import { type CommandWord, flagsOf, optionValue, partsOf, wordText } from "./command-words.ts";
import type { Deed } from "./finding.ts";
import type { CommandCall } from "./command-call.ts";
import { doTo, note, pathsOf } from "./shell-trace.ts";
import type { ShellValue } from "./shell-value.ts";

/** What git's verbs do to the working tree that they stand in; verbs that are not here only look. */
const verbs: Readonly<Record<string, Deed>> = {
  clean: "deletes",
  rm: "deletes",
  stash: "deletes",
  checkout: "overwrites",
  switch: "overwrites",
  restore: "overwrites",
  reset: "overwrites",
  pull: "overwrites",
  merge: "overwrites",
  rebase: "overwrites",
  apply: "overwrites",
  am: "overwrites",
  "cherry-pick": "overwrites",
  revert: "overwrites",
};

/** git(1): some verbs delete or change what is in the folder that they run in. */
export function performGit(
  call: CommandCall,
  args: readonly CommandWord[],
): readonly ShellValue[] | null {
  const { scope, walk } = call;
  const outer = partsOf(args, flagsOf("-C -c --git-dir --work-tree"), "first");
  const [verb, ...rest] = outer.rest;
  const name = wordText(verb) ?? "";
  const does = Object.hasOwn(verbs, name) ? verbs[name]! : null;
  if (does === null) {
    if (["filter-branch", "submodule", "bisect", "hook"].includes(name))
      note(walk, "unknown-program", `git ${name}`);
    return null;
  }
  const parts = partsOf(rest, flagsOf("-e --exclude -b -B -s --source"));
  if (parts.flags.has("-n") || parts.flags.has("--dry-run")) return null;
  const folder = optionValue(outer, "--work-tree") ?? optionValue(outer, "-C");
  const tree = folder ?? scope.folder;
  const named = (name === "clean" || name === "rm") && parts.operands.length > 0;
  const paths = named
    ? parts.operands.flatMap((word) => pathsOf(word, { ...scope, folder: [...tree] }))
    : pathsOf(tree, scope);
  doTo(call, does, paths, { deep: true, some: !(name === "rm") });
  return null;
}
