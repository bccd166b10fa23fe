import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ChannelEnd, Connection } from "../../src/ports/transport.ts";
import {
  collect,
  connectTo,
  run,
  someBytes,
  usualOptions,
  valueOf,
  type World,
} from "./transport-world.ts";

export interface Promised {
  /** Does the transport tell a command's own 255 and its death by a signal from its own trouble? */
  readonly tellsEveryEnd: boolean;
}

/** What every transport promises: src/ports/transport.ts. */
export function transportContract(world: () => World, promised: Promised): void {
  let connection: Connection;
  let folder: string;
  const lost = { kind: "lost", failure: { code: "CONNECT_LOST" } };
  const told = (end: ChannelEnd) => (promised.tellsEveryEnd ? end : lost);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "handrail-transport-"));
    connection = await connectTo(world());
  });

  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  describe("how a command ends", () => {
    test.each([0, 1, 7, 254])("exit status %d arrives", async (code) => {
      const { ended } = await run(connection, `exit ${code}`);
      expect(ended).toEqual({ kind: "exit", code });
    });

    test("exit status 255 is told from a lost connection, or called lost", async () => {
      const { ended } = await run(connection, "exit 255");
      expect(ended).toMatchObject(told({ kind: "exit", code: 255 }));
    });

    test.each(["SIGKILL", "SIGTERM"])("death by %s is no exit status", async (signal) => {
      const { ended } = await run(connection, `kill -${signal.slice(3)} $$; sleep 5`);
      expect(ended).toMatchObject(told({ kind: "signal", signal }));
    });

    test("the end is told though nobody reads what the command printed", async () => {
      const channel = valueOf(await connection.open("echo unread; exit 3"));
      expect(await channel.ended).toEqual({ kind: "exit", code: 3 });
      channel.destroy();
    });
  });

  describe("bytes", () => {
    test("every byte value goes in and comes out, 5 MB each way", async () => {
      const bytes = someBytes(5_000_000);
      const channel = valueOf(await connection.open("cat"));
      channel.stdin.end(bytes);
      const { stdout, stderr, ended } = await collect(channel);
      expect(stdout.equals(bytes)).toBe(true);
      expect(stderr.length).toBe(0);
      expect(ended).toEqual({ kind: "exit", code: 0 });
    });

    test("standard error stays apart from standard output", async () => {
      const script = "i=0; while [ $i -lt 500 ]; do echo out; echo err >&2; i=$((i+1)); done";
      const { stdout, stderr } = await run(connection, script);
      expect(stdout.toString()).toBe("out\n".repeat(500));
      expect(stderr.toString()).toBe("err\n".repeat(500));
    });

    test("the command line arrives as it is", async () => {
      const { stdout } = await run(
        connection,
        `printf '%s\n' "a  b" '$HOME' "\\\\" 'ü
x'`,
      );
      expect(stdout.toString()).toBe("a  b\n$HOME\n\\\nü\nx\n");
    });

    test("there is no terminal", async () => {
      const { stdout } = await run(connection, "test -t 0 || test -t 1 || test -t 2 || echo none");
      expect(stdout.toString()).toBe("none\n");
    });

    test(
      "100 MB to a slow reader wait on the host and not in memory",
      { timeout: 60_000 },
      async () => {
        const channel = valueOf(await connection.open("head -c 100000000 /dev/zero"));
        channel.stdin.end();
        const before = process.memoryUsage().rss;
        let growth = 0;
        let read = 0;
        let nextPauseAt = 0;
        for await (const chunk of channel.stdout) {
          read += Buffer.byteLength(chunk);
          growth = Math.max(growth, process.memoryUsage().rss - before);
          if (read < nextPauseAt) continue;
          // A fast sender would fill memory in these pauses if nothing held it back.
          nextPauseAt += 20_000_000;
          await sleep(400);
        }
        expect(read).toBe(100_000_000);
        expect(await channel.ended).toEqual({ kind: "exit", code: 0 });
        expect(growth).toBeLessThan(70_000_000);
      },
    );

    test("what a command prints waits for a reader who comes late", async () => {
      const channel = valueOf(await connection.open("echo early; echo bird >&2"));
      await channel.ended;
      await sleep(100);
      const { stdout, stderr } = await collect(channel);
      expect([stdout.toString(), stderr.toString()]).toEqual(["early\n", "bird\n"]);
    });

    test("input that is destroyed has ended, and the output goes on", async () => {
      const channel = valueOf(await connection.open("cat; echo after"));
      channel.stdin.destroy();
      const { stdout, ended } = await collect(channel);
      expect(stdout.toString()).toBe("after\n");
      expect(ended).toEqual({ kind: "exit", code: 0 });
    });

    test("a command that stops listening breaks nothing here", async () => {
      const channel = valueOf(await connection.open("exec <&-; sleep 0.5; exit 4"));
      for (let i = 0; i < 20; i++) {
        channel.stdin.write(Buffer.alloc(100_000));
        await sleep(1);
      }
      expect(await channel.ended).toEqual({ kind: "exit", code: 4 });
      // Nobody else listens here; without a listener the broken pipe would end a process.
      expect(channel.stdin.listenerCount("error")).toBeGreaterThan(0);
    });
  });

  describe("several channels", () => {
    test("ten commands run at once on one connection", async () => {
      const all = Array.from({ length: 10 }, (_, i) =>
        run(connection, `cat; exit ${i}`, `in ${i}`),
      );
      const ran = await Promise.all(all);
      expect(ran.map(({ stdout }) => stdout.toString())).toEqual(ran.map((_, i) => `in ${i}`));
      expect(ran.map(({ ended }) => ended)).toEqual(ran.map((_, code) => ({ kind: "exit", code })));
    });

    test("one that is dropped leaves the others alone", async () => {
      const dropped = valueOf(await connection.open("sleep 1"));
      const kept = valueOf(await connection.open("cat"));
      dropped.destroy();
      kept.stdin.end("still here");
      expect((await collect(kept)).stdout.toString()).toBe("still here");
    });
  });

  describe("dropping", () => {
    test("destroy ends the channel here at once, and the command goes on there", async () => {
      const mark = join(folder, "went-on");
      // The command sees the end of its input and nothing else.
      const channel = valueOf(await connection.open(`cat >/dev/null; : > '${mark}'`));
      channel.destroy();
      expect(await channel.ended).toMatchObject({
        kind: "lost",
        failure: { code: "CONNECT_LOST", message: expect.stringContaining("dropped here") },
      });
      await vi.waitFor(() => expect(existsSync(mark)).toBe(true), { timeout: 5_000 });
    });

    test("closing the connection ends its channels, and opens no more", async () => {
      const own = await connectTo(world());
      const channel = valueOf(await own.open("cat"));
      await own[Symbol.asyncDispose]();
      expect(await channel.ended).toMatchObject({ kind: "lost" });
      expect(await own.open("echo no")).toMatchObject({
        kind: "not-sent",
        failure: { code: "CONNECT_LOST", host: world().host.name },
      });
      // Closing twice is closing once.
      await own[Symbol.asyncDispose]();
    });

    test("an aborted signal connects to nothing", async () => {
      const { transport, host } = world();
      const answer = await transport.connect(host, {
        ...usualOptions,
        signal: AbortSignal.abort(),
      });
      expect(answer).toMatchObject({ kind: "not-sent", failure: { host: host.name } });
    });
  });
}
