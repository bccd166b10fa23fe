import type { Note, RolloutEvent } from "../../src/core/event.ts";
import type { InstanceState, RolloutState } from "../../src/core/state.ts";
import { isGuarded } from "../../src/core/stand-down.ts";
import type { HostModel } from "./host-model.ts";

/**
 * What the switches on the hosts say against this record: a step that counts as done was confirmed by
 * each of its hosts, never fired and never left open; and where people may lend a hand, nothing fires.
 */
export function switchTrouble(
  hosts: ReadonlyMap<string, HostModel>,
  event: RolloutEvent,
  after: RolloutState,
): readonly string[] {
  if (event.kind === "outcome" && event.action.kind === "apply" && event.outcome.is === "done") {
    const { instance, step } = event.action;
    if (!isGuarded(after.itinerary, step)) return [];
    const it = after.instances.get(instance);
    const generation = it?.bases[step] ?? 1;
    const key = `${instance}.${step + 1}${generation === 1 ? "" : `.g${generation}`}`;
    return hostsOf(hosts, after, instance).flatMap((host) => {
      const decision = host.switches.get(key)?.decision ?? "none";
      return decision === "disarmed"
        ? []
        : [`11: ${key} is done although its switch on ${host.name} is ${decision}`];
    });
  }
  if (event.kind === "noted") return noteTrouble(hosts, event.note, after);
  if (event.kind !== "parked" && event.kind !== "closed") return [];
  return [...after.instances.values()]
    .filter(rests)
    .flatMap((it) =>
      hostsOf(hosts, after, it.name).flatMap((host) =>
        [...host.switches.values()]
          .filter((armed) => armed.isArmed)
          .map((armed) => `6: ${it.name} is ${it.phase} with ${armed.key} armed on ${host.name}`),
      ),
    );
}

/** Disarmed too early, or over what a person did. */
function noteTrouble(
  hosts: ReadonlyMap<string, HostModel>,
  note: Note,
  { mode, over, instances }: RolloutState,
): readonly string[] {
  const host = hosts.get(note.host ?? note.instance);
  if (host === undefined) return [];
  if (note.kind === "guard.disarmed" && note.because === "taken back") {
    const base = instances.get(note.instance)?.bases[note.step] ?? 1;
    const key = `${note.instance}.${note.step + 1}${base === 1 ? "" : `.g${base}`}`;
    const owed = host.switches.get(key)?.owed ?? 0;
    return owed === 0
      ? []
      : [`3: ${key} on ${host.name} is disarmed with ${owed} paths to go back`];
  }
  if (note.kind !== "restored" || mode !== "undoing" || over) return [];
  return (note.setAside ?? [])
    .filter((path) => host.byHand.has(path))
    .map((path) => `11: ${path} on ${host.name} was changed by hand, and replaced unasked`);
}

/** Where the host may be out of reach, its switch is the one that acts. */
function rests(it: InstanceState): boolean {
  return it.phase !== "unknown" && it.phase !== "rollback-failed";
}

function hostsOf(
  hosts: ReadonlyMap<string, HostModel>,
  state: RolloutState,
  instance: string,
): readonly HostModel[] {
  return (state.itinerary.instances[instance]?.hosts ?? []).flatMap(
    ({ name }) => hosts.get(name) ?? [],
  );
}
