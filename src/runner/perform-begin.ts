import type { Host } from "../core/plan/inventory.ts";
import { substitute } from "../core/variables.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { ActionEnded, failed, granted, valueOf } from "./action-ended.ts";
import { markProbes, watchHealth } from "./look.ts";
import { measureBefore } from "./measure-before.ts";
import { controllerHost, environmentOf, everyHost, guardOf, type Work } from "./work.ts";

/** A probe that stumbles once before anything is touched gets this long to find its feet. */
const baselineRetryMs = 3_000;

/**
 * The hosts are locked by now. Sees that users are served: an instance that is sick is not touched.
 * Protected trees are looked at before and after that, because two looks some time apart show what a
 * tree loses by itself.
 */
export async function performBegin(work: Work): Promise<void> {
  await observeTrees(work);
  await markProbes(work);
  const bake = { settleMs: 0, stableMs: 0, retryMs: baselineRetryMs };
  const health = await watchHealth(work, bake, "before");
  if (health.is === "healthy") await observeTrees(work);
  if (health.is === "healthy") await measureBefore(work);
  if (health.is === "healthy") return;
  if (health.is === "unhealthy")
    throw failed({
      code: "UNHEALTHY_BEFORE",
      message: `${work.instance.name} was not healthy before anything was touched: ${health.because}`,
      hint: "mend this instance first, or leave it out with `targets: { exclude: [...] }`",
    });
  throw new ActionEnded({
    is: "inconclusive",
    failure: {
      code: "PROBE_INCONCLUSIVE",
      message: `nobody could tell whether ${work.instance.name} is healthy: ${health.because}`,
      hint: "see why the probe can't tell, then decide: retry, accept, or leave it",
    },
  });
}

/** All hosts at the same time: each may watch its trees for a while. */
async function observeTrees(work: Work): Promise<void> {
  const { plan } = work.parts.itinerary;
  const watched = plan.protect.filter(({ policy }) => policy.kind !== "may-change");
  if (watched.length === 0) return;
  const looks = everyHost(work).map(async (host) => {
    const guard = await guardOf(work, host);
    const filled = substitute(watched, environmentOf(work, host));
    const paths = filled.map(({ path }) => treePath(path));
    valueOf(await guard.observe({ paths, watchMs: plan.rollout.guard.observeMs }));
  });
  const ended = await Promise.allSettled(looks);
  for (const it of ended) if (it.status === "rejected") throw it.reason;
}

/** The lock of every host; granted again to the rollout that holds it already. */
export async function claimHosts(work: Work): Promise<void> {
  const { plan } = work.parts.itinerary;
  const own = plan.steps.some((step) => step.on === "controller") ? [controllerHost(work)] : [];
  for (const host of [...work.instance.hosts, ...own]) await claimHost(work, host);
}

/** The lock of one host, granted again to the rollout that holds it already. */
export async function claimHost(work: Work, host: Host): Promise<void> {
  const guard = await guardOf(work, host);
  const { holder, itinerary, confirm } = work.parts;
  const { name, summary, rollout } = itinerary.plan;
  const message = `plan ${name}${summary === "" ? "" : `: ${summary}`}`;
  const { leaseMs } = rollout.guard;
  granted(await guard.claim({ holder, message, leaseMs, epoch: work.epoch, confirm }));
}
