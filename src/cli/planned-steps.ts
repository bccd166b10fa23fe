import type { SnapshotPath } from "../core/effects.ts";
import { type FingerprintPath, fingerprintPaths } from "../core/fingerprint.ts";
import type { Itinerary, ItineraryInstance } from "../core/itinerary.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { serviceUnits } from "../core/plan/service-units.ts";
import {
  hostVariables,
  namesIn,
  secretStandIns,
  substitute,
  type Variables,
} from "../core/variables.ts";
import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import type { StepForecast } from "../views/preview-steps.ts";
import type { WrittenChange } from "./foresee.ts";

export interface WrittenPath {
  /** As the plan has it: "${home}/tmp". */
  readonly written: string;
  readonly path: PathText;
}

export interface WrittenUnit {
  /** As the plan has it: "${app}". */
  readonly written: string;
  readonly unit: string;
}

export interface PlannedSteps {
  /** What a step would do on an instance (its first host), in the words of the plan. */
  readonly forecast: (step: StepSpec, instance: ItineraryInstance) => StepForecast;
  /** Trees that the steps of the plan would have snapshotted on this host of an instance. */
  readonly paths: (instance: ItineraryInstance, host: Host) => readonly SnapshotPath[];
  /** Protected paths of this host of an instance, in the plan's order. */
  readonly protects: (instance: ItineraryInstance, host: Host) => readonly WrittenPath[];
  /** systemd units that the plan is about, on this host of an instance. */
  readonly units: (instance: ItineraryInstance, host: Host) => readonly WrittenUnit[];
  /** What of this host a preview of the plan stands on. */
  readonly prints: (instance: ItineraryInstance, host: Host) => readonly FingerprintPath[];
  /** Programs that the steps need on this host of an instance. */
  readonly needs: (instance: ItineraryInstance, host: Host) => readonly NeededTool[];
  /** What the steps that run on this host of an instance would do to its files. */
  readonly changes: (instance: ItineraryInstance, host: Host) => readonly StepChanges[];
}

export interface NeededTool {
  readonly tool: string;
  /** Name of the step that needs it. */
  readonly step: string;
}

export interface StepChanges {
  /** Index of the step in the plan. */
  readonly step: number;
  readonly name: string;
  /** null: nobody knows; the step may do anything. */
  readonly changes: readonly WrittenChange[] | null;
}

interface HostForecast extends StepForecast {
  readonly needs: readonly NeededTool[];
  /** Of `writes`, what the step's kind writes by itself, and the plan need not declare. */
  readonly ownWrites: readonly string[];
}

/** What the plan's steps come to, with every value filled in but those of secrets. */
export async function plannedSteps(loaded: LoadedPlan): Promise<PlannedSteps> {
  const { stepKind } = await import("../steps/registry.ts");
  const { fileContent } = await import("../sources/load-plan.ts");
  const { plan } = loaded;
  const files = fileContent(loaded.files);
  const secrets = secretStandIns(Object.keys(plan.secrets));

  function forecast(step: StepSpec, instance: ItineraryInstance): StepForecast {
    const host = instance.hosts[0];
    if (host === undefined) throw new Error(`"${instance.name}" has no host`);
    return forecastOn(step, instance, host);
  }

  function forecastOn(step: StepSpec, instance: ItineraryInstance, host: Host): HostForecast {
    const env = { ...hostVariables(instance, host), ...secrets };
    const { work } = step;
    const kind = stepKind(work.kind);
    if (kind === null) throw new Error(`no step kind is named "${work.kind}"`);
    const orders = kind.orders(kind.substitutes ? substitute(work.args, env) : work.args, {
      env,
      files,
    });
    const own = orders.do === "script" ? orders.writes : [];
    const isText = work.kind === "run" || work.kind === "script";
    return {
      summary: orders.summary,
      text: isText && orders.do === "script" ? orders.script : "",
      writes: [...own, ...substitute(step.writes, env)],
      ownWrites: own,
      needs: orders.do === "script" ? orders.needs.map((tool) => ({ tool, step: step.name })) : [],
      allow: substitute(step.allow, env),
      protect: substitute(plan.protect, env),
      names: namesIn([kind.substitutes ? work.args : null, step.writes, step.allow]),
    };
  }

  /** Of the steps that run on this host of the instance. */
  function forecastsOn(instance: ItineraryInstance, host: Host): readonly HostForecast[] {
    const [first] = instance.hosts;
    return plan.steps
      .filter((step) => step.on === "host" && (step.hosts === "all" || host.name === first?.name))
      .map((step) => forecastOn(step, instance, host));
  }

  /** null: its kind does not say. */
  function changesOf(step: StepSpec, env: Variables): readonly WrittenChange[] | null {
    const { args, kind: name } = step.work;
    const kind = stepKind(name);
    if (kind?.changes === undefined) return name === "run" || name === "script" ? null : [];
    const changes = kind.changes(substitute(args, env), { env, files });
    // The same with the plan's own words; files that they name are found by the values.
    const written = kind.changes(args, { env, files: (path) => files(substitute(path, env)) });
    const isLike = written.length === changes.length;
    return changes.map((change, at) => ({
      ...change,
      written: (isLike ? written[at] : null)?.path ?? change.path,
    }));
  }

  return {
    forecast,
    changes(instance, host) {
      const env = { ...hostVariables(instance, host), ...secrets };
      const [first] = instance.hosts;
      return plan.steps.flatMap((step, index) => {
        if (step.on !== "host" || (step.hosts === "first" && host.name !== first?.name)) return [];
        return [{ step: index, name: step.name, changes: changesOf(step, env) }];
      });
    },
    needs: (instance, host) => forecastsOn(instance, host).flatMap(({ needs }) => needs),
    paths(instance, host) {
      const forecasts = forecastsOn(instance, host);
      return snapshotPaths({
        protect: forecasts[0]?.protect ?? [],
        writes: forecasts.flatMap(({ writes }) => writes),
      });
    },
    protects(instance, host) {
      const env = { ...hostVariables(instance, host), ...secrets };
      return plan.protect.map(({ path }) => ({
        written: path,
        path: treePath(substitute(path, env)),
      }));
    },
    units(instance, host) {
      const env = { ...hostVariables(instance, host), ...secrets };
      return serviceUnits(plan).map((unit) => ({ written: unit, unit: substitute(unit, env) }));
    },
    prints(instance, host) {
      const forecasts = forecastsOn(instance, host);
      return fingerprintPaths({
        protect: forecasts[0]?.protect ?? [],
        files: forecasts.flatMap(({ ownWrites }) => ownWrites),
      });
    },
  };
}

