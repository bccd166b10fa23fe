import type { Transport } from "../ports/transport.ts";
import { addressProblem } from "./address.ts";
import { unsupported } from "./connect-failure.ts";
import type { SshSettings } from "./ssh-settings.ts";
import { KeyRing } from "./ssh2/keys.ts";

/**
 * SSH inside this process, by the ssh2 library: no `ssh` program is needed, and an open connection
 * costs a sixteenth of the memory. The library checks no host key and reads no config by itself, so
 * both are done here; what only the program can do is refused with the advice to take `openssh`.
 */
export function ssh2(settings: SshSettings): Transport {
  const ring = new KeyRing();
  return {
    name: "ssh2",
    async connect(host, options) {
      const problem = addressProblem(host);
      if (problem !== null) {
        const failure = unsupported(host, problem, "correct it in the inventory");
        return { kind: "not-sent", failure };
      }
      // Loaded by the first connection: `--help` and previews of other hosts need none of it.
      const { connectOverHops } = await import("./ssh2/connect.ts");
      return connectOverHops({ settings, ring, host, options });
    },
  };
}
