import type { Host } from "./plan/inventory.ts";
import type { MaintenanceWindow } from "./plan/maintenance.ts";
import type { ApprovalRule, Bake, Plan } from "./plan/plan.ts";

/**
 * A plan after it met the inventory: every region, batch, instance and step in the order in which
 * the rollout will visit them. Frozen when the rollout opens; kept whole in the journal's first
 * record, so that resume, status and report need nothing but the journal. Holds no secret's value.
 */
export interface Itinerary {
  /** As in `kb-4711-20261123-0312-7f3a`: plan, start in UTC, four hex digits. */
  readonly rollout: string;
  /** sha256, in hex, of plan, referenced files, targets and tool version. */
  readonly digest: string;
  readonly plan: Plan;
  readonly inventory: { readonly name: string; readonly production: boolean };
  readonly regions: readonly ItineraryRegion[];
  /** By instance name. */
  readonly instances: Readonly<Record<string, ItineraryInstance>>;
  readonly maxBad: { readonly rollout: number };
  /** By step: does the host keep a receipt for it? false for `http`, which the controller does by itself. */
  readonly receipted: readonly boolean[];
  /** Nobody may decide to go on without a step that the plan marks `required`; absent: it marks none. */
  readonly requires?: true;
  /** It was started as an emergency: bakes are shorter, and somebody must approve that. Absent: it was not. */
  readonly emergency?: { readonly reason: string; readonly rule: ApprovalRule };
  /** Files that the plan refers to, by the path written in the plan. */
  readonly files: Readonly<Record<string, readonly ReferencedFile[]>>;
}

export interface ItineraryRegion {
  readonly name: string;
  readonly timezone: string | null;
  /** Waits for a person before its first instance is touched. */
  readonly approve: boolean;
  /** Who may be that person, and how many it takes; absent: anybody, once. */
  readonly approval?: ApprovalRule;
  /** In the region's zone (null: UTC). Nothing begins outside them; absent: at any time. */
  readonly windows?: readonly MaintenanceWindow[];
  readonly batches: readonly ItineraryBatch[];
  readonly maxBad: number;
  readonly bake: Bake;
}

export interface ItineraryBatch {
  /** Names, in order. */
  readonly instances: readonly string[];
  readonly maxBad: number;
}

export interface ItineraryInstance {
  readonly name: string;
  readonly region: string;
  readonly hosts: readonly Host[];
  /** Everything that `${name}` can say here, by name: plan vars, instance, region and host fields. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * Hosts, by name, on which `${name}` says something else: `host`, `address`, and what names them.
   * Absent where the instance has one host.
   */
  readonly byHost?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One file of what a step refers to; a folder gives many. */
export interface ReferencedFile {
  /** Path below the folder, or the file's own name. */
  readonly path: string;
  /** Permission bits as four octal digits. */
  readonly mode: string;
  readonly sha256: string;
  readonly size: number;
}
