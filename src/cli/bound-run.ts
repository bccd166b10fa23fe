import { resolve } from "node:path";
import type { Failure } from "../core/failure.ts";
import { HandrailError } from "../core/failure.ts";
import { hostChanges, planChanges, type PreviewFile } from "../core/preview-file.ts";
import type { GuardDoor } from "../ports/guard.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import { toolVersion } from "../version.ts";
import { pathWord } from "./state-folder.ts";
import type { Io } from "./io.ts";
import { lookedHosts } from "./looked-hosts.ts";
import type { PlanArgs } from "./plan-input.ts";
import { plannedHosts, plannedSteps } from "./planned-steps.ts";
import { UsageError } from "./refusal.ts";
import { previewOf } from "./show-preview.ts";

export interface BoundRun {
  readonly file: PreviewFile;
  /** What to type for a new one. */
  readonly again: string;
  /** What to type to begin it. */
  readonly begin: string;
}

/**
 * The plan that a command is given: itself, or the one of the preview file that is named in its place,
 * to which the rollout is then bound. Rejects with a file that is a preview and can't be read as one.
 */
export async function planOrPreview<Args extends PlanArgs>(
  args: Args,
  io: Pick<Io, "cwd">,
): Promise<{ readonly args: Args; readonly bound: BoundRun | null }> {
  const { readPreviewFile } = await import("../sources/preview-file.ts");
  const named = resolve(io.cwd, args.plan);
  const read = await readPreviewFile(named);
  if (read.is === "other") return { args, bound: null };
  if (read.is === "broken")
    throw new UsageError(
      `${args.plan} ${read.why}`,
      `make a new one with: handrail preview PLAN --out ${pathWord(named, io)}`,
    );
  if (args.inventory !== undefined)
    throw new UsageError(
      `${args.plan} is a preview, and says itself which inventory it is of`,
      "leave --inventory out, or make a new preview with it",
    );
  const { file, plan, inventory } = read;
  const other = inventory === null ? "" : ` --inventory ${pathWord(inventory, io)}`;
  return {
    args: { ...args, plan, ...(inventory === null ? {} : { inventory }) },
    bound: {
      file,
      begin: `handrail apply ${pathWord(named, io)}`,
      again: `handrail preview ${pathWord(plan, io)}${other} --out ${pathWord(named, io)}`,
    },
  };
}

/** Rejects where the rollout would bake for another time than the preview shows. */
export function refuseOtherBakes(
  { file, again, begin }: BoundRun,
  { emergency }: { readonly emergency: boolean },
): void {
  if ((file.emergency === true) === emergency) return;
  const which = emergency ? "without --emergency" : "with --emergency";
  throw new UsageError(
    `the preview of ${file.at} was made ${which}: it shows other bakes than this rollout would have`,
    emergency ? `look at it anew: ${again} --emergency` : `${begin} --emergency --reason "…"`,
  );
}

/** Rejects where the plan, its files, its targets or Handrail are not what the preview shows. */
export async function refuseStalePlan(
  { file, again }: BoundRun,
  loaded: LoadedPlan,
): Promise<void> {
  const { digestParts } = await import("../sources/digest.ts");
  const { digest } = await previewOf(loaded);
  const changes = planChanges(file, { tool: toolVersion(), digest, parts: digestParts(loaded) });
  if (changes.length > 0) throw stale(file, changes, again);
}

/** Rejects where a host can't be looked at, or what is protected there is not as in the preview. Only looks. */
export async function refuseChangedHosts(
  { file, again }: BoundRun,
  { loaded, door }: { readonly loaded: LoadedPlan; readonly door: GuardDoor },
): Promise<void> {
  const [itinerary, planned] = [await previewOf(loaded), await plannedSteps(loaded)];
  const { concurrency } = loaded.plan.rollout;
  const hosts = await lookedHosts(plannedHosts(itinerary, planned), {
    door,
    concurrency,
    withPrints: true,
  });
  const unseen = hosts.find(({ failure }) => failure !== null)?.failure;
  if (unseen != null) throw new HandrailError(unseen);
  const now = Object.fromEntries(hosts.map(({ name, prints }) => [name, prints ?? []]));
  const changes = hostChanges(file, now);
  if (changes.length > 0) throw stale(file, changes, again);
}

function stale(file: PreviewFile, changes: readonly string[], again: string): HandrailError {
  const failure: Failure = {
    code: "PREVIEW_STALE",
    message: `the preview of ${file.at} is stale: ${changes.join("; ")}`,
    hint: `look at it anew: ${again}`,
  };
  return new HandrailError(failure);
}
