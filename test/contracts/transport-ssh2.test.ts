import { afterAll, beforeAll } from "vitest";
import { ssh2 } from "../../src/transports/ssh2.ts";
import { describeWith } from "../support/parts.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import { sshConfigContract } from "./transport-config.contract.ts";
import { sshTransportContract } from "./transport-ssh.contract.ts";
import { transportContract } from "./transport.contract.ts";
import { hostOf, settingsFor } from "./transport-world.ts";

describeWith(["sshd", "ssh-keygen"], "ssh2", () => {
  let server: Sshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const world = () => ({ transport: ssh2(settingsFor(server)), host: hostOf(server) });

  transportContract(world, { tellsEveryEnd: true });
  sshTransportContract(ssh2);
  sshConfigContract(ssh2);
});
