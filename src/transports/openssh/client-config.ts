import { join } from "node:path";
import type { ConnectOptions } from "../../ports/transport.ts";
import type { SshSettings } from "../ssh-settings.ts";

/** Unanswered keepalives before the peer counts as gone; ssh disconnects one interval later. */
const unansweredMax = 2;

/**
 * An ssh_config(5) that insists on what a transport MUST do, then includes the person's own files.
 * The first value of a key wins, so theirs can't undo ours, and since ssh hands `-F` on to the ssh
 * of each jump host, the jumps are as strict as the host itself. Keys that OpenSSH before 8.0 does
 * not know must not stand here: it stops at an unknown one.
 */
export function clientConfig(settings: SshSettings, options: ConnectOptions): string {
  const intervalS = Math.max(1, Math.floor(options.keepaliveMs / 1000 / (unansweredMax + 1)));
  const only = settings.knownHostsFiles;
  const usual = [".ssh/known_hosts", ".ssh/known_hosts2"].map((name) => join(settings.home, name));
  return [
    // Nothing may ask a person, and no host is believed at first sight.
    "BatchMode yes",
    "StrictHostKeyChecking yes",
    // Reading a fleet must not rewrite the person's known_hosts.
    "UpdateHostKeys no",
    `ConnectTimeout ${Math.max(1, Math.ceil(options.timeoutMs / 1000))}`,
    `ServerAliveInterval ${intervalS}`,
    `ServerAliveCountMax ${unansweredMax}`,
    // Jumps may use a master that a person has opened, but never leave one behind.
    "ControlMaster no",
    "ControlPersist no",
    "ClearAllForwardings yes",
    "ForwardAgent no",
    "ForwardX11 no",
    "PermitLocalCommand no",
    // Given files replace the machine's own list as well.
    ...(only === null ? [] : [knownHostsLine(only), "GlobalKnownHostsFile /dev/null"]),
    ...settings.configFiles.map((file) => `Include ${configWord(file)}`),
    "Match all",
    // ssh's own default, but below the `home` that we were given.
    knownHostsLine(usual),
    "",
  ].join("\n");
}

function knownHostsLine(files: readonly string[]): string {
  const words = files.length === 0 ? ["/dev/null"] : files.map(configWord);
  return `UserKnownHostsFile ${words.join(" ")}`;
}

function configWord(path: string): string {
  return `"${path.replaceAll(/["\\]/g, "\\$&")}"`;
}
