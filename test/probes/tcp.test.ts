import { expect, test } from "vitest";
import { tcp } from "../../src/probes/tcp.ts";
import { describeWith } from "../support/parts.ts";
import { blackhole, closedPort, rawServer } from "./loopback-servers.ts";
import { controllerContext, probeShells, realContext, withoutTime } from "./probe-contexts.ts";

const ask = async (given: unknown, context = controllerContext()) =>
  withoutTime(await tcp.ask(tcp.args.parse(given), context));

test("a port that takes connections passes, however it is written", async () => {
  await using server = await rawServer(() => undefined);
  const because = `connected to 127.0.0.1:${server.port}`;
  const address = `127.0.0.1:${server.port}`;
  for (const given of [address, { address }, { host: "127.0.0.1", port: server.port }]) {
    expect(await ask(given)).toEqual({ is: "pass", because });
  }
});

test("a port on which nobody listens fails", async () => {
  const answer = await ask(`127.0.0.1:${await closedPort()}`);
  expect(answer.is).toBe("fail");
  expect(answer.because).toContain("connection refused: connect ECONNREFUSED");
});

test("a connection that never comes about is no verdict", async () => {
  await using hole = await blackhole();
  expect(await ask({ address: `127.0.0.1:${hole.port}`, timeout: "300ms" })).toEqual({
    is: "error",
    because: `no connection to 127.0.0.1:${hole.port} within 300 ms`,
  });
});

test("a name that can't be looked up is no verdict", async () => {
  expect(await ask("no-such-host.invalid:80")).toMatchObject({ is: "error" });
});

test("an interrupted look is no verdict", async () => {
  const context = controllerContext(AbortSignal.abort());
  expect(await ask("127.0.0.1:1", context)).toEqual({
    is: "error",
    because: "interrupted before the connection",
  });
});

test.each([
  "${address}:8080",
  "[::1]:80",
  "${host}:${port}",
  { host: "${address}", port: "${port}" },
])("the schema takes %j", (given) => {
  expect(tcp.args.safeParse(given).error).toBeUndefined();
});

test.each(["localhost", "localhost:x", ":80", "::1:80", { host: "x" }, { host: "x", port: 0 }, 80])(
  "the schema refuses %j",
  (given) => {
    expect(tcp.args.safeParse(given).success).toBe(false);
  },
);

test.each(["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1"])(
  "an address that became %s can't be asked",
  async (address) => {
    const answer = await tcp.ask({ address, timeout: 100 }, controllerContext());
    expect(withoutTime(answer)).toEqual({
      is: "error",
      because: `"${address}" is not "host:port"`,
    });
  },
);

describeWith(["curl", "dash"], "from a host", () => {
  test("the same is seen by curl there, which sends nothing", async () => {
    const came: string[] = [];
    await using server = await rawServer((socket) =>
      socket.on("data", (chunk: Buffer) => came.push(chunk.toString())),
    );
    await using hole = await blackhole();
    const host = realContext(probeShells[0]!);
    const address = `127.0.0.1:${server.port}`;
    expect(await ask(address, host)).toEqual({ is: "pass", because: `connected to ${address}` });
    expect(came).toEqual([]);
    expect(await ask(`127.0.0.1:${await closedPort()}`, host)).toMatchObject({ is: "fail" });
    const silent = { address: `127.0.0.1:${hole.port}`, timeout: "900ms" };
    expect(await ask(silent, host)).toMatchObject({ is: "error" });
    expect(await ask("no-such-host.invalid:80", host)).toMatchObject({ is: "error" });
  });

  test("where there is no curl, nobody can tell", async () => {
    const real = realContext(probeShells[0]!);
    const bare: typeof real = {
      ...real,
      run: (order) => real.run({ ...order, env: { PATH: "/nowhere" } }),
    };
    expect(await ask("127.0.0.1:1", bare)).toEqual({
      is: "error",
      because: "curl is not on the host",
    });
  });
});
