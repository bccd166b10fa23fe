import { HandrailError } from "../core/failure.ts";
import { redactor } from "../core/redact.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import { resolveSecrets } from "../sources/secrets.ts";
import { comparer } from "./compare-content.ts";
import type { Foresight } from "./foresee-steps.ts";
import type { Io } from "./io.ts";

/** Kinds of steps of which lines are shown: nobody is asked for a secret for the sake of others. */
const showsLines: ReadonlySet<string> = new Set(["copy", "patch"]);

/**
 * What it takes to show lines of a host's files: the values of the plan's secrets, which may stand in
 * them. Where those can't be had, changes are counted, and no line is shown. `folder`: the plan's.
 */
export async function foresightOf(
  { plan }: Pick<LoadedPlan, "plan">,
  folder: string,
  io: Io,
): Promise<Foresight> {
  const secrets = plan.steps.some(({ work }) => showsLines.has(work.kind)) ? plan.secrets : {};
  try {
    const redact = redactor(await resolveSecrets(secrets, { folder, environment: io.env }));
    return { compare: comparer(redact), redactor: redact };
  } catch (error) {
    if (!(error instanceof HandrailError) || error.failure.code !== "SECRET_UNAVAILABLE")
      throw error;
    return { compare: comparer(null), redactor: null };
  }
}
