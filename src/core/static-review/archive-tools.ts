import {
  type CommandWord,
  flagsOf,
  hasFlag,
  optionValue,
  partsOf,
  wordOf,
} from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { doTo, folderValues, lookAt, pathsOf } from "./shell-trace.ts";
import { literalOf, type ShellValue } from "./shell-value.ts";

type Output = readonly ShellValue[] | null;

/** rsync(1): writes into its last operand, and with --delete takes out of it what the source lacks. */
export function performRsync(call: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(
    args,
    flagsOf(
      "-e --rsh -f --filter --exclude --include --exclude-from --files-from --log-file --backup-dir --suffix -T --temp-dir --chown --chmod",
    ),
  );
  const last = parts.operands.at(-1);
  if (parts.flags.has("-n") || parts.flags.has("--dry-run") || last === undefined) return null;
  // host:path is on another machine.
  const here = last.filter((value) => !/^[^/]*:/.test(literalOf(value) ?? ""));
  const targets = pathsOf(here, call.scope);
  const deletes = [...parts.flags].some((flag) => flag.startsWith("--delete") || flag === "--del");
  if (deletes) doTo(call, "deletes", targets, { deep: true, some: true });
  doTo(call, "overwrites", targets, { deep: true, some: true });
  if (parts.flags.has("--remove-source-files")) {
    const sources = parts.operands.slice(0, -1).flatMap((word) => pathsOf(word, call.scope));
    doTo(call, "deletes", sources, { deep: true, some: true });
  }
  return null;
}

/** tar(1): takes files out over what is there, or, with --remove-files, puts them away. */
export function performTar(call: CommandCall, args: readonly CommandWord[]): Output {
  const { scope } = call;
  const [first = []] = args;
  const text = literalOf(first[0] ?? { pieces: [], guessed: false }) ?? "";
  // "tar xzf" is the old way to write "tar -xzf".
  const words =
    text !== "" && !text.startsWith("-") ? [wordOf(`-${text}`), ...args.slice(1)] : args;
  const parts = partsOf(
    words,
    flagsOf(
      "-f --file -C --directory --exclude -T --files-from --transform --strip-components --owner --group --mode",
    ),
  );
  const folders = pathsOf(optionValue(parts, "-C --directory") ?? wordOf("."), scope);
  if (hasFlag(parts, "-x --extract --get")) {
    doTo(call, "overwrites", folders, { deep: true, some: true });
    if (hasFlag(parts, "--recursive-unlink --unlink-first -U")) {
      doTo(call, "deletes", folders, { deep: true, some: true });
    }
  }
  if (hasFlag(parts, "-c --create -r --append -u --update")) {
    // Names stand in the folder after -C.
    const from = optionValue(parts, "-C --directory");
    const at = from === undefined ? scope : { ...scope, folder: folderValues(from, scope) };
    const sources = parts.operands.flatMap((word) => pathsOf(word, at));
    if (parts.flags.has("--remove-files")) doTo(call, "deletes", sources, { deep: true });
    else lookAt(call.walk, sources);
    const file = optionValue(parts, "-f --file");
    if (file !== undefined) doTo(call, "overwrites", pathsOf(file, scope));
  }
  return null;
}

/** unzip(1). */
export function performUnzip(call: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-d -x -P"));
  if (hasFlag(parts, "-l -t -v -z -p")) return null;
  const folders = pathsOf(optionValue(parts, "-d") ?? wordOf("."), call.scope);
  doTo(call, "overwrites", folders, { deep: true, some: true });
  return null;
}

/** cpio(1): -i takes files out in the folder that it stands in, -p into its operand. */
export function performCpio(call: CommandCall, args: readonly CommandWord[]): Output {
  const parts = partsOf(args, flagsOf("-D --directory -F --file -H"));
  if (!hasFlag(parts, "-i --extract -p --pass-through")) return null;
  const folder = optionValue(parts, "-D --directory") ?? parts.operands[0] ?? wordOf(".");
  doTo(call, "overwrites", pathsOf(folder, call.scope), { deep: true, some: true });
  return null;
}
