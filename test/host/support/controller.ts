// A controller in a process of its own, to be killed and stopped: arms, runs, then disarms. Its orders
// are JSON in its only argument; each thing that it learns is a line of JSON.
import { openGuardDoor } from "../../../src/host/guard-door.ts";
import type { ArmOrder } from "../../../src/ports/dead-man-switch.ts";
import type { RunOrder } from "../../../src/ports/guard-command.ts";
import { local } from "../../../src/transports/local.ts";
import { clock, type ShellHost, valueOf } from "./shell-hosts.ts";

export interface ControllerOrders {
  readonly host: ReturnType<ShellHost["host"]>;
  readonly shell: string;
  readonly path: string;
  readonly arm: ArmOrder;
  readonly step: RunOrder;
}

const orders: ControllerOrders = JSON.parse(process.argv[2] ?? "");
const transport = local({
  shell: [orders.shell],
  environment: { ...process.env, PATH: orders.path },
});
const door = openGuardDoor({
  transports: new Map([["local", transport]]),
  clock,
  path: orders.path,
});
const guard = valueOf(await door.open(orders.host, { rollout: "fix-1" }));
valueOf(await guard.claim({ holder: "a test", epoch: 1 }));
say("armed", valueOf(await guard.arm(orders.arm)));
say("ran", valueOf(await guard.run(orders.step)));
say("disarmed", valueOf(await guard.disarm({ key: orders.arm.key })));
await guard[Symbol.asyncDispose]();

function say(what: string, value: unknown): void {
  process.stdout.write(`${JSON.stringify({ what, value })}\n`);
}
