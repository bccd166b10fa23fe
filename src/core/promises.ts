import type { Action } from "./action.ts";
import { approvalRule } from "./approval.ts";
import type { RolloutEvent } from "./event.ts";
import { haltRule } from "./halt-rule.ts";
import { endsOutside } from "./held-to-envelope.ts";
import { waitsForEmergency } from "./emergency.ts";
import { needsApproval } from "./odd-ones.ts";
import { type OrderedRegion, orderTrouble } from "./outliers-last.ts";
import { changedBetween } from "./persistent-map.ts";
import { owesStandDown } from "./stand-down.ts";
import {
  instancesOf,
  isBad,
  isSettled,
  needsPerson,
  type RegionState,
  type RolloutState,
} from "./state.ts";
import { waitsForWindow } from "./told-time.ts";

/**
 * What must hold of every record, as sentences about what is broken; empty when all is well. Checked
 * by the runner in production before it acts, by the simulator, and by the enumeration of small
 * worlds. The numbers are those of the invariants in the product's contract.
 */
export function brokenPromises(
  before: RolloutState,
  event: RolloutEvent,
  after: RolloutState,
): readonly string[] {
  return [
    ...(event.kind === "intent" ? brokenByIntent(before, event.action) : []),
    ...(event.kind === "region-started" || event.kind === "batch-started"
      ? brokenByHours(before, event.region)
      : []),
    ...(event.kind === "region-sealed" ? brokenBySealing(before, event.region) : []),
    ...(event.kind === "closed" ? brokenByClose(after) : []),
    ...(event.kind === "closed" || event.kind === "parked" ? brokenByRest(after) : []),
    ...(event.kind === "order-decided" ? brokenByOrder(before, event.regions) : []),
    ...brokenByPromotion(before, event, after),
    ...brokenByEnvelope(before, event),
    ...brokenByLateHarm(event, after),
  ];
}

function brokenByIntent(state: RolloutState, action: Action): readonly string[] {
  const broken: string[] = [];
  const it = state.instances.get(action.instance);
  if (it === undefined) return [`12: ${action.instance} is not on the frozen target list`];
  const forward = action.kind === "begin" || action.kind === "snapshot" || action.kind === "rewind";
  const step = action.kind === "apply";
  if (forward || step) {
    const at = state.regions.findIndex((region) => region.name === it.region);
    const early = openBefore(state, at).find(({ stage }) => stage !== "harmed" || it.touched === 0);
    if (early !== undefined)
      broken.push(`1: ${it.name} would be touched while region ${early.name} is not sealed`);
    if (state.mode !== "forward")
      broken.push(`5: ${action.kind} on ${it.name} while ${state.mode}`);
    if (state.held !== null && !(step && it.inDoubt) && action.kind !== "rewind")
      broken.push(`5: ${action.kind} on ${it.name} although no new work may start`);
  }
  if (step && !it.snapshotted) broken.push(`2: a step would run on ${it.name} without a snapshot`);
  // A switch goes by the newest step: an older one's would fire into what came after it.
  if (action.kind === "snapshot" && it.guard !== "none")
    broken.push(`2: ${it.name} would go on while the switch of its last step is ${it.guard}`);
  if (step && it.guard !== "none" && action.step !== it.touched - 1)
    broken.push(`2: a step would run on ${it.name} while an earlier switch is ${it.guard}`);
  if (action.kind === "revert" && it.bases[action.step] === undefined)
    broken.push(`3: ${it.name} would be taken back to a snapshot that no step began from`);
  if (action.kind === "release" && it.guard === "armed")
    broken.push(`3: ${it.name} would lose its snapshots while its switch is armed`);
  if (action.kind === "begin" && haltRule(state) !== null)
    broken.push(`5: ${it.name} would begin although the halt rule is broken`);
  return broken;
}

/** Regions before this one that are not done and good. */
function openBefore({ regions }: RolloutState, at: number): readonly RegionState[] {
  return regions.slice(0, at).filter((region) => region.stage !== "sealed");
}

