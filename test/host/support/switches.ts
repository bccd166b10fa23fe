import { readFileSync } from "node:fs";
import type { ArmOrder, Fired } from "../../../src/ports/dead-man-switch.ts";
import type { Guard } from "../../../src/ports/guard.ts";
import { key } from "./restoring.ts";
import { type ShellHost, valueOf } from "./shell-hosts.ts";

/** Everything of the host's tree goes back; no undo, nothing to recover; a lease of a second. */
export function armOrder(host: ShellHost, order: Partial<ArmOrder> = {}): ArmOrder {
  return {
    key,
    receipt: "web01.1.1",
    leaseMs: 1_000,
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
