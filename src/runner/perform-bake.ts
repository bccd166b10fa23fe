import { ActionEnded, failed } from "./action-ended.ts";
import { watchHealth } from "./look.ts";
import type { Work } from "./work.ts";

/** Watches health after the steps: settle, then healthy for `stable` without a break, within `retry`. */
export async function performBake(work: Work): Promise<void> {
  const region = work.parts.itinerary.regions.find((it) => it.name === work.instance.region);
  if (region === undefined)
    throw new Error(`region "${work.instance.region}" is not in the itinerary`);
  const health = await watchHealth(work, region.bake, "bake");
  if (health.is === "healthy") return;
  const failure = {
    code: health.is === "unhealthy" ? "PROBE_FAILED" : "PROBE_INCONCLUSIVE",
    message: `${work.instance.name} did not stay healthy after its steps: ${health.because}`,
    hint:
      health.is === "unhealthy"
        ? "the fix does not hold here; its output and the probe's answers say more"
        : "see why the probe can't tell, then decide: retry, accept, rollback or leave",
  } as const;
  throw health.is === "unhealthy"
    ? failed(failure)
    : new ActionEnded({ is: "inconclusive", failure });
}
