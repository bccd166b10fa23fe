import { describe } from "vitest";
import { local } from "../../src/transports/local.ts";
import { transportContract } from "./transport.contract.ts";
import { hostOf } from "./transport-world.ts";

describe("local", () => {
  const transport = local({ shell: ["/bin/sh"], environment: process.env });
  const nowhere = { address: "localhost", port: 0, user: "", identity: "" };
  const host = { ...hostOf(nowhere), via: "local", user: null, port: null, identity: null };
  transportContract(() => ({ transport, host }), { tellsEveryEnd: true });
});
