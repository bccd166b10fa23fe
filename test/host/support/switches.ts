import { existsSync, readFileSync } from "node:fs";
import type { ArmOrder, Fired } from "../../../src/ports/dead-man-switch.ts";
import type { Guard } from "../../../src/ports/guard.ts";
import type { RunOrder } from "../../../src/ports/guard-command.ts";
import { spawnSync } from "../../support/bounded-process.ts";
import { key } from "./restoring.ts";
import { clock, runOrder, type ShellHost, until, valueOf } from "./shell-hosts.ts";

/** Everything of the host's tree goes back; no undo, nothing to recover; a lease of three seconds. */
export function armOrder(host: ShellHost, order: Partial<ArmOrder> = {}): ArmOrder {
  return {
    key,
    receipt: "web01.1.1",
    leaseMs: 3_000,
    rules: [{ path: host.tree, how: "exactly" }],
    undo: null,
    recover: [],
    ...order,
  };
}

/** Arms; must succeed. */
export async function armed(guard: Guard, order: ArmOrder): Promise<void> {
  const result = valueOf(await guard.arm(order));
  if (result.kind !== "armed") throw new Error(JSON.stringify(result));
}

/** Asks by arming again; must have fired. */
export async function fired(guard: Guard, order: ArmOrder): Promise<Fired> {
  const result = valueOf(await guard.arm(order));
  if (result.kind !== "fired") throw new Error(JSON.stringify(result));
  return result.fired;
}

/** What was decided: "disarmed", "fired", or null. */
export function switchOf(host: ShellHost): string | null {
  try {
    return readFileSync(`${host.spool}/fix-1/switches/${key}/decision`, "utf8").trim();
  } catch {
    return null;
  }
}

/** The process that waits: its number, while the switch was armed. */
export function waiterOf(host: ShellHost): number {
  const noted = readFileSync(`${host.spool}/fix-1/switches/${key}/process`, "utf8");
  return Number(noted.split(" ")[0]);
}

/** Milliseconds within which a process that nobody needs is gone: less than its longest sleep. */
const goneMs = 5_000;

/** A process ends at once; one that nobody has reaped yet has ended. */
export async function gone(pid: number): Promise<void> {
  for (const startedMs = performance.now(); performance.now() - startedMs < goneMs;) {
    const stat = spawnSync("cat", [`/proc/${pid}/stat`], { encoding: "latin1" });
    const state = stat.stdout.slice(stat.stdout.lastIndexOf(")") + 2);
    if (stat.status !== 0 || /^[ZX]/.test(state)) return;
    await clock.sleep(20);
  }
  throw new Error(`process ${pid} goes on`);
}

/** Everything that the switch had to do is done, and on disk. */
export async function recordOf(host: ShellHost): Promise<void> {
  await until("the record", () => existsSync(`${host.spool}/fix-1/switches/${key}/record`));
}

/** A step that changes the tree, says so, and goes on until somebody ends it. */
export function endlessStep(host: ShellHost, step: Partial<RunOrder> = {}): RunOrder {
  return runOrder({
    key: "web01.1.1",
    armed: key,
    snapshot: key,
    script: `cd "${host.tree}"; rm -f b; echo new >a; : >begun; while :; do sleep 0.1; done`,
    ...step,
  });
}

/** What the receipt of the step says: exit code, whether it was late, milliseconds; "": it goes on. */
export function stepEnd(host: ShellHost): string {
  const receipt = `${host.spool}/fix-1/runs/web01.1.1/rc`;
  return existsSync(receipt) ? readFileSync(receipt, "utf8") : "";
}

export async function stepBegun(host: ShellHost): Promise<void> {
  await until("the step", () => existsSync(`${host.tree}/begun`));
}
