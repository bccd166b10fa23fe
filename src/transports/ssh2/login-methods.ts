import type { AnyAuthMethod, BaseAgent, IdentityCallback, ParsedKey } from "ssh2";
import { HandrailError } from "../../core/failure.ts";
import { loginRefused, shellWord, unsupported } from "../connect-failure.ts";
import type { Hop } from "./hop.ts";
import type { KeyRing } from "./keys.ts";
import type { Ssh2 } from "./library.ts";

/** More keys than servers let one try (sshd's MaxAuthTries is 6 by default). */
const keysMax = 20;

export interface LoginMethods {
  /** In the order in which they are tried. Public keys only: a password would have to be asked for. */
  readonly methods: readonly AnyAuthMethod[];
  /** Words on keys that could not be offered. */
  readonly passedOver: readonly string[];
}

/**
 * The keys to offer on a hop: identities that are named, the agent's, then the usual files.
 *
 * @throws HandrailError where there is none, with what to do.
 */
export async function loginMethods(ssh2: Ssh2, hop: Hop, ring: KeyRing): Promise<LoginMethods> {
  const named: AnyAuthMethod[] = [];
  const usual: AnyAuthMethod[] = [];
  const wanted: ParsedKey[] = [];
  const passedOver: string[] = [];
  let unfit: string | null = null;
  let lacks = false;
  for (const identity of hop.identities.slice(0, keysMax)) {
    const loaded = await ring.load(ssh2, identity);
    switch (loaded.kind) {
      case "private": {
        const method = { type: "publickey", username: hop.user, key: loaded.key } as const;
        (identity.named ? named : usual).push(method);
        break;
      }
      case "agent-only":
        if (loaded.publicKey !== null) wanted.push(loaded.publicKey);
        passedOver.push(loaded.because);
        break;
      case "missing":
        if (!identity.named) break;
        lacks = true;
        passedOver.push(`"${identity.file}" is not there`);
        break;
      case "unfit":
        if (identity.named) unfit = loaded.because;
        passedOver.push(loaded.because);
        break;
    }
  }
  const agent = agentMethod(ssh2, hop, wanted);
  const methods = [...named, ...agent, ...usual];
  if (methods.length > 0) return { methods, passedOver };
  if (unfit !== null) throw new HandrailError(unsupported(hop.host, unfit));
  const why = passedOver.length === 0 ? "no key was found" : passedOver.join("; ");
  const failure = loginRefused(hop.host, `there is no key to offer: ${why}`);
  const file = hop.identities.find((identity) => identity.named)?.file ?? "~/.ssh/id_ed25519";
  const hint = lacks
    ? "name a key that is there: `identity` in the inventory"
    : `ssh-add ${shellWord(file)}, or name another identity`;
  throw new HandrailError({ ...failure, hint });
}

function agentMethod(ssh2: Ssh2, hop: Hop, wanted: readonly ParsedKey[]): readonly AnyAuthMethod[] {
  if (hop.agentSocket === null) return [];
  if (!hop.identitiesOnly) return [{ type: "agent", username: hop.user, agent: hop.agentSocket }];
  if (wanted.length === 0) return [];
  const agent = agentWithOnly(ssh2, hop.agentSocket, wanted);
  return [{ type: "agent", username: hop.user, agent }];
}

/** The agent, but offering only these keys: IdentitiesOnly of ssh_config(5). */
function agentWithOnly(ssh2: Ssh2, socket: string, wanted: readonly ParsedKey[]): BaseAgent {
  const agent = ssh2.createAgent(socket);
  const listAll = agent.getIdentities.bind(agent);
  // The library's own agents give parsed keys.
  const isWanted = (key: AgentKey): boolean =>
    typeof key === "object" && "getPublicSSH" in key && wanted.some((each) => each.equals(key));
  agent.getIdentities = (tell) => {
    listAll((error, keys) => tell(error, keys?.filter(isWanted) ?? []));
  };
  return agent;
}

type AgentKey = NonNullable<Parameters<IdentityCallback>[1]>[number];
