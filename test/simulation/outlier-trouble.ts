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
    if (event.kind === "preflight-passed" && policy === "last")
      broken.push(...brokenByOrder(itinerary, events, instance));
    if (event.kind !== "region-started" || policy !== "ask") continue;
    const isIn = itinerary.instances[instance]?.region === event.region;
    if (isIn && !approved.has(event.region))
      broken.push(`1: region ${event.region} begins, and nobody was asked about ${instance}`);
  }
  return broken;
}

/**
 * Who is unlike the others comes after all of them in its region and alone, in an order that has the same
 * instances and no larger batch than the one that was printed.
 */
function brokenByOrder(
  itinerary: Itinerary,
  events: readonly RolloutEvent[],
  odd: string,
): readonly string[] {
  const broken: string[] = [];
  const region = itinerary.regions.find(({ name }) => name === itinerary.instances[odd]?.region);
  if (region === undefined) return [`12: ${odd} is in no region`];
  const printed = region.batches.map(({ instances }) => instances);
  const decided = events.flatMap((event) => (event.kind === "order-decided" ? [event] : []));
  if (decided.length > 1) broken.push("7: an order was decided twice");
  const now =
    decided[0]?.regions
      .find((it) => it.region === region.name)
      ?.batches.map(({ instances }) => instances) ?? printed;
  const isAlone = printed.flat().length === 1;
  if (now.at(-1)?.join() !== odd && !isAlone)
    broken.push(`1: ${odd} is unlike the others and does not go last and alone`);
  if (now.flat().toSorted().join() !== printed.flat().toSorted().join())
    broken.push(`12: the order of ${region.name} has other instances than were frozen`);
  if (Math.max(...now.map(({ length }) => length)) > largest(itinerary))
    broken.push(`5: a batch of ${region.name} is larger than any that was printed`);
  const begun: string[] = [];
  for (const event of events)
    if (event.kind === "intent" && event.action.kind === "begin") {
      const { instance } = event.action;
      if (begun.includes(instance) || !printed.flat().includes(instance)) continue;
      if (begun.includes(odd))
        broken.push(`1: ${instance} begins after ${odd}, which is to go last`);
      begun.push(instance);
    }
  for (const event of events)
    if (event.kind === "batch-started" && event.region === region.name)
      if (event.batch >= now.length)
        broken.push(`5: ${region.name} has no batch ${event.batch + 1}`);
  return broken;
}

function largest({ regions }: Itinerary): number {
  return Math.max(...regions.flatMap(({ batches }) => batches.map((it) => it.instances.length)));
}
