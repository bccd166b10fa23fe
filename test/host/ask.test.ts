import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AskOrder, Guard } from "../../src/ports/guard.ts";
import type { CommandResult } from "../../src/ports/guard-command.ts";
import {
  describeWithShells,
  processesWith,
  ShellHost,
  text,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

async function ask(
  guard: Guard,
  order: Partial<AskOrder> & { readonly script: string },
): Promise<CommandResult> {
  return valueOf(await guard.ask({ env: {}, timeoutMs: 20_000, outputMax: 10_000, ...order }));
}

function mark(): string {
  return String(100_000 + Math.floor(Math.random() * 800_000));
}

describeWithShells((userland) => {
  test("a question gets its arguments and environment, and answers with both streams and its exit code", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const value = "it's $(id)\n\u0007 ü\n";
    const result = await ask(guard, {
      script: `printf '%s|' "$@" "$value"; umask; echo trouble >&2; false; echo never`,
      env: { value },
      args: ["a b", "", "*"],
    });
    expect(text(result.stdout)).toBe(`a b||*|${value}|0022\n`);
    expect(text(result.stderr)).toBe("trouble\n");
    expect(result).toMatchObject({ exitCode: 1, timedOut: false, dropped: 0 });
    const bytes = await ask(guard, { script: String.raw`printf '\000\001\377\n\n'` });
    expect([...bytes.stdout]).toEqual([0, 1, 255, 10, 10]);
  });

  test("it leaves no file, no lock and no spool, while it runs and afterwards", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const before = host.listing();
    const result = await ask(guard, { script: `cd "${host.folder}"; find site -type f; ls site` });
    expect(text(result.stdout)).toBe("tree\n");
    expect(host.listing()).toBe(before);
  });

  test("its output is bounded on each stream, and the rest is counted", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const script = "head -c 300000 /dev/zero; echo abc >&2; exit 4";
    const result = await ask(guard, { script, outputMax: 3_000 });
    expect(result.stdout).toHaveLength(3_000);
    expect(result).toMatchObject({ exitCode: 4, dropped: 297_000 });
    expect(text(result.stderr)).toBe("abc\n");
  });

  test("its time limit ends it and what it has started", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const marker = mark();
    const result = await ask(guard, {
      script: `trap '' TERM; echo here; (sleep ${marker} & wait) & sleep ${marker}`,
      timeoutMs: 400,
    });
    expect(result).toMatchObject({ timedOut: true });
    expect(text(result.stdout)).toBe("here\n");
    expect(processesWith(`sleep ${marker}`)).toEqual([]);
    expect(text((await ask(guard, { script: "echo next" })).stdout)).toBe("next\n");
  });

  test("it ends with its channel", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const marker = mark();
    const asked = ask(guard, { script: `sleep ${marker} & sleep ${marker}` });
    await until("the question", () => processesWith(`sleep ${marker}`).length >= 2);
    host.channels[0]!.destroy();
    await expect(asked).rejects.toThrow(/unknown.*CONNECT_LOST/);
    await until("its end", () => processesWith(`sleep ${marker}`).length === 0);
  });

  test("what it leaves behind in a session of its own does not hold the answer up", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const result = await ask(guard, { script: "setsid sleep 4 & echo done" });
    expect(text(result.stdout)).toBe("done\n");
    expect(result.durationMs).toBeLessThan(3_500);
    await sleep(100);
    expect(text((await ask(guard, { script: "echo next" })).stdout)).toBe("next\n");
  });

  test("neither its text nor its environment can be read in the list of processes", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const secret = `s3cret-${mark()}`;
    const asked = ask(guard, {
      script: `: >"${host.tree}/up"; : ${secret}-text; while [ ! -e "${host.tree}/go" ]; do sleep 0.05; done`,
      env: { secret },
    });
    await until("the question", () => existsSync(`${host.tree}/up`));
    expect(processesWith(secret)).toEqual([]);
    host.sh(": >go");
    expect((await asked).exitCode).toBe(0);
  });

  test("many questions at once wait for one another", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const asked = Array.from({ length: 8 }, (_, index) => ask(guard, { script: `echo ${index}` }));
    expect((await Promise.all(asked)).map((result) => text(result.stdout).trim())).toEqual(
      Array.from({ length: 8 }, (_, index) => String(index)),
    );
  });
});
