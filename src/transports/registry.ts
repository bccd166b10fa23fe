import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "../ports/transport.ts";
import { thisUser } from "../this-user.ts";
import { local } from "./local.ts";
import { openssh } from "./openssh.ts";
import { ssh2 } from "./ssh2.ts";
import type { SshSettings } from "./ssh-settings.ts";

/** Every transport that an inventory's `via` can name. A new one is a file and a line here. */
export function transports(settings: SshSettings = settingsOfThisProcess()): readonly Transport[] {
  return [
    openssh(settings),
    ssh2(settings),
    local({ shell: ["/bin/sh"], environment: settings.environment }),
  ];
}

/** Surroundings as the person who started Handrail has them. */
export function settingsOfThisProcess(): SshSettings {
  const { home, name } = thisUser();
  return {
    home,
    userName: name,
    configFiles: [join(home, ".ssh/config"), "/etc/ssh/ssh_config"],
    knownHostsFiles: null,
    agentSocket: process.env["SSH_AUTH_SOCK"] ?? null,
    tempFolder: tmpdir(),
    environment: process.env,
  };
}
