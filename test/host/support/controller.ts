// A controller in a process of its own, to be killed, stopped and cut off: arms, runs, then disarms.
// Its orders are JSON in its only argument; each thing that it learns is a line of JSON.
import type { Host } from "../../../src/core/plan/inventory.ts";
import { openGuardDoor } from "../../../src/host/guard-door.ts";
import type { ArmOrder } from "../../../src/ports/dead-man-switch.ts";
import type { RunOrder } from "../../../src/ports/guard-command.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { local } from "../../../src/transports/local.ts";
import { openssh } from "../../../src/transports/openssh.ts";
import { ssh2 } from "../../../src/transports/ssh2.ts";
import type { SshSettings } from "../../../src/transports/ssh-settings.ts";
import { clock, valueOf } from "./shell-hosts.ts";

export interface ControllerOrders {
  readonly host: Host;
  /** The login shell, where the host is this machine. */
  readonly shell: string;
  readonly path: string;
  /** Where the host is behind an sshd. */
  readonly ssh: Omit<SshSettings, "environment"> | null;
  readonly keepaliveMs: number;
  readonly epoch: number;
  readonly arm: ArmOrder;
  readonly step: RunOrder;
}

const orders: ControllerOrders = JSON.parse(process.argv[2] ?? "");
const guard = valueOf(
  await openGuardDoor({
    transports: new Map([[orders.host.via, transportOf(orders)]]),
    clock,
    path: orders.path,
    keepaliveMs: orders.keepaliveMs,
  }).open(orders.host, { rollout: "fix-1" }),
);
valueOf(await guard.claim({ holder: "a test", epoch: orders.epoch }));
const armed = await guard.arm(orders.arm);
say("armed", armed);
if (armed.kind === "result" && armed.value.kind === "armed") {
  say("ran", await guard.run(orders.step));
  say("disarmed", await guard.disarm({ key: orders.arm.key }));
}
await guard[Symbol.asyncDispose]();

function transportOf({ host, shell, path, ssh }: ControllerOrders): Transport {
  const environment = { ...process.env, PATH: path };
  if (ssh === null) return local({ shell: [shell], environment });
  const settings = { ...ssh, environment: process.env };
  return host.via === "openssh" ? openssh(settings) : ssh2(settings);
}

function say(what: string, answer: unknown): void {
  process.stdout.write(`${JSON.stringify({ what, answer })}\n`);
}
