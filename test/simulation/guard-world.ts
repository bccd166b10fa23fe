import type { HostModel } from "./host-model.ts";
import type { RunnerLife } from "./runner-life.ts";
import type { Chance } from "./seeded.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What one runner's connections to simulated hosts are made of. */
export interface GuardWorld {
  readonly hosts: ReadonlyMap<string, HostModel>;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** The same for whoever only looks. */
  readonly looks: Chance;
  /** Probability of trouble in one call to a host. */
  readonly faultRate: number;
  /** The runner that this door belongs to; after its death nothing it does has an effect. */
  readonly life: RunnerLife;
  readonly contacted: Set<string>;
  /** Of the runner that took the rollout up last. */
  readonly newestEpoch: () => number;
  /** Is the intent for what is about to happen in the journal? */
  readonly intended: (host: string, kind: "snapshot" | "apply" | "revert", key: string) => boolean;
}
