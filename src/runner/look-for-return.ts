import type { Missing } from "../core/verdict/judge.ts";
import { stillMissing } from "../core/verdict/regenerate.ts";
import { type BringBackOrder, compareNow, type Returns } from "./bring-back.ts";
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
    const look = await compareNow(work, order);
    const backMs = clock.now() - startedMs;
    const now = open.map((it) => ({ ...it, missing: stillMissing(it, look) }));
    for (const { path, missing } of now)
      if (missing.length === 0) returns.push({ path, notBack: 0, backMs });
    open = now.filter((it) => it.missing.length > 0);
  }
  return [...returns, ...open.map(({ path, missing }) => ({ path, notBack: missing.length }))];
}
