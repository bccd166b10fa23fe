import { command } from "../command.ts";
import { controllerFindings, type DoctorFinding } from "../doctor-findings.ts";
import { placeFindings } from "../doctor-place.ts";
import { exitCodes } from "../exit-codes.ts";
import { hostFindings } from "../host-findings.ts";
import { lookedHosts } from "../looked-hosts.ts";
import { openApp } from "../open-app.ts";
import { inventoryOption } from "../options.ts";
import { loadOrRefuse } from "../plan-input.ts";
import { plannedHosts, plannedSteps } from "../planned-steps.ts";
import { previewOf } from "../show-preview.ts";
import { stateBeside, stateNearby } from "../state-folder.ts";

/** `handrail doctor [PLAN]`: what this controller, and the hosts of a plan, can and can't do. */
export const doctor = command({
  usage: "doctor [plan]",
  describe: "Say what this controller can and can't do, and the hosts of a plan; changes nothing",
  options: (parser) =>
    inventoryOption(parser).positional("plan", { type: "string", describe: "file of the plan" }),
  run: async (args, io) => {
    const { plan, inventory } = args;
    const loaded = plan === undefined ? null : await loadOrRefuse({ plan, inventory });
    const folder =
      loaded === null
        ? stateNearby(args, io)
        : stateBeside(args, io, loaded.inventoryFile ?? plan ?? ".");
    const findings: DoctorFinding[] = [];
    const tell = (finding: DoctorFinding): void => {
      findings.push(finding);
      const { is, what, says, hint } = finding;
      io.stdout.write(`${is.padEnd(4)}  ${what}: ${says}\n`);
      if (hint !== null) io.stdout.write(`      next: ${hint}\n`);
    };
    for (const finding of [...controllerFindings(folder, io), ...placeFindings(io)]) tell(finding);
    if (loaded !== null) {
      await using app = await openApp(folder, io);
      const hosts = plannedHosts(await previewOf(loaded), await plannedSteps(loaded));
      await lookedHosts(hosts, {
        door: app.door,
        concurrency: loaded.plan.rollout.concurrency,
        tell: (host) => hostFindings(host).forEach(tell),
      });
    }
    return findings.some(({ is }) => is === "bad") ? exitCodes.refused : exitCodes.done;
  },
});
