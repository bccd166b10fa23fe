import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGuardDoor } from "../../src/host/guard-door.ts";
import type { HostDoor, RehearsalDoor } from "../../src/ports/rehearsal.ts";
import { openssh } from "../../src/transports/openssh.ts";
import { ssh2 } from "../../src/transports/ssh2.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import { orderFor } from "./support/rehearsing.ts";
import {
  clock,
  dash,
  isRoot,
  processesWith,
  rootOnly,
  runOrder,
  ShellHost,
  text,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

describeWith(["sshd", "ssh", "ssh-keygen"], "a guard on a real sshd", () => {
  let server: Sshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  function doorOf(via: string): HostDoor {
    const settings = {
      home: server.folder,
      userName: server.user,
      configFiles: [],
      knownHostsFiles: [server.knownHosts],
      agentSocket: null,
      tempFolder: server.folder,
      environment: process.env,
    };
    const transport = via === "openssh" ? openssh(settings) : ssh2(settings);
    return openGuardDoor({ transports: new Map([[via, transport]]), clock });
  }

  test.runIf(isRoot && isLong).each(["openssh", "ssh2"])(
    `a rehearsal works over %s, and ends with its connection${rootOnly || longOnly}`,
    async (via) => {
      await using site = await ShellHost.start(dash);
      const { port, address, user, identity } = server;
      const host = { ...site.host(), via, port, address, user, identity };
      site.sh("printf 1 >x");
      const before = site.listing();
      const door: RehearsalDoor = doorOf(via);
      const files = [{ name: "big", content: randomBytes(3_000_000) }];
      const marker = `sleep 89.${process.pid}`;
      const short = 'rm x; wc -c <"$HANDRAIL_FILES/big"';
      const order = orderFor(site, [short, "test ! -e x"], { files });
      const stage = valueOf(await door.open(host, { rollout: "rehearsal" }));
      const done = valueOf(await stage.rehearse(order));
      const steps = done.kind === "rehearsed" ? done.steps : [];
      expect(steps.map(({ exitCode, stdout }) => [exitCode, text(stdout)])).toEqual([
        [0, "3000000\n"],
        [0, ""],
      ]);
      const answer = stage.rehearse(orderFor(site, [`rm x; ${marker}`], { files }));
      await until("the step", () => processesWith(marker).some((line) => !line.includes("sh ")));
      await stage[Symbol.asyncDispose]();
      expect((await answer).kind).toBe("unknown");
      await until("all of it is gone", () => processesWith(marker).length === 0);
      expect(site.listing()).toBe(before);
    },
  );

  test.each(["openssh", "ssh2"])("works over %s from the first byte to the last", async (via) => {
    await using site = await ShellHost.start(dash);
    const { port, address, user, identity } = server;
    const host = { ...site.host(), via, port, address, user, identity };
    const door = doorOf(via);
    await using guard = valueOf(await door.open(host, { rollout: "fix-1" }));
    const content = randomBytes(3_000_000);
    site.sh("echo x >x; echo y >y");
    const paths = [{ path: site.tree, content: true }];
    expect(valueOf(await guard.snapshot({ key: "a.1", paths, reserveBytes: 0 }))).toMatchObject({
      entries: 3,
    });
    const order = runOrder({
      script: `cd "${site.tree}"; rm x; wc -c <"$HANDRAIL_FILES/big"; : >begun; while [ ! -e go ]; do sleep 0.05; done; rm go begun`,
      snapshot: "a.1",
      files: [{ name: "big", content }],
    });
    const running = guard.run(order);
    await until("the command", () => existsSync(`${site.tree}/begun`));
    // The first guard leaves in the middle; another one takes the receipt up.
    const closing = guard[Symbol.asyncDispose]();
    expect(await running).toMatchObject({ kind: "unknown" });
    await closing;
    await using next = valueOf(await door.open(host, { rollout: "fix-1" }));
    const followed = next.run(order);
    site.sh(": >go");
    const result = valueOf(await followed);
    expect(result.kind === "finished" && text(result.stdout)).toBe("3000000\n");
    const look = { key: "a.1", changesMax: 10, moment: "after-step" as const };
    const seen = valueOf(await next.compare(look));
    expect(seen.kind === "compared" && seen.changes.map((change) => change.path)).toContain(
      `${site.tree}/x`,
    );
    const rules = [{ path: site.tree, how: "deleted" as const }];
    expect(valueOf(await next.restore({ key: "a.1", rules, later: "keep" }))).toMatchObject({
      restored: 1,
    });
    expect(valueOf(await next.release({ keepUntil: null }))).toEqual({ left: 0 });
  });
});
