import { afterAll, beforeAll } from "vitest";
import { openssh } from "../../src/transports/openssh.ts";
import { describeWith } from "../support/parts.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import { transportContract } from "./transport.contract.ts";
import { hostOf, settingsFor } from "./transport-world.ts";

describeWith(["sshd", "ssh", "ssh-keygen"], "openssh", () => {
  let server: Sshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const world = () => ({ transport: openssh(settingsFor(server)), host: hostOf(server) });

  transportContract(world, { tellsEveryEnd: false });
});
