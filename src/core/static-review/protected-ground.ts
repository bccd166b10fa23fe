import type { Allowance, Policy } from "../plan/plan.ts";

/** A protected path as one instance has it. */
export interface GroundPath {
  /** Plain: "/srv/app/tmp". */
  readonly path: string;
  readonly written: string;
  readonly policy: Policy;
}

/** What the commands of a step are held against, with every value of one host filled in. */
export interface ProtectedGround {
  readonly protect: readonly GroundPath[];
  /** What the step declares to write, and what it declares to do. */
  readonly writes: readonly string[];
  readonly allow: readonly Allowance[];
}
