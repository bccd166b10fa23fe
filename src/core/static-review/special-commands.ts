import type { CommandWord } from "./command-words.ts";
import { performFind } from "./perform-find.ts";
import { performGit } from "./perform-git.ts";
import type { CommandCall } from "./command-call.ts";
import { performXargs } from "./perform-xargs.ts";
import { builtins } from "./shell-builtins.ts";
import type { ShellValue } from "./shell-value.ts";
import {
  performAwk,
  performChattr,
  performDd,
  performMkdir,
  performMount,
  performScripting,
  performSed,
  performTouch,
} from "./small-tools.ts";
import { performCpio, performRsync, performTar, performUnzip } from "./archive-tools.ts";

type Special = (call: CommandCall, args: readonly CommandWord[]) => readonly ShellValue[] | null;

/** Commands whose words mean more than a row of the table can say. */
const specials: Readonly<Record<string, Special>> = {
  ...builtins,
  find: performFind,
  xargs: performXargs,
  parallel: performXargs,
  git: performGit,
  rsync: performRsync,
  tar: performTar,
  bsdtar: performTar,
  unzip: performUnzip,
  cpio: performCpio,
  sed: performSed,
  awk: performAwk,
  gawk: performAwk,
  mawk: performAwk,
  perl: performScripting,
  ruby: performScripting,
  python: performScripting,
  python3: performScripting,
  node: performScripting,
  php: performScripting,
  chattr: performChattr,
  dd: performDd,
  mkdir: performMkdir,
  mount: performMount,
  touch: performTouch,
};

/** How to follow a command of this name; undefined: nothing special about it. */
export function specialCommand(name: string): Special | undefined {
  return Object.hasOwn(specials, name) ? specials[name] : undefined;
}
