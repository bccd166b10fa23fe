import { dirname, resolve } from "node:path";
import { breaking } from "../core/static-review/finding.ts";
import { undeclaredEmergency } from "../core/emergency.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { quoted } from "../core/plan/quoted.ts";
import { oneLine } from "../core/printable.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import type { CiFiles } from "./ci-files.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io, TextOutput } from "./io.ts";
import { receiverWords } from "./notice-rows.ts";
import { pageFor } from "./onlookers.ts";
import { loadOrRefuse, type PlanArgs } from "./plan-input.ts";
import { lookedHosts } from "./looked-hosts.ts";
import { openApp } from "./open-app.ts";
import { plannedHosts, type PlannedSteps, plannedSteps } from "./planned-steps.ts";
import { UsageError } from "./refusal.ts";
import { regenerationsKnown } from "./regeneration-known.ts";
import { rehearsalsKnown } from "./rehearsals-known.ts";
import { sealedKnown } from "./sealed-known.ts";
import { pathWord, stateBeside, type StateArgs } from "./state-folder.ts";
import { toolVersion } from "../version.ts";
import type { SureFailure } from "../views/preview-effects.ts";
import type { PreviewHost } from "../views/preview-hosts.ts";
import type { PreviewOptions } from "../views/preview-json.ts";

export interface PreviewArgs extends PlanArgs, StateArgs {
  readonly json: boolean;
  /** Look at the hosts too. */
  readonly hosts?: boolean;
  /** Look at the hosts, and write the preview to this file. */
  readonly out?: string | undefined;
  readonly color?: boolean | undefined;
  /** With the bakes of an emergency. */
  readonly emergency?: boolean;
  /** Tell by the exit code whether anything would change. */
  readonly detailed?: boolean;
}

/**
 * Prints what a rollout of this plan would do. Reads files only; hosts are looked at when that is
 * asked for, and then one where a rollout would be refused makes the exit code say so; so does a step
 * whose commands would surely break a policy.
 */
export async function showPreview(args: PreviewArgs, io: Io, ci: CiFiles): Promise<number> {
  const loaded = await loadOrRefuse(args);
  const itinerary = await previewOf(loaded, emergencyOf(loaded, args));
  const planned = await plannedSteps(loaded);
  // What would be refused is bound to nothing, so nobody need be asked how it stands there.
  const breaks = breaking(loaded.findings).length > 0;
  const looks = args.hosts === true || (args.out !== undefined && !breaks);
  const hosts = looks ? await hostsOf({ loaded, itinerary, planned }, args, io) : null;
  const past = await pastOf(itinerary, stateOf(loaded, args, io), io);
  const options = { ...(await previewOptions({ loaded, planned }, hosts)), ...past };
  const { previewJson } = await import("../views/preview-json.ts");
  const { previewText } = await import("../views/preview-text.ts");
  if (args.json) {
    io.stdout.write(`${JSON.stringify(previewJson(itinerary, options), null, 2)}\n`);
  } else {
    io.stdout.write(previewText(itinerary, { ...(await pageFor(args, io)), ...options }));
  }
  const exit = await kept({ args, io, breaks, hosts, loaded, itinerary, options });
  const { previewReport } = await import("../views/preview-report.ts");
  const begins =
    args.out === undefined
      ? `${pathWord(resolve(io.cwd, args.plan), io)} --approve ${itinerary.digest}${args.emergency === true ? ' --emergency --reason "…"' : ""}`
      : pathWord(resolve(io.cwd, args.out), io);
  ci.tell(
    previewReport(previewJson(itinerary, options), {
      text: previewText(itinerary, { color: false, columns: null, ...options }),
      command: `${io.called} apply ${begins}`,
      exit,
      at: new Date().toISOString(),
    }),
  );
  return exit;
}

