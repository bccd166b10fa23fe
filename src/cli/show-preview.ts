import type { Itinerary } from "../core/itinerary.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io, TextOutput } from "./io.ts";
import { pageFor } from "./onlookers.ts";
import { loadOrRefuse, type PlanArgs } from "./plan-input.ts";
import { stepSummary } from "./step-summary.ts";
import { toolVersion } from "../version.ts";

export interface PreviewArgs extends PlanArgs {
  readonly json: boolean;
  readonly color?: boolean | undefined;
}

/** Prints what a rollout of this plan would do. Reads files only; no host is contacted. */
export async function showPreview(args: PreviewArgs, io: Io): Promise<number> {
  const loaded = await loadOrRefuse(args);
  if (!args.json) {
    await printPreview(loaded, { args, io, output: io.stdout });
    return exitCodes.done;
  }
  const { previewJson } = await import("../views/preview-json.ts");
  const preview = previewJson(await previewOf(loaded), { summary: await stepSummary(loaded) });
  io.stdout.write(`${JSON.stringify(preview, null, 2)}\n`);
  return exitCodes.done;
}

export interface PrintOrder {
  readonly args: { readonly color?: boolean | undefined };
  readonly io: Io;
  readonly output: TextOutput;
}

export async function printPreview(
  loaded: LoadedPlan,
  { args, io, output }: PrintOrder,
): Promise<void> {
  const { previewText } = await import("../views/preview-text.ts");
  const page = await pageFor(args, { ...io, stdout: output });
  output.write(
    previewText(await previewOf(loaded), { ...page, summary: await stepSummary(loaded) }),
  );
}

/** The itinerary that a rollout would freeze; it has the digest, and an id that nobody uses. */
export async function previewOf(loaded: LoadedPlan): Promise<Itinerary> {
  const { freeze } = await import("../core/freeze.ts");
  const { digestOf } = await import("../sources/digest.ts");
  return freeze({ ...loaded, rollout: "preview", digest: digestOf(loaded, toolVersion()) });
}
