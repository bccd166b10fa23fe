import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { RunnerIdentity } from "./ports/journal.ts";

/** This process, for journals and locks; `by` is who asked: "deploy@laptop". */
export function runnerIdentity(by: string): RunnerIdentity {
  const random = randomBytes(4).toString("hex");
  return { runner: `${hostname()}:${process.pid}:${random}`, holder: `${by}, pid ${process.pid}` };
}