/** Writes the file that was asked for, and gives the exit code of the preview. */
async function kept({
  args,
  io,
  breaks,
  hosts,
  loaded,
  itinerary,
  options,
}: ToTell): Promise<number> {
  const { wouldChange, sureFailures } = await import("../views/preview-effects.ts");
  const { rehearsedBreaks } = await import("../views/preview-rehearsed.ts");
  const [broken] = rehearsedBreaks(options.rehearsed ?? []);
  if (breaks || broken !== undefined) {
    if (args.out !== undefined) {
      const why = breaks
        ? "a rollout would be refused"
        : `a rehearsal of it broke a policy on ${oneLine(broken!.instance)}; mend that, and rehearse again`;
      io.stderr.write(`No preview was written to ${args.out}: ${why}.\n`);
    }
    return exitCodes.wouldBreak;
  }
  const refused = hosts?.filter((it) => it.failure !== null || it.troubles.length > 0) ?? [];
  const failing = sureFailures(hosts ?? []);
  if (args.out !== undefined) {
    const to = { out: args.out, args, io };
    const order = { ...to, hosts: hosts ?? [], refused, failing, options };
    await keepPreview({ loaded, itinerary }, order);
  }
  if (refused.length > 0 || failing.length > 0) return exitCodes.refused;
  const tells = args.detailed === true && wouldChange(itinerary.plan.steps, hosts);
  return tells ? exitCodes.effects : exitCodes.done;
}

interface ToTell {
  readonly args: PreviewArgs;
  readonly io: Io;
  /** Would a rollout be refused for what the static review found? */
  readonly breaks: boolean;
  readonly hosts: readonly PreviewHost[] | null;
  readonly loaded: LoadedPlan;
  readonly itinerary: Itinerary;
  readonly options: PreviewOptions;
}

/** What a preview is drawn from, beside the itinerary and what is kept of the past. */
export async function previewOptions(
  { loaded, planned }: Omit<Forecast, "itinerary">,
  hosts: readonly PreviewHost[] | null,
): Promise<PreviewOptions> {
  const { findings, inventory } = loaded;
  const windows = Object.fromEntries(
    inventory.regions.map(({ name, maintenance }) => [name, maintenance]),
  );
  const calendar = { atMs: Date.now(), windows };
  const receiver = await receiverWords();
  return { forecast: planned.forecast, hosts, findings, calendar, receiver };
}

/** What this controller knows of earlier rehearsals and rollouts. Reads only, and makes no folder. */
async function pastOf(itinerary: Itinerary, state: string, io: Io) {
  const rehearsals = await rehearsalsKnown(state, itinerary.digest);
  const regenerations = await regenerationsKnown(itinerary, state, io);
  const troubles = [
    [rehearsals.trouble, "what rehearsals found"],
    [regenerations.trouble, "how long paths took to come back"],
  ] as const;
  return {
    rehearsed: rehearsals.found,
    regenerations: regenerations.found,
    sealedBefore: await sealedKnown(itinerary, state, io),
    notKnown: troubles.flatMap(([why, what]) => (why === null ? [] : [`${what}: ${why}`])),
  };
}

interface ToKeep {
  readonly out: string;
  readonly args: PreviewArgs;
  readonly io: Io;
  readonly hosts: readonly PreviewHost[];
  /** Hosts on which a rollout would be refused: then there is nothing to bind one to. */
  readonly refused: readonly PreviewHost[];
  /** Steps that would fail: it would be bound to a rollout that halts. */
  readonly failing: readonly SureFailure[];
  readonly options: PreviewOptions;
}

