import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { local } from "../../src/transports/local.ts";
import { transports } from "../../src/transports/registry.ts";
import { transportContract } from "./transport.contract.ts";
import { connectTo, hostOf, run } from "./transport-world.ts";

const nowhere = { address: "localhost", port: 0, user: "", identity: "" };
const host = { ...hostOf(nowhere), via: "local", user: null, port: null, identity: null };

describe("local", () => {
  const transport = local({ shell: ["/bin/sh"], environment: process.env });
  transportContract(() => ({ transport, host }), { tellsEveryEnd: true });

  test("a command leads a process group and session of its own", async () => {
    await using connection = await connectTo({ transport, host });
    const { stdout } = await run(connection, "cat /proc/$$/stat");
    const [pid, group, session] = idsOf(stdout.toString());
    expect([group, session]).toEqual([pid, pid]);
    expect(session).not.toBe(idsOf(await readFile("/proc/self/stat", "utf8"))[2]);
  });

  test("the shell can be another one, with arguments of its own", async () => {
    const tracing = local({ shell: ["/bin/sh", "-x"], environment: process.env });
    await using connection = await connectTo({ transport: tracing, host });
    expect((await run(connection, "echo on")).stderr.toString()).toBe("+ echo on\n");
  });

  test("a shell that is not there: not-sent", async () => {
    const none = local({ shell: ["/no/such/shell"], environment: process.env });
    await using connection = await connectTo({ transport: none, host });
    expect(await connection.open("true")).toMatchObject({
      kind: "not-sent",
      failure: { code: "TRANSPORT_UNSUPPORTED", host: "ap01" },
    });
  });
});

test("the registry has every word that `via` may be", () => {
  expect(transports().map(({ name }) => name)).toEqual(["openssh", "ssh2", "local"]);
});

/** Process, group and session of a line of /proc/PID/stat. */
function idsOf(stat: string): readonly (string | undefined)[] {
  return /^(\d+) \(.*\) \S \d+ (\d+) (\d+)/s.exec(stat)?.slice(1) ?? [];
}