/** Decided before anything is touched, and of the very instances that are frozen. */
function brokenByOrder(state: RolloutState, regions: readonly OrderedRegion[]): readonly string[] {
  const late =
    state.mode === "preflight" ? [] : [`1: an order would be decided while ${state.mode}`];
  const again = state.ordered === null ? [] : ["7: an order would be decided twice"];
  return [...late, ...again, ...orderTrouble(state.itinerary, regions)];
}

function brokenByHours(state: RolloutState, name: string): readonly string[] {
  const region = state.regions.find((it) => it.name === name);
  const planned = state.itinerary.regions.find((it) => it.name === name);
  if (region === undefined || planned === undefined) return [`12: there is no region ${name}`];
  const broken = openBefore(state, state.regions.indexOf(region)).map(
    (early) => `1: something would begin in ${name} while region ${early.name} is not sealed`,
  );
  if (waitsForWindow(region, planned))
    broken.push(`5: something would begin in ${name} outside its maintenance window`);
  if (waitsForEmergency(state))
    broken.push(`5: something would begin in ${name} in an emergency that nobody approved`);
  if (needsApproval(state, name) && region.votes.length < approvalRule(planned).by)
    broken.push(`5: something would begin in ${name} without the approvals that it takes`);
  return broken;
}

function brokenBySealing(state: RolloutState, region: string): readonly string[] {
  return instancesOf(state, region)
    .filter((it) => it.phase !== "sealed" && !it.excluded)
    .map((it) => `1: region ${region} would be sealed with ${it.name} ${it.phase}`);
}

function brokenByClose(state: RolloutState): readonly string[] {
  const all = [...state.instances.values()];
  const unnamed = all.filter((it) => !isSettled(it) && it.touched > 0);
  const green = state.closed === "sealed";
  const undone = state.closed === "undone" ? all.filter(needsPerson) : [];
  return [
    ...unnamed.map((it) => `4: the rollout would end with ${it.name} ${it.phase}`),
    ...undone.map((it) => `9: the rollout would be undone with ${it.name} ${it.phase}`),
    ...(green ? all.filter((it) => it.phase !== "sealed" || isBad(it)) : []).map(
      (it) => `9: the rollout would be green with ${it.name} ${it.phase}`,
    ),
  ];
}

/** Whoever waits for a person must not be changed under that person's hands. */
function brokenByRest(state: RolloutState): readonly string[] {
  return [...state.instances.values()]
    .filter(owesStandDown)
    .map((it) => `6: ${it.name} would rest as ${it.phase} with its switch armed`);
}

function brokenByPromotion(
  before: RolloutState,
  event: RolloutEvent,
  after: RolloutState,
): readonly string[] {
  if (before.instances === after.instances) return [];
  const broken: string[] = [];
  for (const { was, is: it } of changedBetween(before.instances, after.instances)) {
    if (it.phase !== "sealed" || was?.phase === "sealed") continue;
    const { name } = it;
    const baked =
      event.kind === "outcome" && event.action.kind === "bake" && event.outcome.is === "done";
    const decided =
      event.kind === "asked" && event.wish.kind === "decide" && event.wish.choice === "accept";
    if (!baked && !decided) broken.push(`9: ${name} became sealed by "${event.kind}"`);
    if (it.guard === "lapsing") broken.push(`9: ${name} became sealed while its host may go back`);
  }
  return broken;
}

/** Harm that is known ends no instance well, whenever it was seen. */
function brokenByLateHarm(event: RolloutEvent, after: RolloutState): readonly string[] {
  if (event.kind !== "late-harm") return [];
  const it = after.instances.get(event.harm.instance);
  return it === undefined || it.bad === null || it.phase === "sealed"
    ? [`9: ${event.harm.instance} would stay sealed although harm was seen there`]
    : [];
}

/** Only a person lets an instance go on that a step has done something to which it did nowhere else. */
function brokenByEnvelope(state: RolloutState, event: RolloutEvent): readonly string[] {
  if (event.kind !== "outcome" || !endsOutside(state, event)) return [];
  const { instance } = event.action;
  return [`9: ${instance} would go on although its step did what it did on no earlier instance`];
}
