import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { oneLine } from "../core/printable.ts";
import { thisUser } from "../this-user.ts";
import type { Io } from "./io.ts";

export interface DoctorFinding {
  readonly is: "ok" | "note" | "bad";
  readonly what: string;
  readonly says: string;
  readonly hint: string | null;
}

/** How long `ssh -V` may take. */
const programTimeoutMs = 5_000;

/** What this controller can do. Reads only: the state folder is not even made. */
export function controllerFindings(state: string, io: Io): readonly DoctorFinding[] {
  return [
    { is: "ok", what: "node", says: process.versions.node, hint: null },
    sshProgram(io),
    agent(io),
    knownHosts(),
    stateFolder(state),
  ];
}

function sshProgram(io: Io): DoctorFinding {
  const run = spawnSync("ssh", ["-V"], {
    encoding: "utf8",
    timeout: programTimeoutMs,
    env: { ...process.env, ...io.env },
  });
  if (run.error === undefined && run.status === 0) {
    return {
      is: "ok",
      what: "ssh",
      says: oneLine(`${run.stderr}${run.stdout}`.trim()),
      hint: null,
    };
  }
  const says = "the program is not there, so `via: openssh` can't be used";
  return { is: "note", what: "ssh", says, hint: "install OpenSSH's client, or write `via: ssh2`" };
}

function agent(io: Io): DoctorFinding {
  const socket = io.env["SSH_AUTH_SOCK"] ?? "";
  if (socket !== "" && existsSync(socket)) {
    return { is: "ok", what: "ssh agent", says: `listens at ${socket}`, hint: null };
  }
  const says = socket === "" ? "there is none" : `nothing listens at ${socket}`;
  const hint = "only needed for keys with a passphrase: ssh-add";
  return { is: "note", what: "ssh agent", says, hint };
}

function knownHosts(): DoctorFinding {
  const file = join(thisUser().home, ".ssh", "known_hosts");
  if (existsSync(file)) return { is: "ok", what: "known hosts", says: file, hint: null };
  const says = `${file} is not there, and a host with an unknown key is refused`;
  return { is: "note", what: "known hosts", says, hint: "ssh HOST once, and compare its key" };
}

function stateFolder(state: string): DoctorFinding {
  const there = existsSync(state);
  const probed = there ? state : nearestFolder(dirname(state));
  try {
    accessSync(probed, constants.W_OK | constants.X_OK);
    const says = there ? `${state} can be written` : `${state} will be made by the first rollout`;
    return { is: "ok", what: "state", says, hint: null };
  } catch {
    const says = `${probed} can't be written`;
    return { is: "bad", what: "state", says, hint: "--state DIR uses another folder" };
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
