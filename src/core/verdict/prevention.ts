import picomatch from "picomatch/posix.js";
import type { PathText } from "../path-text.ts";
import type { Allowance, Policy, StepSpec } from "../plan/plan.ts";
import { startsDaemon } from "../plan/starts-daemon.ts";
import type { Trees } from "./ruling.ts";
import { parentOf, treePath } from "./tree-path.ts";

/** `protect`, `writes` and `allow` with every variable filled in. */
export interface PreventionOrder extends Trees {
  readonly step: Pick<StepSpec, "work" | "on" | "prevent">;
  readonly allow: readonly Allowance[];
  /** Text of the program where the plan gives it: a command line, or a script's file. */
  readonly text?: string;
  /** Does the plan ask for it (`rollout: { guard: { prevent } }`)? */
  readonly prevent: boolean;
}

export interface Prevention {
  /** What the step can't write to, where the host allows it. */
  readonly readOnly: readonly PathText[];
  /** Protected paths that stay writable for it, and why, in words. */
  readonly open: readonly { readonly path: PathText; readonly because: string }[];
}

/**
 * Which protected paths a step runs without being able to write to, so that harm fails instead of
 * being mended. A path is closed only where the plan leaves no doubt that the step has no business
 * there; a step that starts or reloads a service is never closed in, because the service would be too.
 */
export function prevention(order: PreventionOrder): Prevention {
  const everywhere = stepReason(order);
  const readOnly: PathText[] = [];
  const open: { readonly path: PathText; readonly because: string }[] = [];
  for (const { path: text, policy } of order.protect) {
    const path = treePath(text);
    const because = everywhere ?? policyReason(policy) ?? pathReason(path, order);
    if (because === null) readOnly.push(path);
    else open.push({ path, because });
  }
  return { readOnly, open };
}

/** Why nothing is closed to this step; null: that depends on the path. */
function stepReason({ step, prevent, text }: PreventionOrder): string | null {
  if (step.on === "controller") return "it runs on the controller";
  if (step.work.kind === "http") return "it is a request, which runs nothing on the host";
  if (step.work.kind === "service") return "it starts a service, which must be able to write";
  if (!prevent) return "the plan says `prevent: false`";
  if (!step.prevent) return "the step says `prevent: false`";
  const { args } = step.work;
  return startsDaemon(text ?? (typeof args === "string" ? args : ""))
    ? "its text starts a daemon, which must be able to write"
    : null;
}

function policyReason(policy: Policy): string | null {
  switch (policy.kind) {
    case "keep":
    case "keep-content":
      return null;
    case "regenerates":
    case "may-change":
      return `policy ${policy.kind} lets it change`;
  }
}

function pathReason(path: PathText, { protect, writes, allow }: PreventionOrder): string | null {
  const written = writes.map(treePath).find((other) => meet(path, other));
  if (written !== undefined) return `it writes ${written}`;
  const budget = allow.find(({ glob }) => meet(path, reachOf(glob)));
  if (budget !== undefined) return `\`allow\` lets it ${budget.effect} ${budget.glob}`;
  const inner = protect.find(
    (other) => policyReason(other.policy) !== null && isAtOrAbove(path, treePath(other.path)),
  );
  return inner === undefined ? null : `${treePath(inner.path)} below it may change`;
}

/** The folder that no match of this glob can leave. */
function reachOf(glob: string): PathText {
  const { base } = picomatch.scan(glob);
  return treePath(base);
}

function meet(a: PathText, b: PathText): boolean {
  return isAtOrAbove(a, b) || isAtOrAbove(b, a);
}

function isAtOrAbove(upper: PathText, lower: PathText): boolean {
  for (let at: PathText | null = lower; at !== null; at = parentOf(at))
    if (at === upper) return true;
  return false;
}
