import { type CommandWord, cutOff, flagsOf, hasFlag, partsOf, wordText } from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { doTo, lookAt, make, note, pathsOf } from "./shell-trace.ts";
import { isFromNetwork, type ShellValue, shownValue } from "./shell-value.ts";

type Output = readonly ShellValue[] | null;

/** sed(1): with -i its operands are rewritten in place. */
export function performSed(call: CommandCall, args: readonly CommandWord[]): Output {
  const { walk, scope } = call;
  const parts = partsOf(args, flagsOf("-e --expression -f --file -l --line-length"));
  const hasScript = hasFlag(parts, "-e --expression -f --file");
  const files = hasScript ? parts.operands : parts.operands.slice(1);
  const paths = files.flatMap((word) => pathsOf(word, scope));
  const inPlace = [...parts.flags].some((flag) => /^(-[a-zA-Z]*i|--in-place)/.test(flag));
  if (inPlace) doTo(call, "changes", paths);
  else lookAt(walk, paths);
  return null;
}

/** awk(1): its text is a language of its own, which may write files and run commands. */
export function performAwk(call: CommandCall, args: readonly CommandWord[]): Output {
  const { walk, scope } = call;
  const parts = partsOf(args, flagsOf("-f --file -F --field-separator -v --assign -i --include"));
  const inPlace = wordText(parts.values.get("-i") ?? parts.values.get("--include")) === "inplace";
  const hasFile = hasFlag(parts, "-f --file");
  const text = hasFile ? null : wordText(parts.operands[0]);
  if (text === null || /system\s*\(|[>|]/.test(text)) note(walk, "other-language", "awk");
  const paths = parts.operands.slice(hasFile ? 0 : 1).flatMap((word) => pathsOf(word, scope));
  if (inPlace) doTo(call, "changes", paths);
  else lookAt(walk, paths);
  return null;
}

/** dd(1): what `of=` names is written over; a device is a disk. */
export function performDd(call: CommandCall, args: readonly CommandWord[]): Output {
  for (const word of args) {
    const [piece] = word[0]?.pieces ?? [];
    if (piece?.kind !== "text" || !piece.text.startsWith("of=")) continue;
    const paths = pathsOf(cutOff(word, 3), call.scope);
    const device = paths.find(({ shown }) => /^\/dev\/(?!null$|stdout$|stderr$)/.test(shown));
    if (device !== undefined) note(call.walk, "changes-disks", device.shown);
    else doTo(call, "overwrites", paths);
  }
  return null;
}

/** mkdir(1): without -p it fails where something is there, so what it made is surely the text's own. */
export function performMkdir({ scope }: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-m --mode"));
  const how = hasFlag(parts, "-p --parents") ? "folder" : "surely";
  for (const word of parts.operands)
    for (const path of pathsOf(word, scope)) make(scope, path, how);
  return [];
}

/** touch(1): makes what is not there, and leaves alone what is, but for its times. */
export function performTouch({ scope }: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-d --date -r --reference -t"));
  for (const word of parts.operands) {
    for (const path of pathsOf(word, scope)) make(scope, path, "file");
  }
  return [];
}

/** mount(8): without operands, or with -l, it only looks. */
export function performMount(call: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-t --types -o --options -L --label -U --uuid"));
  const options = parts.values.get("-o") ?? parts.values.get("--options");
  if (parts.operands.length === 0 && !parts.flags.has("-a")) return null;
  const isSame = /(^|,)remount(,|$)/.test(wordText(options) ?? "");
  if (isSame || parts.flags.has("-a")) note(call.walk, "changes-disks", "mount");
  else doTo(call, "hides", pathsOf(parts.operands.at(-1) ?? [], call.scope), { deep: true });
  return null;
}

/** perl(1) and ruby(1): another language, and with -i one that rewrites its operands in place. */
export function performScripting(call: CommandCall, args: readonly CommandWord[]): Output {
  const { walk, scope, words } = call;
  const name = words[0]?.map(shownValue).join("") ?? "";
  const parts = partsOf(args, flagsOf("-e -I -M"));
  const isFetched = parts.operands.every((word) => wordText(word) === "-");
  const isFed = isFetched && !parts.flags.has("-e") && scope.input?.some(isFromNetwork) === true;
  note(walk, isFed ? "network-into-shell" : "other-language", name);
  if ([...parts.flags].some((flag) => /^-[a-z]*i/.test(flag))) {
    doTo(
      call,
      "changes",
      parts.operands.flatMap((word) => pathsOf(word, scope)),
    );
  }
  return null;
}

/** chattr(1): `+i`, `-i` and `=` are what it sets, whatever else is a path. */
export function performChattr(call: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-v -p"));
  const files = parts.operands.filter((word) => !/^[+=]/.test(wordText(word) ?? ""));
  const paths = files.flatMap((word) => pathsOf(word, call.scope));
  doTo(call, "changes-mode", paths, { deep: parts.flags.has("-R") });
  return null;
}
