import { watchedIn } from "../../src/core/after-late-harm.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { DrawnHarm } from "./draw-late.ts";
import type { Fate } from "./fate.ts";
import type { HostModel } from "./host-model.ts";
import type { Life, VirtualClock } from "./virtual-clock.ts";

/** Of the first look of a runner, and of answers on the way. */
const slackMs = 8_000;

/** What happens to hosts whose instance is sealed, and whether the rollout hears of it in time. */
export class LateWorld {
  readonly #fate: Fate;
  readonly #clock: VirtualClock;
  readonly #hosts: ReadonlyMap<string, HostModel>;
  /** Where the rollout stands by its last record. */
  #now: RolloutState;
  /** Since when each instance is looked at by the present runner. */
  readonly #lookedAt = new Map<string, { readonly life: Life; readonly sinceMs: number }>();
  /** Instances that were sealed at some time. */
  readonly #drawn = new Set<string>();
  readonly violations: string[] = [];

  constructor(fate: Fate, clock: VirtualClock, hosts: ReadonlyMap<string, HostModel>) {
    this.#fate = fate;
    this.#clock = clock;
    this.#hosts = hosts;
    this.#now = openRollout(fate.itinerary);
  }

  /** After each record that is durable, and who has written it. */
  saw(after: RolloutState, life: Life): void {
    this.#now = after;
    const watched = new Set(watchedIn(after));
    for (const name of this.#lookedAt.keys()) if (!watched.has(name)) this.#lookedAt.delete(name);
    for (const name of watched)
      if (this.#lookedAt.get(name)?.life !== life)
        this.#lookedAt.set(name, { life, sinceMs: this.#clock.nowMs });
    for (const it of after.instances.values()) {
      // A runner that dies at once tells nobody that it has sealed something.
      if (it.phase !== "sealed" || this.#drawn.has(it.name)) continue;
      this.#drawn.add(it.name);
      for (const host of this.#fate.itinerary.instances[it.name]?.hosts ?? []) {
        const harm = this.#fate.lateHarms.get(host.name);
        if (harm !== undefined)
          this.#clock.after(harm.afterMs, () => this.#befall(it.name, host.name, harm));
      }
    }
  }

  #befall(name: string, on: string, harm: DrawnHarm): void {
    const host = this.#hosts.get(on);
    const isSealed = (): boolean => {
      const it = this.#now.instances.get(name);
      return this.#now.closed === null && it?.phase === "sealed" && it.pending === null;
    };
    if (host === undefined || !isSealed()) return;
    host.turnBad(harm.what);
    const looked = this.#lookedAt.get(name);
    const { watch } = this.#fate.itinerary.plan.rollout;
    // Where lines break and hosts fail, what can't be told is told as that.
    if (this.#fate.faultRate > 0 || watch === undefined || looked === undefined) return;
    if (host.regenerates && harm.what !== "breaks") return;
    // One temp file of several may have run out by itself: only told. Without `a` users are not served.
    const temps = [...host.tree.keys()].filter((path) => path.startsWith("/srv/app/tmp/"));
    if (harm.what === "loses b" && temps.length > 1) return;
    const { retryMs } = this.#fate.itinerary.regions[0]?.bake ?? { retryMs: 0 };
    if (this.#clock.nowMs - looked.sinceMs < slackMs) return;
    this.#clock.after(watch.everyMs + retryMs + slackMs, () => {
      if (looked.life.value && isSealed() && this.#lookedAt.get(name) === looked)
        this.violations.push(`9: ${on} ${harm.what} after it was sealed, and nobody has seen it`);
    });
  }
}

/** What a journal says of harm on sealed instances, against how it ends. */
export function lateTrouble(
  events: readonly RolloutEvent[],
  state: RolloutState,
): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind !== "late-harm") return [];
    const { instance } = event.harm;
    const phase = state.instances.get(instance)?.phase;
    return [
      ...(phase === "sealed" ? [`9: ${instance} ends sealed, and had turned bad`] : []),
      ...(state.closed === "sealed" ? [`9: it ends green, and ${instance} had turned bad`] : []),
    ];
  });
}
