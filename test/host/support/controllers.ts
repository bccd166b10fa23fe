import { type ChildProcess, spawn } from "node:child_process";
import type { ControllerOrders } from "./controller.ts";
import { endlessStep, armOrder } from "./switches.ts";
import type { ShellHost } from "./shell-hosts.ts";

/** A controller in a process of its own, and what it has learnt so far. */
export interface Controller extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly said: readonly { readonly what: string; readonly answer: unknown }[];
}

/** Starts one; `within` are words that run it somewhere else. Closing it kills it. */
export function startController(
  orders: ControllerOrders,
  within: readonly string[] = [],
): Controller {
  const file = new URL("controller.ts", import.meta.url).pathname;
  const words = [...within, process.execPath, file, JSON.stringify(orders)];
  const child = spawn(words[0]!, words.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const said: Controller["said"][number][] = [];
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const learned: Controller["said"][number] = JSON.parse(line);
      said.push(learned);
    }
  });
  return {
    child,
    said,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
    },
  };
}

/** Arms, then runs a step without end, on this machine. */
export function ordersFor(host: ShellHost): ControllerOrders {
  return {
    host: host.host(),
    shell: `${host.folder}/bin/sh`,
    path: host.path,
    ssh: null,
    keepaliveMs: 30_000,
    epoch: 1,
    arm: armOrder(host),
    step: endlessStep(host),
  };
}
