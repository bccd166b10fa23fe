import { createHash } from "node:crypto";
import { digestInput } from "../core/freeze.ts";
import type { LoadedPlan } from "./load-plan.ts";

/** The sha256, in hex, that names a plan with all it refers to; `tool` is Handrail's version. */
export function digestOf(loaded: LoadedPlan, tool: string): string {
  const { plan, inventory, files } = loaded;
  return createHash("sha256").update(digestInput({ plan, inventory, files, tool })).digest("hex");
}
