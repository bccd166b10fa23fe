import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { basename, join } from "node:path";
import { oneLine } from "../core/printable.ts";
import { wantsAscii } from "../views/ascii.ts";
import type { DoctorFinding } from "./doctor-findings.ts";
import { canAsk, type Io } from "./io.ts";

/** What the place is like in which commands are typed here. Reads only. */
export function placeFindings(io: Io): readonly DoctorFinding[] {
  return [sqlite(), terminal(io), ciServer(io), completionOf(io)];
}

function sqlite(): DoctorFinding {
  const db = new DatabaseSync(":memory:");
  try {
    const version = db.prepare("SELECT sqlite_version() AS version").get()?.["version"];
    return { is: "ok", what: "sqlite", says: String(version), hint: null };
  } finally {
    db.close();
  }
}

function terminal(io: Io): DoctorFinding {
  const { isTTY, columns } = io.stdout;
  const kind = io.env["TERM"] ?? "";
  const draws = isTTY === true && kind !== "dumb";
  const shows = draws
    ? `${kind === "" ? "a terminal" : oneLine(kind, { max: 40 })}, ${columns ?? "unknown"} columns: rollouts are drawn as a tree${asciiWords(io)}`
    : "output is no terminal: rollouts are told line by line";
  const asks = canAsk(io)
    ? "people can be asked"
    : "nobody is asked anything, production takes --approve";
  return { is: "ok", what: "terminal", says: `${shows}; ${asks}`, hint: null };
}

function asciiWords({ env }: Io): string {
  if (!wantsAscii({ isTTY: true, env })) return "";
  const isLocale = wantsAscii({ isTTY: true, env: { ...env, TERM: "" } });
  const why = isLocale ? "no UTF-8 in LC_ALL, LC_CTYPE, LANG" : "it has few letters";
  return `, in signs of ASCII (${why})`;
}

/** By the variable that each sets in every job, in the words of its documentation. */
const servers = [
  ["GITHUB_ACTIONS", "GitHub Actions: summary, outputs and annotations are written"],
  ["GITLAB_CI", "GitLab CI: --junit and --markdown write what it shows"],
  ["CI", "a CI server: --junit and --markdown write what it may show"],
] as const;

function ciServer({ env }: Io): DoctorFinding {
  const found = servers.find(([name]) => (env[name] ?? "") !== "" && env[name] !== "false");
  return {
    is: "ok",
    what: "ci",
    says: found?.[1] ?? "none, this is no job of a CI server",
    hint: null,
  };
}

/** Where the script of each shell is loaded from, in the home of whoever asks, or for everybody. */
const scripts: Readonly<Record<string, readonly string[]>> = {
  bash: [
    ".bashrc",
    ".bash_profile",
    ".local/share/bash-completion/completions/handrail",
    "/etc/bash_completion.d/handrail",
    "/usr/share/bash-completion/completions/handrail",
  ],
  zsh: [
    ".zshrc",
    ".zfunc/_handrail",
    "/usr/local/share/zsh/site-functions/_handrail",
    "/usr/share/zsh/site-functions/_handrail",
  ],
  fish: [
    ".config/fish/completions/handrail.fish",
    ".config/fish/config.fish",
    "/etc/fish/completions/handrail.fish",
  ],
};

function completionOf({ env }: Io): DoctorFinding {
  const shell = basename(env["SHELL"] ?? "");
  const home = env["HOME"] ?? "";
  const files = scripts[shell];
  if (files === undefined) {
    const says =
      shell === ""
        ? "which shell you use is not known ($SHELL)"
        : `there is none for ${oneLine(shell, { max: 40 })}`;
    return { is: "ok", what: "completion", says, hint: null };
  }
  const at = files.map((file) => (file.startsWith("/") ? file : join(home, file))).find(loads);
  if (at !== undefined)
    return { is: "ok", what: "completion", says: `${shell}: ${at}`, hint: null };
  const hint = `handrail completion ${shell}: its first lines say where to put it`;
  return {
    is: "note",
    what: "completion",
    says: `${shell} does not complete handrail yet, as far as its usual files tell`,
    hint,
  };
}

/** A file that is only for handrail, or a start file that names it. */
function loads(file: string): boolean {
  if (!existsSync(file)) return false;
  if (basename(file).includes("handrail")) return true;
  try {
    return readFileSync(file, "utf8").includes("handrail completion");
  } catch {
    // Not ours to read, so nothing is known of it.
    return false;
  }
}
