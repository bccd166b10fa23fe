import { printable } from "../core/printable.ts";
import { failed, valueOf } from "./action-ended.ts";
import { askOutputMax, checkTimeoutMs } from "./parts.ts";
import { environmentOf, guardOf, hostsOf, ordersOf, type Work } from "./work.ts";

/**
 * Read-only: reaches every host, sees that it has the programs that the steps need, and runs the
 * plan's checks there. Ends as failed with the first thing that is not as it should be.
 */
export async function performPreflight(work: Work): Promise<void> {
  for (const host of work.instance.hosts) {
    const guard = await guardOf(work, host);
    for (const step of work.parts.itinerary.plan.steps) {
      if (!hostsOf(work, step).some((it) => it.name === host.name)) continue;
      const orders = ordersOf(work, step.work, host);
      const missing = (orders.do === "script" ? orders.needs : []).filter(
        (tool) => !guard.facts.tools.includes(tool),
      );
      if (missing.length > 0)
        throw failed({
          code: "GUARD_HOST_UNFIT",
          message: `${host.name} has no "${missing[0]}", which step "${step.name}" needs`,
          hint: `install ${missing.join(" and ")} there, or write the step another way`,
          host: host.name,
        });
    }
    for (const check of work.parts.itinerary.plan.checks) {
      const result = valueOf(
        await guard.ask({
          script: check.run,
          env: environmentOf(work, host),
          timeoutMs: checkTimeoutMs,
          outputMax: askOutputMax,
        }),
      );
      if (result.exitCode === 0 && !result.timedOut) continue;
      const said = new TextDecoder().decode(
        result.stderr.length > 0 ? result.stderr : result.stdout,
      );
      throw failed({
        code: "CHECK_FAILED",
        message: `check "${check.name}" failed on ${host.name}: ${check.why}`,
        hint: result.timedOut
          ? `the check did not end within ${checkTimeoutMs / 1000} s`
          : `the check ended with exit code ${result.exitCode}; see to it, then apply again`,
        host: host.name,
        detail: printable(work.parts.redactor.text(said), { max: 2_000 }),
      });
    }
  }
}
