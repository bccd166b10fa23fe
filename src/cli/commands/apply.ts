import {
  planOrPreview,
  refuseChangedHosts,
  refuseOtherBakes,
  refuseStalePlan,
} from "../bound-run.ts";
import { command } from "../command.ts";
import { emergencyReason } from "../emergency-reason.ts";
import { proveIntent } from "../intent.ts";
import {
  emergencyOption,
  inventoryOption,
  lookOptions,
  planPositional,
  previewOptions,
  reasonOption,
  stayOption,
  switchOption,
  textOption,
} from "../options.ts";
import { loadOrRefuse } from "../plan-input.ts";
import { openApp, toldWith } from "../open-app.ts";
import { previewAsAsked } from "../preview-as-asked.ts";
import { UsageError } from "../refusal.ts";
import { type Prepared, runHere } from "../run-here.ts";
import { programWords, stateBeside } from "../state-folder.ts";

/** `handrail apply PLAN`, or a file that its preview was written to: the rollout itself. */
export const apply = command({
  usage: "apply <plan>",
  describe: "Walk a plan through the fleet, region by region",
  options: (parser) =>
    previewOptions(
      stayOption(
        lookOptions(
          reasonOption(
            emergencyOption(inventoryOption(planPositional(parser))),
            "with --emergency: ",
          ),
        ),
      ),
      "with --dry-run: ",
    )
      .option("approve", textOption("approve", "digest of the plan, as its preview shows it"))
      .option("dry-run", switchOption("the same as preview"))
      .option("despite", textOption("despite", "a rollout that this plan did harm in")),
  run: async (given, io) => {
    if (given["dry-run"]) return previewAsAsked(given, io);
    refuseWithoutDryRun(given);
    const prepare = async (): Promise<Prepared> => {
      const { args, bound } = await planOrPreview(given, io);
      const loaded = await loadOrRefuse(args);
      const emergency = emergencyReason(loaded.plan, args, io);
      if (bound !== null) {
        refuseOtherBakes(bound, args);
        await refuseStalePlan(bound, loaded);
      }
      const state = stateBeside(args, io, loaded.inventoryFile ?? args.plan);
      const despite = args.despite ?? null;
      const preview = bound?.file.id ?? null;
      // Before anything is asked of a person: nobody types regions only to be refused.
      await toldWith(programWords(state, io), async () => {
        await using app = await openApp(state, io);
        await app.mayApply({ loaded, despite, preview, waits: args.wait !== undefined });
        if (bound !== null) await refuseChangedHosts(bound, { loaded, door: app.door });
      });
      // Who made the preview, and gave it on, has looked at this very digest.
      const approve = args.approve ?? bound?.file.digest;
      await proveIntent(loaded, { ...args, approve, reason: emergency }, io);
      const { plan, inventory = null } = args;
      const previewedLast = bound?.file.last ?? null;
      return {
        state,
        run: (app, order) =>
          app.apply({
            ...order,
            loaded,
            plan,
            inventory,
            despite,
            preview,
            previewedLast,
            emergency,
          }),
      };
    };
    return runHere({ args: given, prepare }, io);
  },
});

/** Whoever types one of these wants to see and not to do: nothing begins for want of a word. */
function refuseWithoutDryRun(given: {
  readonly hosts: boolean;
  readonly out?: string | undefined;
  readonly "detailed-exitcode": boolean;
}): void {
  const asked = [
    ...(given.hosts ? ["--hosts"] : []),
    ...(given.out === undefined ? [] : ["--out"]),
    ...(given["detailed-exitcode"] ? ["--detailed-exitcode"] : []),
  ];
  if (asked.length === 0) return;
  throw new UsageError(
    `${asked.join(" and ")} ${asked.length === 1 ? "goes" : "go"} with --dry-run: a rollout takes no such word`,
    "add --dry-run to see what would be done, or leave it out to do it",
  );
}
