import type { Plan } from "./plan.ts";
import { isMapping } from "./raw.ts";

/** The systemd units that steps, undos and actions of a plan are about, as it writes them; each once. */
export function serviceUnits({
  actions,
  steps,
}: Pick<Plan, "actions" | "steps">): readonly string[] {
  const works = [...steps.flatMap(({ work, undo }) => [work, undo]), ...Object.values(actions)];
  const units = works.flatMap((work) => {
    if (work?.kind !== "service" || !isMapping(work.args)) return [];
    const { systemd } = work.args;
    return typeof systemd === "string" ? [systemd] : [];
  });
  return [...new Set(units)];
}
