import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FailureCode } from "../../src/core/failure.ts";
import type { Host } from "../../src/core/plan/inventory.ts";
import type { Channel, Transport } from "../../src/ports/transport.ts";
import type { SshSettings } from "../../src/transports/ssh-settings.ts";
import { newKey, startSshd, type Sshd } from "../support/sshd.ts";
import { startBlackHole, startProxy } from "./transport-proxy.ts";
import { connectTo, hostOf, run, settingsFor, usualOptions, valueOf } from "./transport-world.ts";

/** What the transports that speak SSH promise beyond the common contract. */
export function sshTransportContract(make: (settings: SshSettings) => Transport): void {
  let server: Sshd;
  let folder: string;
  beforeAll(async () => {
    server = await startSshd();
    folder = await mkdtemp(join(tmpdir(), "handrail-transport-"));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const knownAs = (port: number, key = server.hostKeys[0]) => `[127.0.0.1]:${port} ${key}\n`;
  const through = async (port: number, keepaliveMs = 15_000) => {
    const knownHostsFiles = [await file(`known-${port}`, knownAs(port))];
    const transport = make({ ...settingsFor(server), knownHostsFiles });
    return connectTo({ transport, host: { ...hostOf(server), port } }, { keepaliveMs });
  };
  const attempt = (
    change: Partial<Host>,
    settings: Partial<SshSettings> = {},
    timeoutMs = 10_000,
  ) => {
    const transport = make({ ...settingsFor(server), ...settings });
    return transport.connect({ ...hostOf(server), ...change }, { ...usualOptions, timeoutMs });
  };

  describe("a connection that does not come about", () => {
    test("nothing listens: CONNECT_REFUSED", async () => {
      expect(await attempt({ port: 1 })).toMatchObject(refusedWith("CONNECT_REFUSED"));
    });

    test("a server that takes the connection and says nothing: CONNECT_TIMEOUT, in time", async () => {
      await using hole = await startBlackHole();
      const start = performance.now();
      const answer = await attempt({ port: hole.port }, {}, 1_500);
      expect(answer).toMatchObject(refusedWith("CONNECT_TIMEOUT"));
      expect(performance.now() - start).toBeLessThan(4_000);
    });

    test("a name that nobody can look up: CONNECT_DNS", async () => {
      // Too long for a label, so that the resolver refuses it without asking the network.
      const address = `${"x".repeat(64)}.invalid`;
      expect(await attempt({ address })).toMatchObject(refusedWith("CONNECT_DNS"));
    });

    test("no key is known for the host: HOST_KEY_UNKNOWN, and how to look at it", async () => {
      const knownHostsFiles = [await file("nobody", "")];
      const answer = await attempt({}, { knownHostsFiles });
      expect(answer).toMatchObject(refusedWith("HOST_KEY_UNKNOWN"));
      expect(answer).toMatchObject({
        failure: { hint: expect.stringContaining(`ssh-keyscan -p ${server.port} 127.0.0.1`) },
      });
    });

    test("another key is known for the host: HOST_KEY_CHANGED, and the command to forget it", async () => {
      const other = await newKey(join(folder, "other-host-key"), "ed25519");
      const path = await file("changed", knownAs(server.port, other));
      const answer = await attempt({}, { knownHostsFiles: [path] });
      expect(answer).toMatchObject(refusedWith("HOST_KEY_CHANGED"));
      const forget = `ssh-keygen -f ${path} -R '[127.0.0.1]:${server.port}'`;
      expect(answer).toMatchObject({ failure: { hint: expect.stringContaining(forget) } });
    });

    test("the key is known and revoked: refused", async () => {
      const lines = knownAs(server.port) + `@revoked * ${server.hostKeys[0]}\n`;
      const answer = await attempt({}, { knownHostsFiles: [await file("revoked", lines)] });
      expect(answer).toMatchObject(refusedWith("HOST_KEY_CHANGED"));
      expect(answer).toMatchObject({ failure: { message: expect.stringContaining("revoked") } });
    });

    test("a config that says StrictHostKeyChecking no changes nothing", async () => {
      const config = await file("lax", "Host *\n StrictHostKeyChecking no\n BatchMode no\n");
      const settings = { configFiles: [config], knownHostsFiles: [await file("nobody", "")] };
      expect(await attempt({}, settings)).toMatchObject(refusedWith("HOST_KEY_UNKNOWN"));
    });

    test("a key that the server does not take: AUTH_FAILED", async () => {
      const identity = join(folder, "stranger");
      await newKey(identity, "ed25519");
      expect(await attempt({ identity })).toMatchObject(refusedWith("AUTH_FAILED"));
    });

    test("a key file that is not there: AUTH_FAILED", async () => {
      expect(await attempt({ identity: "/no/such/key" })).toMatchObject(refusedWith("AUTH_FAILED"));
    });

    test("a server that closes at once: CONNECT_LOST", async () => {
      await using proxy = await startProxy({ address: "127.0.0.1", port: 1 });
      expect(await attempt({ port: proxy.port })).toMatchObject(refusedWith("CONNECT_LOST"));
    });

    test.each([
      { address: "-oProxyCommand=touch${IFS}/tmp/handrail-smuggled" },
      { address: "a;id" },
      { address: "" },
      { address: "a b" },
      { user: "-lroot" },
      { user: "x`id`" },
      { port: 0 },
    ])("$address$user$port is refused before anything is run", async (change) => {
      expect(await attempt(change)).toMatchObject(refusedWith("TRANSPORT_UNSUPPORTED"));
      expect(existsSync("/tmp/handrail-smuggled")).toBe(false);
    });

    test("an abort while connecting ends the attempt", async () => {
      await using hole = await startBlackHole();
      const start = performance.now();
      const answer = await make(settingsFor(server)).connect(
        { ...hostOf(server), port: hole.port },
        { ...usualOptions, signal: AbortSignal.timeout(300) },
      );
      expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "CONNECT_LOST" } });
      expect(performance.now() - start).toBeLessThan(4_000);
    });
  });

  describe("a connection that is lost", () => {
    test("the server's session is killed while a command runs: lost, and no more is sent", async () => {
      await using own = await startSshd();
      const transport = make(settingsFor(own));
      await using connection = await connectTo({ transport, host: hostOf(own) });
      const channel = valueOf(await connection.open("echo begun; sleep 60"));
      await begun(channel);
      for (const pid of await own.sessionPids()) process.kill(pid, "SIGKILL");
      expect(await channel.ended).toMatchObject(lost(/./));
      const next = await connection.open("echo never");
      expect(next).toMatchObject({ kind: "not-sent", failure: { code: "CONNECT_LOST" } });
    });

    test("the connection is reset in the middle of a command: lost", async () => {
      await using proxy = await startProxy(server);
      await using connection = await through(proxy.port);
      const channel = valueOf(await connection.open("echo begun; sleep 1; exit 0"));
      await begun(channel);
      proxy.cut();
      expect(await channel.ended).toMatchObject(lost(/./));
    });

    test("a peer that goes silent is noticed by keepalives", { timeout: 30_000 }, async () => {
      await using proxy = await startProxy(server);
      await using connection = await through(proxy.port, 3_000);
      const channel = valueOf(await connection.open("echo begun; sleep 20"));
      await begun(channel);
      const start = performance.now();
      proxy.freeze();
      expect(await channel.ended).toMatchObject(lost(/keepalive/i));
      // The last answer may have come just before the silence: one interval more, and a busy machine.
      expect(performance.now() - start).toBeLessThan(7_000);
    });

    test("a connection that broke while idle is never made anew for a command", async () => {
      await using proxy = await startProxy(server);
      await using connection = await through(proxy.port);
      await run(connection, "true");
      proxy.cut();
      const mark = join(folder, "ran-anew");
      await vi.waitFor(async () => {
        const answer = await connection.open(`: > ${mark}`);
        expect(answer.kind).toBe("not-sent");
      });
      expect(proxy.count()).toBe(1);
      expect(existsSync(mark)).toBe(false);
    });

    test("more sessions than the server allows: not-sent, and the others go on", async () => {
      await using own = await startSshd({ lines: ["MaxSessions 2"] });
      await using connection = await connectTo({
        transport: make(settingsFor(own)),
        host: hostOf(own),
      });
      const first = valueOf(await connection.open("cat"));
      const second = valueOf(await connection.open("cat"));
      expect(await connection.open("cat")).toMatchObject({
        kind: "not-sent",
        failure: { code: "CONNECT_REFUSED", message: expect.stringContaining("MaxSessions") },
      });
      first.stdin.end();
      second.stdin.end();
      expect(await first.ended).toEqual({ kind: "exit", code: 0 });
      expect(await second.ended).toEqual({ kind: "exit", code: 0 });
    });
  });
}

const refusedWith = (code: FailureCode) => ({
  kind: "not-sent",
  failure: { code, host: "ap01", hint: expect.stringMatching(/ssh|getent|inventory/) },
});

const lost = (reason: RegExp) => ({
  kind: "lost",
  failure: { code: "CONNECT_LOST", host: "ap01", message: expect.stringMatching(reason) },
});

/** A command that has begun for certain. */
const begun = async (channel: Channel): Promise<void> => {
  await new Promise((resolve) => channel.stdout.once("data", resolve));
};
