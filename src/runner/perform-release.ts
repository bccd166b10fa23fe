import { valueOf } from "./action-ended.ts";
import { onEach } from "./on-each.ts";
import { controllerHost, guardOf, hostsOf, type Work } from "./work.ts";

/**
 * Gives the locks back. A sealed instance keeps its snapshots for as long as it can be undone; one
 * that is as before, or was never touched, keeps nothing.
 */
export async function performRelease(work: Work): Promise<void> {
  const { steps, rollout } = work.parts.itinerary.plan;
  const keeps = work.state.phase === "sealed" && rollout.retentionMs > 0;
  // A step as another user has a spool of its own.
  const hosts = [
    ...work.instance.hosts,
    ...steps.flatMap((step) => hostsOf(work, step)),
    ...(steps.some((step) => step.on === "controller") ? [controllerHost(work)] : []),
  ];
  const unique = new Map(hosts.map((host) => [`${host.name} ${host.spool}`, host]));
  await onEach([...unique.values()], async (host) => {
    const guard = await guardOf(work, host);
    const seconds = Math.ceil(rollout.retentionMs / 1_000);
    const keepUntil = keeps ? guard.facts.time + seconds : null;
    valueOf(await guard.release({ keepUntil }));
  });
}
