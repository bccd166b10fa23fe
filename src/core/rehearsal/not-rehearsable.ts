import type { StepSpec } from "../plan/plan.ts";

/**
 * Why this step can't be tried in a copy of a host, as the end of a sentence; null: it can. `user` is
 * whom the session belongs to, as the inventory's `become` says, or the first step that overrides it.
 */
export function notRehearsable(
  step: Pick<StepSpec, "work" | "on" | "become">,
  summary: string,
  { user, usual }: { readonly user: string | null; readonly usual: string | null },
): string | null {
  if (step.work.kind === "http") return "it is a request that the controller sends, not this host";
  if (step.on === "controller") return "it runs on the controller, not on this host";
  if (step.work.kind === "service")
    return `the service manager is not in the copy; on the host it would be asked to ${summary}`;
  const own = stepUser(step, usual);
  if (own === user) return null;
  return `it runs as ${own ?? "the login user"}, and this copy is of ${user ?? "the login user"}: a rehearsal has one user`;
}

/** Whom a step runs as; null: the login user. `usual` is what the inventory says. */
export function stepUser(
  { become }: Pick<StepSpec, "become">,
  usual: string | null,
): string | null {
  if (become === null) return usual;
  return become === "" ? null : become;
}
