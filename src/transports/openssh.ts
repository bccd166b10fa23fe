import type { Transport } from "../ports/transport.ts";
import { addressProblem } from "./address.ts";
import { givenUp, unsupported } from "./connect-failure.ts";
import type { SshSettings } from "./ssh-settings.ts";

/**
 * The system's OpenSSH client, so that config files, jump hosts, certificates, hardware keys and
 * known_hosts work as they do by hand.
 *
 * A connection is a private master (`ssh -N`) that logs in; a channel is an `ssh` that asks this
 * master for a session, and can't reach the host in any other way. So connecting tells the truth,
 * and a lost master can never make a command run again over a fresh connection.
 */
export function openssh(settings: SshSettings): Transport {
  return {
    name: "openssh",
    async connect(host, options) {
      const problem = addressProblem(host);
      if (problem !== null) {
        const failure = unsupported(host, problem, "correct it in the inventory");
        return { kind: "not-sent", failure };
      }
      if (options.signal?.aborted === true) return { kind: "not-sent", failure: givenUp(host) };
      // Loaded by the first connection: `--help` and previews of other hosts need none of it.
      const { startMaster } = await import("./openssh/master.ts");
      return startMaster({ settings, host, options });
    },
  };
}
