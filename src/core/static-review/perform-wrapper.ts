import {
  type CommandWord,
  cutOff,
  flagsOf,
  optionValue,
  partsOf,
  wordText,
} from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { performShell, runValue } from "./perform-shell.ts";
import { forked } from "./shell-scope.ts";
import { folderValues } from "./shell-trace.ts";
import type { ShellValue } from "./shell-value.ts";
import type { WrapperRow } from "./wrapper-table.ts";

interface WrapperOrder {
  readonly name: string;
  readonly wrapper: WrapperRow;
  readonly args: readonly CommandWord[];
}

/** `sudo`, `env`, `timeout` …: what counts is the command that they run. */
export function performWrapper(
  call: CommandCall,
  { name, wrapper, args }: WrapperOrder,
): readonly ShellValue[] | null {
  const valued = flagsOf(`${wrapper.valued ?? ""} ${wrapper.text ?? ""}`);
  const parts = partsOf(args, valued, "first");
  if (name === "command" && (parts.flags.has("-v") || parts.flags.has("-V"))) return null;
  const scope =
    wrapper.sets === true || wrapper.folder !== undefined ? forked(call.scope) : call.scope;
  const folder = wrapper.folder === undefined ? undefined : optionValue(parts, wrapper.folder);
  if (folder !== undefined) {
    scope.folder = folderValues(folder, call.scope);
  }
  // `su user -c text` and `flock file -c text` have their option after a word of their own.
  const late = wrapper.text === undefined ? undefined : partsOf(args, valued);
  const text = late && optionValue(late, wrapper.text!);
  if (text !== undefined) return runValue({ ...call, scope }, text, []);
  let rest = parts.rest.slice(wrapper.own ?? 0);
  while (wrapper.sets === true && rest[0] !== undefined) {
    const [setting = ""] = /^[A-Za-z_][A-Za-z0-9_]*=/.exec(firstText(rest[0])) ?? [];
    if (setting === "") break;
    scope.variables.set(setting.slice(0, -1), cutOff(rest[0], setting.length));
    rest = rest.slice(1);
  }
  if (rest.length === 0) {
    // `exec > log` and `time` alone run nothing else; `sudo -i` and `su` take commands from their input.
    const isShell = ["sudo", "su", "runuser", "doas"].includes(name);
    return isShell ? performShell({ ...call, scope }, []) : [];
  }
  const output = call.walk.perform({ ...call, scope, words: rest });
  if (name === "exec") call.scope.ended = "exit";
  if (scope !== call.scope) {
    for (const [path, how] of scope.made) call.scope.made.set(path, how);
  }
  return output;
}

function firstText(word: CommandWord): string {
  const [piece] = word[0]?.pieces ?? [];
  return piece?.kind === "text" ? piece.text : (wordText(word) ?? "");
}
