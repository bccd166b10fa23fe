import type { Missing } from "../core/verdict/judge.ts";
import { type BringBackOrder, lookAgain, type Returns } from "./bring-back.ts";
import { regenerationPollMs } from "./parts.ts";
import type { Work } from "./work.ts";

/**
 * Whether what nobody demands back comes back by itself, as it may elsewhere: that is how a host on
 * which it does not is told from the others. Looked for as long as the application may take to settle
 * before a bake, and not at all where nobody asks what is usual.
 */
export async function lookForReturn(
  work: Work,
  order: Pick<BringBackOrder, "host" | "step"> & { readonly letGo: readonly Missing[] },
): Promise<readonly Returns[]> {
  const { clock, itinerary } = work.parts;
  const { envelope = "off" } = itinerary.plan.rollout;
  if (order.letGo.length === 0 || envelope === "off") return [];
  const region = itinerary.regions.find((it) => it.name === work.instance.region);
  const settleMs = region?.bake.settleMs ?? 0;
  const startedMs = clock.now();
  const returns: Returns[] = [];
  let open = order.letGo;
  // Each look lists all that differs, which may be much: the pauses between them grow.
  for (let pauseMs = regenerationPollMs; open.length > 0; pauseMs *= 2) {
    const leftMs = settleMs - (clock.now() - startedMs);
    if (leftMs <= 0) break;
    await clock.sleep(Math.min(pauseMs, leftMs), work.signal);
    open = await lookAgain(work, order, { open, startedMs, returns });
  }
  return [...returns, ...open.map(({ path, missing }) => ({ path, notBack: missing.length }))];
}
