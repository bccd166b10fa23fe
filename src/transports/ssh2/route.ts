import { HandrailError } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import { addressProblem } from "../address.ts";
import { unsupported } from "../connect-failure.ts";
import type { SshSettings } from "../ssh-settings.ts";
import { readConfigFiles, type ConfigTree } from "./config-files.ts";
import { hopTo, type Hop } from "./hop.ts";

/** More jumps than anybody has, and an end for configs that jump in a circle. */
const hopsMax = 8;

/**
 * The servers on the way to a host, in the order in which they are logged in to; the last is the
 * host itself.
 *
 * @throws HandrailError TRANSPORT_UNSUPPORTED where the config asks for what ssh2 can't do.
 */
export async function routeTo(host: Host, settings: SshSettings): Promise<readonly Hop[]> {
  const tree = await readTree(host, settings);
  const hops = [hopTo(host, tree, settings)];
  for (;;) {
    // As in ssh, a jump's own ProxyJump counts only for the first jump: the list says the rest.
    const jump = hops[0]?.proxyJump ?? null;
    if (jump === null) return hops;
    hops.unshift(...jump.split(",").map((spec) => hopTo(jumpHost(host, spec), tree, settings)));
    if (hops.length > hopsMax) {
      const reason = `more than ${hopsMax} jumps in the ssh config, or jumps in a circle`;
      throw new HandrailError(unsupported(host, reason, `look: ssh -G -- ${host.address}`));
    }
  }
}

async function readTree(host: Host, settings: SshSettings): Promise<ConfigTree> {
  try {
    return await readConfigFiles(settings.configFiles, settings.home);
  } catch (error) {
    const reason = `its ssh config can't be read: ${String(error)}`;
    throw new HandrailError(unsupported(host, reason, "correct the file or its permissions"));
  }
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, ssh_config(5), ProxyJump. */
function jumpHost(host: Host, spec: string): Host {
  const bare = spec
    .trim()
    .replace(/^ssh:\/\//, "")
    .replace(/\/$/, "");
  const parts = jumpPattern.exec(bare)?.groups ?? {};
  const port = parts["port"] === undefined ? null : Number(parts["port"]);
  const address = parts["bracketed"] ?? parts["plain"] ?? "";
  const jump: Host = { ...host, address, user: parts["user"] ?? null, port, identity: null };
  const problem = addressProblem(jump);
  if (problem === null) return jump;
  throw new HandrailError(unsupported(host, `${problem} (ProxyJump "${spec}")`));
}

const jumpPattern =
  /^(?:(?<user>.*)@)?(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:[\]]*))(?::(?<port>\d+))?$/;
