import type { Plan } from "./plan.ts";
import { isMapping } from "./raw.ts";
import { serviceUnits } from "./service-units.ts";

/**
 * The systemd units whose restarts tell one instance from another: those of steps, undos and actions, and
 * those that a probe looks at on the instance's hosts. As the plan writes them; each once, also where one
 * place says `app` and another `app.service`.
 */
export function namedUnits(plan: Pick<Plan, "actions" | "steps" | "probes">): readonly string[] {
  const probed = plan.probes.flatMap(({ kind, on, args }) => {
    if (kind !== "systemd" || on !== "host") return [];
    const unit = isMapping(args) ? args["unit"] : args;
    return typeof unit === "string" ? [unit] : [];
  });
  const all = [...serviceUnits(plan), ...probed];
  const names = all.map(fullName);
  return all.filter((_, at) => names.indexOf(names[at]!) === at);
}

/** `app` is `app.service` (systemctl(1)). */
function fullName(unit: string): string {
  return unit.includes(".") ? unit : `${unit}.service`;
}
