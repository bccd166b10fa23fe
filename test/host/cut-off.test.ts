import { expect, test } from "vitest";
import { describeWith } from "../support/parts.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import type { ControllerOrders } from "./support/controller.ts";
import { ordersFor, startController } from "./support/controllers.ts";
import { layWire, type Wire } from "./support/cut-wire.ts";
import { snapshot } from "./support/restoring.ts";
import { dash, isRoot, rootOnly, ShellHost, until } from "./support/shell-hosts.ts";
import { recordOf, stepBegun } from "./support/switches.ts";
import { isLong } from "../support/long-suite.ts";

const parts = ["sshd", "ssh", "ssh-keygen", "ip", "nsenter", "unshare"];

describeWith(parts, `a host behind a wire${rootOnly}`, () => {
  test.skipIf(!isRoot).each(isLong ? ["openssh", "ssh2"] : ["openssh"])(
    "that loses every packet goes back by itself, and the next contact over %s tells it",
    async (via) => {
      await using at = await behindWire(via);
      const { host, wire, orders } = at;
      await using controller = startController(orders, wire.controller);
      await stepBegun(host);
      wire.cut();
      await recordOf(host);
      expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
      // Nobody has told the controller: it finds out by itself that the host is silent.
      await until("that it gave up", () => controller.said.length === 3);
      expect(controller.said[1]).toMatchObject({
        what: "ran",
        answer: { kind: "unknown", failure: { code: "CONNECT_LOST" } },
      });
      wire.mend();
      await using next = startController({ ...orders, epoch: 2 }, wire.controller);
      await until("what the host tells", () => next.said.length > 0);
      expect(next.said).toMatchObject([
        { what: "armed", answer: { value: { kind: "fired", fired: { complete: true } } } },
      ]);
    },
  );

  test.skipIf(!isRoot)("whose sshd stands still goes back by itself, and tells it", async () => {
    await using at = await behindWire("openssh");
    const { host, wire, orders, server } = at;
    await using controller = startController({ ...orders, keepaliveMs: 30_000 }, wire.controller);
    await stepBegun(host);
    const stopped = [server.pid, ...(await server.sessionPids())];
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    try {
      await recordOf(host);
      expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    } finally {
      for (const pid of stopped) process.kill(pid, "SIGCONT");
    }
    await until("what the host tells", () => controller.said.length === 3);
    expect(controller.said.slice(1)).toMatchObject([
      { what: "ran", answer: { value: { kind: "finished", exitCode: 143 } } },
      { what: "disarmed", answer: { value: { kind: "fired", fired: { complete: true } } } },
    ]);
  });
});

interface BehindWire extends AsyncDisposable {
  readonly host: ShellHost;
  readonly wire: Wire;
  readonly server: Sshd;
  readonly orders: ControllerOrders;
}

/** A host with a snapshot, whose sshd can be reached by a wire alone. */
async function behindWire(via: string): Promise<BehindWire> {
  await using opened = new AsyncDisposableStack();
  const wire = opened.use(await layWire());
  const port = 2222;
  const addresses = [wire.address];
  const server = opened.use(await startSshd({ addresses, port, within: wire.host }));
  const host = opened.use(await ShellHost.start(dash));
  const guard = await host.open();
  host.sh("echo old >a; echo b >b");
  await snapshot(guard, host.tree);
  const { address, user, identity } = server;
  const orders: ControllerOrders = {
    ...ordersFor(host),
    host: { ...host.host(), via, port, address, user, identity },
    keepaliveMs: 2_000,
    ssh: {
      home: server.folder,
      userName: user,
      configFiles: [],
      knownHostsFiles: [server.knownHosts],
      agentSocket: null,
      tempFolder: server.folder,
    },
  };
  const all = opened.move();
  return { host, wire, server, orders, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
