import type { OddOne } from "./outliers.ts";
import type { OrderedRegion } from "./outliers-last.ts";
import type { SealedBefore } from "./sealed-before.ts";

/** What a rollout knows of instances that are not like the others, and of the order that comes of it. */
export interface OrderState {
  /** Who is not like the others; null: nobody was found so. */
  readonly odd: readonly OddOne[] | null;
  /** Which earlier rollouts stand on the targets; null: nobody knows. */
  readonly sealedBefore: SealedBefore | null;
  /** Instances that the preview put last, to whose order it is bound; null: it is bound to none. */
  readonly previewedLast: readonly string[] | null;
  /** Regions in the order that was decided for them; null: none was, and all go as they were frozen. */
  readonly ordered: readonly OrderedRegion[] | null;
}

/** Before anything is known. */
export const frozenOrder: OrderState = {
  odd: null,
  sealedBefore: null,
  previewedLast: null,
  ordered: null,
};
