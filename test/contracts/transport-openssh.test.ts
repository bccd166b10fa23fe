import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openssh } from "../../src/transports/openssh.ts";
import { describeWith } from "../support/parts.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import { sshConfigContract } from "./transport-config.contract.ts";
import { sshTransportContract } from "./transport-ssh.contract.ts";
import { transportContract } from "./transport.contract.ts";
import { connectTo, hostOf, run, settingsFor, usualOptions, valueOf } from "./transport-world.ts";

describeWith(["sshd", "ssh", "ssh-keygen", "ssh-agent"], "openssh", () => {
  let server: Sshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  transportContract(() => ({ transport: openssh(settingsFor(server)), host: hostOf(server) }), {
    tellsEveryEnd: false,
  });
  sshTransportContract(openssh);
  sshConfigContract(openssh);

  describe("the private master", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "handrail-openssh-"));
    });
    afterAll(() => rm(folder, { recursive: true }));
    /** With a temp folder of its own, in which the transport's can be counted. */
    const settings = () => ({ ...settingsFor(server), tempFolder: folder });
    const world = () => ({ transport: openssh(settings()), host: hostOf(server) });

    test("a connection leaves no process and no file", async () => {
      const connection = await connectTo(world());
      await run(connection, "true");
      expect(await sshProcesses(folder)).not.toEqual([]);
      await connection[Symbol.asyncDispose]();
      expect(await sshProcesses(folder)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    });

    test("an attempt that fails leaves no process and no file", async () => {
      const { transport, host } = world();
      const answer = await transport.connect({ ...host, port: 1 }, usualOptions);
      expect(answer.kind).toBe("not-sent");
      expect(await sshProcesses(folder)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    });

    test.each([
      ["while the connection stands", false],
      ["after the connection was lost", true],
    ])("kill -9 of its user leaves no process and no file, %s", async (_when, lost) => {
      await using own = await startSshd();
      const order = {
        settings: { ...settingsFor(own), tempFolder: folder },
        host: hostOf(own),
        command: "cat",
      };
      const script = join(import.meta.dirname, "transport-victim.ts");
      const victim = spawn(process.execPath, [script, JSON.stringify(order)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(victim.stdout, "data");
      expect((await sshProcesses(folder)).length).toBeGreaterThanOrEqual(2);
      if (lost) await own.kill();
      await sleep(lost ? 300 : 0);
      victim.kill("SIGKILL");
      await vi.waitFor(
        async () => {
          const left = [await sshProcesses(folder), await readdir(folder)];
          expect(left).toEqual([[], []]);
        },
        { timeout: 5_000 },
      );
    });

    test("nothing of it belongs to the terminal, so Ctrl-C does not reach it", async () => {
      await using connection = await connectTo(world());
      const channel = valueOf(await connection.open("sleep 5"));
      const own = await sessionOf(process.pid);
      const processes = await sshProcesses(folder);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      for (const pid of processes) expect(await sessionOf(pid)).not.toBe(own);
      channel.destroy();
    });

    test("a master that hangs: unknown, and the command does not run over another way", async () => {
      const mark = join(folder, "mark-hung");
      const connection = await connectTo(world(), { timeoutMs: 1_500 });
      const master = await masterOf(folder);
      process.kill(master, "SIGSTOP");
      const logins = loginsOf(server);
      const answer = await connection.open(`echo x >> ${mark}`);
      process.kill(master, "SIGCONT");
      expect(answer).toMatchObject({ kind: "unknown", failure: { code: "CONNECT_LOST" } });
      await sleep(500);
      // The master may or may not have done what it was asked: that is what unknown means.
      const runs = existsSync(mark) ? (await readFile(mark, "utf8")).length / 2 : 0;
      expect(runs).toBeLessThanOrEqual(1);
      expect(loginsOf(server)).toBe(logins);
      await connection[Symbol.asyncDispose]();
      await rm(mark, { force: true });
    });

    test("a master that was killed: not-sent, and no second login", async () => {
      const mark = join(folder, "mark-killed");
      await using connection = await connectTo(world());
      const logins = loginsOf(server);
      process.kill(await masterOf(folder), "SIGKILL");
      const answer = await connection.open(`: > ${mark}`);
      expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "CONNECT_LOST" } });
      expect(existsSync(mark)).toBe(false);
      expect(loginsOf(server)).toBe(logins);
    });

    test("no ssh on this machine: TRANSPORT_UNSUPPORTED, and what to do", async () => {
      const transport = openssh({ ...settings(), environment: { PATH: "/nonexistent" } });
      expect(await transport.connect(hostOf(server), usualOptions)).toMatchObject({
        kind: "not-sent",
        failure: { code: "TRANSPORT_UNSUPPORTED", hint: expect.stringContaining("via: ssh2") },
      });
    });

    test("a config that ssh can't read: TRANSPORT_UNSUPPORTED with ssh's words", async () => {
      const configFiles = ["/proc/version"];
      const transport = openssh({ ...settings(), configFiles });
      expect(await transport.connect(hostOf(server), usualOptions)).toMatchObject({
        kind: "not-sent",
        failure: {
          code: "TRANSPORT_UNSUPPORTED",
          detail: expect.stringContaining("/proc/version"),
        },
      });
    });

    test("a temp folder too long or too odd for a socket is not used", async () => {
      const tempFolder = join(folder, "a folder with spaces and % signs");
      const transport = openssh({ ...settings(), tempFolder });
      await using connection = await connectTo({ transport, host: hostOf(server) });
      expect((await run(connection, "echo on")).stdout.toString()).toBe("on\n");
    });
  });
});

function loginsOf(server: Sshd): number {
  return server.log().split("Accepted publickey for").length - 1;
}

/** Processes of `ssh` and its watcher that work for connections in this folder (Linux). */
async function sshProcesses(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const [pid, words] of await commandLines()) {
    const own = words.some((word) => word.startsWith(`${folder}/handrail-`));
    if (own) found.push(pid);
  }
  return found;
}

async function masterOf(folder: string): Promise<number> {
  for (const [pid, words] of await commandLines()) {
    if (words[0] === "ssh" && words.some((word) => word.startsWith(`${folder}/`))) return pid;
    // ssh shows itself as "ssh: path [mux]" once it is a master.
    if (words[0]?.startsWith(`ssh: ${folder}/`) === true) return pid;
  }
  throw new Error("no master runs");
}

async function commandLines(): Promise<readonly (readonly [number, readonly string[]])[]> {
  const found: (readonly [number, readonly string[]])[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (text !== "") found.push([Number(name), text.split("\0")]);
  }
  return found;
}

async function sessionOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return /^\d+ \(.*\) \S \d+ \d+ (\d+)/s.exec(stat)?.[1];
}
