import type { RolloutEvent } from "../../src/core/event.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import type { HostModel } from "./host-model.ts";

/** Hosts of which one can be told from the others. */
const hostsMin = 4;

/**
 * What a journal says of the odd one out, held against what hosts really are: whoever is like the others
 * is told of nowhere, and the one that is not is told of before anything begins, and waited or stopped for.
 */
export function outlierTrouble(
  itinerary: Itinerary,
  events: readonly RolloutEvent[],
  hosts: ReadonlyMap<string, HostModel>,
): readonly string[] {
  const broken: string[] = [];
  const policy = itinerary.plan.rollout.onOutlier;
  /** Instances by host, of which preflight has heard what it is like. */
  const heard = new Map<string, string>();
  const approved = new Set<string>();
  let isTold = false;
  const odd = (): string | null => {
    const names = [...heard.keys()].filter((name) => hosts.get(name)?.isOdd === true);
    const [only, ...more] = names;
    return heard.size < hostsMin || only === undefined || more.length > 0
      ? null
      : (heard.get(only) ?? null);
  };
  for (const event of events) {
    if (event.kind === "noted" && event.note.kind === "host.facts")
      heard.set(event.note.host ?? event.note.instance, event.note.instance);
    if (event.kind === "outliers-found") {
      isTold = true;
      for (const { host } of event.outliers)
        if (hosts.get(host)?.isOdd !== true)
          broken.push(`7: ${host} is told to be unlike the others, and is like them`);
    }
    if (event.kind === "asked" && event.wish.kind === "approve") approved.add(event.wish.region);
    const instance = odd();
    if (instance === null) continue;
    if (event.kind === "preflight-passed" && !isTold)
      broken.push(`7: nobody was told that ${instance} is unlike the others`);
    if (event.kind === "preflight-passed" && policy === "stop")
      broken.push(`5: the rollout goes on, and was to stop for ${instance}`);
    if (event.kind !== "region-started" || policy !== "ask") continue;
    const isIn = itinerary.instances[instance]?.region === event.region;
    if (isIn && !approved.has(event.region))
      broken.push(`1: region ${event.region} begins, and nobody was asked about ${instance}`);
  }
  return broken;
}