export interface PlannedHost {
  readonly host: Host;
  /** Names of the instances that run there. */
  readonly instances: readonly string[];
  readonly paths: readonly SnapshotPath[];
  readonly prints: readonly FingerprintPath[];
  /** Protected paths, as they are there and as the plan writes them. */
  readonly protects: readonly WrittenPath[];
  readonly units: readonly WrittenUnit[];
  /** The same for each of its instances: one host may have trees of several. */
  readonly places: readonly PlannedPlace[];
  readonly needs: readonly NeededTool[];
  /** By instance: what its steps would do there. */
  readonly changes: () => readonly InstanceChanges[];
}

export interface PlannedPlace {
  readonly instance: string;
  readonly protects: readonly WrittenPath[];
  readonly units: readonly WrittenUnit[];
}

export interface InstanceChanges {
  readonly instance: string;
  readonly steps: readonly StepChanges[];
}

/** Every host that the itinerary goes to, once, in its order, with the trees of all its instances. */
export function plannedHosts(itinerary: Itinerary, planned: PlannedSteps): readonly PlannedHost[] {
  const all = itinerary.regions
    .flatMap(({ batches }) => batches.flatMap(({ instances }) => instances))
    .flatMap((name) => {
      const instance = itinerary.instances[name];
      return instance === undefined ? [] : instance.hosts.map((host) => ({ instance, host }));
    });
  const groups = Map.groupBy(all, ({ host }) =>
    JSON.stringify([host.name, host.address, host.spool]),
  );
  return [...groups.values()].map((group) => {
    const paths = group.flatMap(({ instance, host }) => planned.paths(instance, host));
    const places = group.map(({ instance, host }): PlannedPlace => ({
      instance: instance.name,
      protects: planned.protects(instance, host),
      units: planned.units(instance, host),
    }));
    const protects = places.flatMap((it) => it.protects);
    const needs = group.flatMap(({ instance, host }) => planned.needs(instance, host));
    const prints = group.flatMap(({ instance, host }) => planned.prints(instance, host));
    const units = places.flatMap((it) => it.units);
    return {
      host: group[0]!.host,
      instances: group.map(({ instance }) => instance.name),
      paths: [...new Map(paths.map((path) => [path.path, path])).values()],
      protects: [...new Map(protects.map((it) => [it.path, it])).values()],
      units: [...new Map(units.map((it) => [it.unit, it])).values()],
      places,
      prints: [...new Map(prints.map((it) => [`${it.extent} ${it.path}`, it])).values()],
      needs: [...new Map(needs.map((it) => [`${it.tool} ${it.step}`, it])).values()],
      changes: () =>
        group.map(({ instance, host }) => ({
          instance: instance.name,
          steps: planned.changes(instance, host),
        })),
    };
  });
}
