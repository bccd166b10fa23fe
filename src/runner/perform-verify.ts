import { ActionEnded, failed } from "./action-ended.ts";
import { markProbes, watchHealth } from "./look.ts";
import { verifyContent } from "./put-back.ts";
import { restartAgain } from "./restart-again.ts";
import { type HostTrees, hostsOf, stepOf, treesOf, type Work } from "./work.ts";

/**
 * After the restores: what the plan restarted is restarted once more, so that it runs with the files
 * that were put back; then content is compared with the snapshot, and the probes are asked.
 */
export async function performVerify(work: Work): Promise<void> {
  const done = Array.from({ length: work.state.touched }, (_, step) => step);
  await restartAgain(work);
  await verifyFirstSnapshots(work, done);
  // What a log said while the step did its harm must not count against the instance for ever.
  await markProbes(work);
  const region = work.parts.itinerary.regions.find((it) => it.name === work.instance.region);
  const retryMs = region?.bake.retryMs ?? 0;
  const health = await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs }, "verify");
  if (health.is === "healthy") return;
  const failure = {
    code: "ROLLBACK_UNVERIFIED",
    message: `${work.instance.name} is as it was before, but users may not be served: ${health.because}`,
    hint: "look at the instance now; `handrail reconcile` verifies again",
  } as const;
  throw health.is === "unhealthy"
    ? failed(failure)
    : new ActionEnded({ is: "inconclusive", failure });
}

/**
 * A later step's snapshot holds what earlier steps did. So each tree is compared with the first
 * snapshot that has it: that is how it was before the rollout.
 */
async function verifyFirstSnapshots(work: Work, done: readonly number[]): Promise<void> {
  const verified = new Set<string>();
  for (const step of done) {
    const spec = stepOf(work, step);
    for (const host of hostsOf(work, spec)) {
      const all = treesOf(work, spec, host);
      const isNew = (path: string): boolean => !verified.has(JSON.stringify([host.name, path]));
      const trees: HostTrees = {
        protect: all.protect.filter(({ path }) => isNew(path)),
        writes: all.writes.filter(isNew),
      };
      for (const path of [...trees.protect.map((it) => it.path), ...trees.writes])
        verified.add(JSON.stringify([host.name, path]));
      await verifyContent(work, { spec, step, host, trees });
    }
  }
}
