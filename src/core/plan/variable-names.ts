import { quoted } from "./quoted.ts";

/** Names that Handrail gives by itself, on every host. */
export const builtInNames = [
  "name",
  "host",
  "address",
  "region",
  "index",
  "user",
  "port",
  "timezone",
] as const;

/** Variables that change what a shell or a loader does with everything that follows. */
const steering = [
  "PATH",
  "IFS",
  "HOME",
  "ENV",
  "BASH_ENV",
  "SHELL",
  "SHELLOPTS",
  "BASHOPTS",
  "GLOBIGNORE",
  "CDPATH",
  "PWD",
  "OLDPWD",
  "PS1",
  "PS2",
  "PS4",
  "PPID",
  "OPTIND",
  "OPTARG",
  "TMPDIR",
  "LANG",
  "LANGUAGE",
  "USER",
  "LOGNAME",
  "TZ",
];

const reservedPrefixes = ["secret_", "label_", "HANDRAIL_", "LD_", "DYLD_", "LC_", "BASH_FUNC_"];

/** Why no variable can have this name, as the end of a sentence; null when it can. */
export function nameTrouble(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) || name === "_" || name === "__proto__") {
    return 'is not a name for a variable: letters, digits and "_", at most 64, not beginning with a digit';
  }
  if ((builtInNames as readonly string[]).includes(name)) {
    return "is a name that Handrail gives by itself";
  }
  if (steering.includes(name)) return "would change how every command on the host works";
  const prefix = reservedPrefixes.find((one) => name.startsWith(one));
  return prefix === undefined ? null : `begins with ${quoted(prefix)}, which is reserved`;
}

export function isUsableName(name: string): boolean {
  return nameTrouble(name) === null;
}

/** Names that a command may use without anybody declaring them: the system's own. */
export function isSystemName(name: string): boolean {
  return (
    steering.includes(name) ||
    /^(LC_|HANDRAIL_)/.test(name) ||
    ["UID", "EUID", "HOSTNAME", "TERM", "RANDOM", "LINENO"].includes(name)
  );
}