async function keepPreview(
  { loaded, itinerary }: Omit<Forecast, "planned">,
  { out, args, io, hosts, refused, failing, options }: ToKeep,
): Promise<void> {
  const blind = hosts.find(({ prints }) => prints?.some(({ print }) => print === null));
  const [first] = refused;
  const [failure] = failing;
  if (first !== undefined || blind !== undefined || failure !== undefined) {
    const why =
      first !== undefined
        ? `a rollout would be refused on ${first.name}`
        : blind !== undefined
          ? `${blind.name} could not tell how what is protected there stands`
          : failureWords(failure!, itinerary);
    throw new UsageError(
      `no preview was written to ${out}: ${why}`,
      "put that right, and look again",
    );
  }
  const { previewJson } = await import("../views/preview-json.ts");
  const { orderSeen } = await import("../views/preview-odd.ts");
  const { writePreviewFile } = await import("../sources/preview-file.ts");
  const trouble = await writePreviewFile(resolve(io.cwd, out), {
    loaded,
    plan: resolve(io.cwd, args.plan),
    emergency: args.emergency === true,
    inventory: args.inventory === undefined ? null : resolve(io.cwd, args.inventory),
    tool: toolVersion(),
    at: new Date().toISOString(),
    hosts: Object.fromEntries(hosts.map(({ name, prints }) => [name, prints ?? []])),
    last:
      itinerary.plan.rollout.onOutlier === "last" ? [...orderSeen(itinerary, options).last] : null,
    preview: previewJson(itinerary, options),
  });
  if (trouble !== null) throw new UsageError(`${out} ${trouble}`, "name another file with --out");
  io.stderr.write(
    `Written to ${out}. It works once: ${io.called} apply ${pathWord(resolve(io.cwd, out), io)}\n`,
  );
}

function failureWords({ step, instance, path, says }: SureFailure, { plan }: Itinerary): string {
  return `step ${quoted(plan.steps[step]?.name ?? "?")} would fail on ${instance}: ${quoted(path)} ${says}`;
}

interface Forecast {
  readonly loaded: LoadedPlan;
  readonly itinerary: Itinerary;
  readonly planned: PlannedSteps;
}

function stateOf(loaded: LoadedPlan, args: StateArgs & { readonly plan: string }, io: Io): string {
  return stateBeside(args, io, loaded.inventoryFile ?? args.plan);
}

async function hostsOf({ loaded, itinerary, planned }: Forecast, args: PreviewArgs, io: Io) {
  await using app = await openApp(stateOf(loaded, args, io), io);
  const { concurrency } = loaded.plan.rollout;
  const { foresightOf } = await import("./foresight.ts");
  return await lookedHosts(plannedHosts(itinerary, planned), {
    door: app.door,
    concurrency,
    withPrints: args.out !== undefined,
    withFacts: true,
    foresight: await foresightOf(loaded, dirname(resolve(io.cwd, args.plan)), io),
  });
}

export interface PrintOrder {
  /** `reason`: why it is an emergency; absent and null: it is none. */
  readonly args: StateArgs & {
    readonly plan: string;
    readonly color?: boolean | undefined;
    readonly reason?: string | null;
  };
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
  const itinerary = await previewOf(loaded, args.reason ?? null);
  const planned = await plannedSteps(loaded);
  const options = {
    ...(await previewOptions({ loaded, planned }, null)),
    ...(await pastOf(itinerary, stateOf(loaded, args, io), io)),
  };
  output.write(previewText(itinerary, { ...page, ...options }));
}

/** A preview has no reason yet. Rejects where the plan declares no emergency. */
function emergencyOf({ plan }: LoadedPlan, args: PreviewArgs): string | null {
  if (args.emergency !== true) return null;
  if (plan.rollout.emergency !== undefined) return "the one that apply will give";
  throw new UsageError(`no emergency: ${undeclaredEmergency.why}`, undeclaredEmergency.hint);
}

/**
 * The itinerary that a rollout would freeze; it has the digest, and an id that nobody uses. `emergency`: why
 * it is one.
 */
export async function previewOf(
  loaded: LoadedPlan,
  emergency: string | null = null,
): Promise<Itinerary> {
  const { freeze } = await import("../core/freeze.ts");
  const { digestOf } = await import("../sources/digest.ts");
  const digest = digestOf(loaded, toolVersion());
  return freeze({ ...loaded, rollout: "preview", digest, emergency });
}
