import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Host } from "../../src/core/plan/inventory.ts";
import type { Transport } from "../../src/ports/transport.ts";
import type { SshSettings } from "../../src/transports/ssh-settings.ts";
import { spawnSync } from "../support/bounded-process.ts";
import { newKey, startSshd, type Sshd } from "../support/sshd.ts";
import { connectTo, hostOf, run, settingsFor, usualOptions } from "./transport-world.ts";

/** What both SSH transports take from known_hosts, ssh_config(5) and the agent. */
export function sshConfigContract(make: (settings: SshSettings) => Transport): void {
  let server: Sshd;
  let jump: Sshd;
  let folder: string;
  beforeAll(async () => {
    [server, jump] = await Promise.all([startSshd(), startSshd()]);
    folder = await mkdtemp(join(tmpdir(), "handrail-config-"));
  });
  afterAll(async () => {
    await Promise.all([server[Symbol.asyncDispose](), jump[Symbol.asyncDispose]()]);
    await rm(folder, { recursive: true });
  });

  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  /** An inventory host of which the config says everything. */
  const bare = (address: string): Host => ({
    ...hostOf(server),
    address,
    user: null,
    port: null,
    identity: null,
  });
  const reach = async (host: Host, settings: Partial<SshSettings>): Promise<string> => {
    const transport = make({ ...settingsFor(server), ...settings });
    await using connection = await connectTo({ transport, host });
    return (await run(connection, "echo reached $SSH_CONNECTION")).stdout.toString();
  };

  describe("known_hosts", () => {
    test("hashed names are found", async () => {
      const path = join(folder, "hashed");
      await copyFile(server.knownHosts, path);
      const hash = spawnSync("ssh-keygen", ["-H", "-f", path]);
      expect(hash.status).toBe(0);
      expect(await reach(hostOf(server), { knownHostsFiles: [path] })).toContain("reached");
    });

    test("wildcards are found, and a negated name is not", async () => {
      const [key] = server.hostKeys;
      const some = await file("some", `[127.0.0.*]:${server.port} ${key}\n`);
      expect(await reach(hostOf(server), { knownHostsFiles: [some] })).toContain("reached");
      const not = await file("not", `[127.0.0.*]:${server.port},![127.0.0.1]:* ${key}\n`);
      const transport = make({ ...settingsFor(server), knownHostsFiles: [not] });
      expect(await transport.connect(hostOf(server), usualOptions)).toMatchObject({
        kind: "not-sent",
        failure: { code: "HOST_KEY_UNKNOWN" },
      });
    });

    test("a server with several keys is asked for the one that is known", async () => {
      await using many = await startSshd({ hostKeyTypes: ["ed25519", "ecdsa", "rsa"] });
      for (const key of many.hostKeys) {
        const path = await file("one-of-many", `[127.0.0.1]:${many.port} ${key}\n`);
        expect(await reach(hostOf(many), { knownHostsFiles: [path] })).toContain("reached");
      }
    });

    test("without a word in the config it is ~/.ssh/known_hosts, below the home that is given", async () => {
      const home = join(folder, "home");
      await mkdir(join(home, ".ssh"), { recursive: true });
      await copyFile(server.knownHosts, join(home, ".ssh/known_hosts"));
      const settings = { home, knownHostsFiles: null };
      expect(await reach(hostOf(server), settings)).toContain("reached");
    });

    test("the files that the config names are the ones that count", async () => {
      const config = await file("config-known", `UserKnownHostsFile "${server.knownHosts}"\n`);
      const settings = { configFiles: [config], knownHostsFiles: null };
      expect(await reach(hostOf(server), settings)).toContain("reached");
    });
  });

  describe("ssh config", () => {
    test("host, user, port and identity come from the config", async () => {
      const config = await file(
        "config-host",
        lines(
          "Host web",
          "  HostName 127.0.0.1",
          `  Port ${server.port}`,
          `  User ${server.user}`,
          `  IdentityFile "${server.identity}"`,
          "Host *",
          "  Port 1",
        ),
      );
      expect(await reach(bare("web"), { configFiles: [config] })).toContain("reached");
    });

    test("an included file counts", async () => {
      const inner = await file("included", lines("Host web", "HostName 127.0.0.1"));
      const config = await file("config-include", lines(`Include ${inner}`));
      const host = { ...hostOf(server), address: "web" };
      expect(await reach(host, { configFiles: [config] }).catch(String)).toContain("reached");
    });

    test("ProxyJump goes through another server", async () => {
      const config = await file(
        "config-jump",
        lines(
          "Host inner",
          `  HostName 127.0.0.1`,
          "  ProxyJump gate",
          "Host gate",
          `  HostName 127.0.0.1`,
          `  Port ${jump.port}`,
          `  User ${jump.user}`,
          `  IdentityFile "${jump.identity}"`,
        ),
      );
      const before = (jump.log().match(/Accepted publickey/g) ?? []).length;
      const host = { ...hostOf(server), address: "inner" };
      const knownHostsFiles = [server.knownHosts, jump.knownHosts];
      expect(await reach(host, { configFiles: [config], knownHostsFiles })).toContain("reached");
      expect((jump.log().match(/Accepted publickey/g) ?? []).length).toBe(before + 1);
    });

    test("two jumps, one after the other", async () => {
      const config = await file(
        "config-jumps",
        lines(
          "Host inner",
          `  ProxyJump ${jump.user}@127.0.0.1:${jump.port},${server.user}@gate2:${server.port}`,
          "  HostName 127.0.0.1",
          "Host gate2",
          "  HostName 127.0.0.1",
          "Host *",
          `  IdentityFile ${jump.identity}`,
          `  IdentityFile ${server.identity}`,
        ),
      );
      const host = { ...hostOf(server), address: "inner" };
      const knownHostsFiles = [server.knownHosts, jump.knownHosts];
      expect(await reach(host, { configFiles: [config], knownHostsFiles })).toContain("reached");
    });

    test("a jump whose key is unknown is as unknown as a host, whatever the config allows", async () => {
      const config = await file(
        "config-jump-unknown",
        lines(
          "Host 127.0.0.1",
          `  ProxyJump ${jump.user}@localhost:${jump.port}`,
          "Host *",
          `  IdentityFile ${jump.identity}`,
          "  StrictHostKeyChecking no",
        ),
      );
      const transport = make({ ...settingsFor(server), configFiles: [config] });
      expect(await transport.connect(hostOf(server), usualOptions)).toMatchObject({
        kind: "not-sent",
        failure: { code: "HOST_KEY_UNKNOWN", host: "ap01" },
      });
    });
  });

  describe("keys", () => {
    test.each(["rsa", "ecdsa"] as const)("a user key of type %s logs in", async (type) => {
      const identity = join(folder, `user-${type}`);
      const key = await newKey(identity, type);
      await using own = await startSshd({ authorizedKeys: [key] });
      const host = { ...hostOf(own), identity };
      expect(await reach(host, { knownHostsFiles: [own.knownHosts] })).toContain("reached");
    });

    test("a key with a passphrase logs in by the agent only", async () => {
      const identity = join(folder, "locked");
      const key = await newKey(identity, "ed25519");
      await using own = await startSshd({ authorizedKeys: [key] });
      const socket = join(folder, "agent");
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      try {
        const settings = { knownHostsFiles: [own.knownHosts], agentSocket: socket };
        const environment = { ...process.env, SSH_AUTH_SOCK: socket };
        await vi.waitFor(() => {
          const added = spawnSync("ssh-add", ["-q", identity], { env: environment });
          expect(added.status).toBe(0);
        });
        spawnSync("ssh-keygen", ["-p", "-q", "-P", "", "-N", "secret", "-f", identity]);
        const host = { ...hostOf(own), identity };
        const without = make({ ...settingsFor(own), agentSocket: null });
        expect(await without.connect(host, usualOptions)).toMatchObject({
          kind: "not-sent",
          failure: { code: "AUTH_FAILED", hint: expect.stringContaining("ssh-add") },
        });
        expect(await reach(host, settings)).toContain("reached");
      } finally {
        agent.kill();
        await once(agent, "exit");
      }
    });
  });
}

function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}
