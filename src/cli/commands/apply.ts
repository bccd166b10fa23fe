import { command } from "../command.ts";
import { proveIntent } from "../intent.ts";
import {
  inventoryOption,
  lookOptions,
  planPositional,
  switchOption,
  textOption,
} from "../options.ts";
import { loadOrRefuse } from "../plan-input.ts";
import { openApp, toldWith } from "../open-app.ts";
import { type Prepared, runHere } from "../run-here.ts";
import { showPreview } from "../show-preview.ts";
import { programWords, stateBeside } from "../state-folder.ts";

/** `handrail apply PLAN`: the rollout itself. */
export const apply = command({
  usage: "apply <plan>",
  describe: "Walk a plan through the fleet, region by region",
  options: (parser) =>
    lookOptions(inventoryOption(planPositional(parser)))
      .option("approve", textOption("approve", "digest of the plan, as its preview shows it"))
      .option("dry-run", switchOption("the same as preview"))
      .option("despite", textOption("despite", "a rollout that this plan did harm in")),
  run: async (args, io) => {
    if (args["dry-run"]) return showPreview(args, io);
    const prepare = async (): Promise<Prepared> => {
      const loaded = await loadOrRefuse(args);
      const state = stateBeside(args, io, loaded.inventoryFile ?? args.plan);
      const despite = args.despite ?? null;
      // Before anything is asked of a person: nobody types regions only to be refused.
      await toldWith(programWords(state, io), async () => {
        await using app = await openApp(state, io);
        await app.mayApply({ loaded, despite, waits: args.wait !== undefined });
      });
      await proveIntent(loaded, args, io);
      const { plan, inventory = null } = args;
      return {
        state,
        run: (app, order) => app.apply({ ...order, loaded, plan, inventory, despite }),
      };
    };
    return runHere({ args, prepare }, io);
  },
});
