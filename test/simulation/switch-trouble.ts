import type { Note, RolloutEvent } from "../../src/core/event.ts";
import type { InstanceState, RolloutState } from "../../src/core/state.ts";
import { isGuarded } from "../../src/core/stand-down.ts";
import type { HostModel } from "./host-model.ts";

/**
 * What the switches on the hosts say against the records, one after the other: a step that counts as
 * done was confirmed by each of its hosts, never fired and never left open; and where people may lend a
 * hand, nothing fires.
 */
export class SwitchWatch {
  readonly #hosts: ReadonlyMap<string, HostModel>;
  /** Instances whose rollback was asked to leave alone what was changed later, when it began. */
  readonly #sparing = new Set<string>();

  constructor(hosts: ReadonlyMap<string, HostModel>) {
    this.#hosts = hosts;
  }

  /** Sentences about what is broken, after this record. */
  trouble(event: RolloutEvent, after: RolloutState): readonly string[] {
    if (event.kind === "intent") this.#begin(event.action.instance, after);
    if (event.kind === "outcome") return this.#ended(event, after);
    if (event.kind === "noted") return this.#noted(event.note, after);
    if (event.kind !== "parked" && event.kind !== "closed") return [];
    return [...after.instances.values()]
      .filter(rests)
      .flatMap((it) =>
        this.#hostsOf(after, it.name).flatMap((host) =>
          [...host.switches.values()]
            .filter((armed) => armed.isArmed)
            .map((armed) => `6: ${it.name} is ${it.phase} with ${armed.key} armed on ${host.name}`),
        ),
      );
  }

  #begin(instance: string, after: RolloutState): void {
    if (after.mode !== "undoing" || after.over) {
      this.#sparing.delete(instance);
      return;
    }
    if (this.#sparing.has(instance)) return;
    this.#sparing.add(instance);
    // What was replaced because somebody asked for it, by a restore whose answer may have been lost.
    for (const host of this.#hostsOf(after, instance)) forgetReplaced(host);
  }

  #ended(
    { action, outcome }: Extract<RolloutEvent, { kind: "outcome" }>,
    after: RolloutState,
  ): readonly string[] {
    if (action.kind !== "apply" || outcome.is !== "done") return [];
    const { instance, step } = action;
    if (!isGuarded(after.itinerary, step)) return [];
    const key = keyOf(after, instance, step);
    return this.#hostsOf(after, instance).flatMap((host) => {
      const decision = host.switches.get(key)?.decision ?? "none";
      return decision === "disarmed"
        ? []
        : [`11: ${key} is done although its switch on ${host.name} is ${decision}`];
    });
  }

  /** Disarmed too early, or over what a person did. */
  #noted(note: Note, after: RolloutState): readonly string[] {
    const host = this.#hosts.get(note.host ?? note.instance);
    if (host === undefined) return [];
    if (note.kind === "guard.disarmed" && note.because === "taken back") {
      const key = keyOf(after, note.instance, note.step);
      const owed = host.switches.get(key)?.owed ?? 0;
      return owed === 0
        ? []
        : [`3: ${key} on ${host.name} is disarmed with ${owed} paths to go back`];
    }
    if (note.kind !== "restored") return [];
    const gone = forgetReplaced(host);
    if (!this.#sparing.has(note.instance)) return [];
    return gone.map(
      (path) => `11: ${path} on ${host.name} was changed by hand, and replaced unasked`,
    );
  }

  #hostsOf(state: RolloutState, instance: string): readonly HostModel[] {
    return (state.itinerary.instances[instance]?.hosts ?? []).flatMap(
      ({ name }) => this.#hosts.get(name) ?? [],
    );
  }
}

function keyOf(state: RolloutState, instance: string, step: number): string {
  const generation = state.instances.get(instance)?.bases[step] ?? 1;
  return `${instance}.${step + 1}${generation === 1 ? "" : `.g${generation}`}`;
}

/** Where the host may be out of reach, its switch is the one that acts. */
function rests(it: InstanceState): boolean {
  return it.phase !== "unknown" && it.phase !== "rollback-failed";
}

/** Paths that were changed by hand and are not so any more; told once. */
function forgetReplaced(host: HostModel): readonly string[] {
  const gone = [...host.byHand].filter(([path, by]) => host.tree.get(path) !== by);
  for (const [path] of gone) host.byHand.delete(path);
  return gone.map(([path]) => path);
}
