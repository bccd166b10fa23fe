import { dirname, resolve } from "node:path";
import type { RolloutEvent } from "./core/event.ts";
import type { Itinerary } from "./core/itinerary.ts";
import type { SealedBefore } from "./core/sealed-before.ts";
import { toolVersion } from "./version.ts";

export interface OpenedBy {
  readonly by: string;
  /** Paths, as they were given. */
  readonly plan: string;
  readonly inventory?: string | null;
  /** Id of the preview file that it is begun from, and whom that one's order has last. */
  readonly preview?: string | null;
  readonly previewedLast?: readonly string[] | null;
}

/** The first record of a rollout: what it will do, who began it, and from what. */
export function openedRecord(
  itinerary: Itinerary,
  { by, plan: given, inventory, preview, previewedLast }: OpenedBy,
  sealedBefore: SealedBefore | null,
): RolloutEvent {
  const plan = resolve(given);
  return {
    kind: "opened",
    itinerary,
    by,
    tool: toolVersion(),
    planFolder: dirname(plan),
    asked: { plan, inventory: inventory == null ? null : resolve(inventory) },
    ...(preview == null ? {} : { preview }),
    ...(previewedLast == null ? {} : { previewedLast }),
    ...(sealedBefore === null ? {} : { sealedBefore }),
  };
}
