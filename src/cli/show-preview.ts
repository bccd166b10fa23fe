import type { Itinerary } from "../core/itinerary.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io, TextOutput } from "./io.ts";
import { pageFor } from "./onlookers.ts";
import { loadOrRefuse, type PlanArgs } from "./plan-input.ts";
import { lookedHosts } from "./looked-hosts.ts";
import { openApp } from "./open-app.ts";
import { plannedHosts, type PlannedSteps, plannedSteps } from "./planned-steps.ts";
import { stateBeside, type StateArgs } from "./state-folder.ts";
import { toolVersion } from "../version.ts";

export interface PreviewArgs extends PlanArgs, StateArgs {
  readonly json: boolean;
  /** Look at the hosts too. */
  readonly hosts?: boolean;
  readonly color?: boolean | undefined;
}

/**
 * Prints what a rollout of this plan would do. Reads files only; hosts are looked at when that is
 * asked for, and then one where a rollout would be refused makes the exit code say so.
 */
export async function showPreview(args: PreviewArgs, io: Io): Promise<number> {
  const loaded = await loadOrRefuse(args);
  const itinerary = await previewOf(loaded);
  const planned = await plannedSteps(loaded);
  const hosts =
    args.hosts === true ? await hostsOf({ loaded, itinerary, planned }, args, io) : null;
  const options = { forecast: planned.forecast, hosts };
  if (args.json) {
    const { previewJson } = await import("../views/preview-json.ts");
    io.stdout.write(`${JSON.stringify(previewJson(itinerary, options), null, 2)}\n`);
  } else {
    const { previewText } = await import("../views/preview-text.ts");
    io.stdout.write(previewText(itinerary, { ...(await pageFor(args, io)), ...options }));
  }
  const isRefused = hosts?.some((it) => it.failure !== null || it.troubles.length > 0) === true;
  return isRefused ? exitCodes.refused : exitCodes.done;
}

interface Forecast {
  readonly loaded: LoadedPlan;
  readonly itinerary: Itinerary;
  readonly planned: PlannedSteps;
}

async function hostsOf({ loaded, itinerary, planned }: Forecast, args: PreviewArgs, io: Io) {
  await using app = await openApp(stateBeside(args, io, loaded.inventoryFile ?? args.plan), io);
  const { concurrency } = loaded.plan.rollout;
  return await lookedHosts(plannedHosts(itinerary, planned), { door: app.door, concurrency });
}

export interface PrintOrder {
  readonly args: { readonly color?: boolean | undefined };
  readonly io: Io;
  readonly output: TextOutput;
}

/** The same without a look at the hosts, for a person who is asked to confirm it. */
export async function printPreview(
  loaded: LoadedPlan,
  { args, io, output }: PrintOrder,
): Promise<void> {
  const { previewText } = await import("../views/preview-text.ts");
  const page = await pageFor(args, { ...io, stdout: output });
  const { forecast } = await plannedSteps(loaded);
  output.write(previewText(await previewOf(loaded), { ...page, forecast, hosts: null }));
}

/** The itinerary that a rollout would freeze; it has the digest, and an id that nobody uses. */
export async function previewOf(loaded: LoadedPlan): Promise<Itinerary> {
  const { freeze } = await import("../core/freeze.ts");
  const { digestOf } = await import("../sources/digest.ts");
  return freeze({ ...loaded, rollout: "preview", digest: digestOf(loaded, toolVersion()) });
}
