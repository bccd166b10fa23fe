import { join } from "node:path";
import { HandrailError } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import { addressProblem } from "../address.ts";
import { unsupported } from "../connect-failure.ts";
import { expandHome, type SshSettings } from "../ssh-settings.ts";
import type { ConfigTree } from "./config-files.ts";
import { lookUp, type ConfigValues } from "./config-values.ts";
import { knownHostsName } from "./known-hosts.ts";

/** One SSH server on the way to a host, and how to log in there. */
export interface Hop {
  /** The host for whose sake it is, with this hop's address, for messages. */
  readonly host: Host;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** Names in known_hosts, the most telling first. */
  readonly knownNames: readonly string[];
  readonly knownHostsFiles: readonly string[];
  readonly identities: readonly Identity[];
  /** Agent keys count only where an identity names them. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | null;
  /** null: the options' alone. */
  readonly connectTimeoutMs: number | null;
  /** As the config has it, e.g. "a,user@b:2222"; null: none. */
  readonly proxyJump: string | null;
}

export interface Identity {
  readonly file: string;
  /** false: one of the usual names, which may well not be there. */
  readonly named: boolean;
}

const usualIdentities = ["id_rsa", "id_ecdsa", "id_ed25519"];

/** Keys that ask for something which ssh2 can't do, unless they say no. */
const beyond: readonly string[] = [
  "certificatefile",
  "pkcs11provider",
  "knownhostscommand",
  "canonicalizehostname",
];

/**
 * Puts together what inventory and config say of one server.
 *
 * @throws HandrailError TRANSPORT_UNSUPPORTED where only the ssh program can do what the config asks.
 */
export function hopTo(host: Host, tree: ConfigTree, settings: SshSettings): Hop {
  const of = { host: host.address, user: host.user, localUser: settings.userName };
  const found = lookUp(tree, of);
  if (found.kind === "unsupported") throw new HandrailError(unsupported(host, found.because));
  const { values } = found;
  const one = (key: string): string | null => values.get(key)?.[0] ?? null;
  refuseBeyond(host, values);
  const port = host.port ?? Number(one("port") ?? 22);
  const user = one("user") ?? settings.userName;
  const given = one("hostname")?.replaceAll("%h", host.address) ?? host.address;
  // `hostname` and `user` come from a file now, and go on to messages and to the hints to type.
  const problem = addressProblem({ address: given, user, port });
  if (problem !== null) throw new HandrailError(unsupported(host, problem));
  const expand = expander(host, settings, { h: given, p: String(port), r: user });
  const alias = one("hostkeyalias");
  const timeoutS = Number(one("connecttimeout") ?? "0");
  return {
    host,
    hostname: given,
    port,
    user,
    knownNames:
      alias === null ? [...new Set([knownHostsName(given, port), given.toLowerCase()])] : [alias],
    knownHostsFiles: knownHostsFiles(values, settings).map(expand),
    identities: identities(host, values, settings, expand),
    identitiesOnly: host.identity !== null || one("identitiesonly") === "yes",
    agentSocket: agentSocket(one("identityagent"), settings, expand),
    connectTimeoutMs: timeoutS > 0 ? timeoutS * 1000 : null,
    proxyJump: isNo(one("proxyjump")) ? null : one("proxyjump"),
  };
}

function refuseBeyond(host: Host, values: ConfigValues): void {
  const jump = !isNo(values.get("proxyjump")?.[0] ?? null);
  for (const key of jump ? beyond : [...beyond, "proxycommand"]) {
    const value = values.get(key)?.[0] ?? null;
    if (isNo(value)) continue;
    throw new HandrailError(unsupported(host, `the ssh config asks for ${key} "${value}"`));
  }
}

function isNo(value: string | null): boolean {
  return value === null || /^(none|no)$/i.test(value);
}

function knownHostsFiles(values: ConfigValues, settings: SshSettings): readonly string[] {
  if (settings.knownHostsFiles !== null) return settings.knownHostsFiles;
  const usual = [".ssh/known_hosts", ".ssh/known_hosts2"].map((name) => join(settings.home, name));
  const machine = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
  const files = [
    ...(values.get("userknownhostsfile") ?? usual),
    ...(values.get("globalknownhostsfile") ?? machine),
  ];
  return files.filter((file) => !isNo(file));
}

function identities(
  host: Host,
  values: ConfigValues,
  settings: SshSettings,
  expand: (text: string) => string,
): readonly Identity[] {
  const configured = (values.get("identityfile") ?? []).filter((file) => !isNo(file)).map(expand);
  const own = host.identity === null ? [] : [expandHome(host.identity, settings.home)];
  const named = [...own, ...configured].map((file) => ({ file, named: true }));
  if (named.length > 0) return named;
  const folder = join(settings.home, ".ssh");
  return usualIdentities.map((name) => ({ file: join(folder, name), named: false }));
}

function agentSocket(
  identityAgent: string | null,
  settings: SshSettings,
  expand: (text: string) => string,
): string | null {
  if (identityAgent === null || identityAgent === "SSH_AUTH_SOCK") return settings.agentSocket;
  if (isNo(identityAgent)) return null;
  if (identityAgent.startsWith("$")) {
    return settings.environment[identityAgent.replaceAll(/[${}]/g, "")] ?? null;
  }
  return expand(identityAgent);
}

/** Expands `~` and the tokens of ssh_config(5) that make sense in a file name. */
function expander(
  host: Host,
  settings: SshSettings,
  tokens: Readonly<Record<"h" | "p" | "r", string>>,
): (text: string) => string {
  const all: Readonly<Record<string, string>> = {
    ...tokens,
    "%": "%",
    d: settings.home,
    n: host.address,
    u: settings.userName,
  };
  return (text) =>
    expandHome(text, settings.home).replaceAll(/%(.?)/g, (token, letter: string) => {
      const value = all[letter];
      if (value !== undefined) return value;
      throw new HandrailError(
        unsupported(host, `the token "${token}" in "${text}" of the ssh config`),
      );
    });
}
