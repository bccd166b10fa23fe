import type { Wish } from "../core/event.ts";
import { nearestOrAll } from "../core/plan/suggest.ts";
import { afterWish } from "../core/wish.ts";
import { shellWord } from "./called-as.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { heldInstances } from "./held-instances.ts";
import { releaseWords } from "./lock-lines.ts";
import { UsageError } from "./refusal.ts";

export interface ReleaseWish {
  readonly instance: string;
  /** As it was typed: only the whole id will do. */
  readonly rollout: string;
  readonly why: string | undefined;
}

/** What is asked of the rollout; rejects where the lock is not kept, and where no reason is given. */
export function releaseWish(found: FoundRollout, order: ReleaseWish): Wish {
  const { id, state } = found;
  const { instance, rollout, why } = order;
  const words = `handrail ${releaseWords(shellWord(instance), id)}`;
  if (rollout !== id) throw new UsageError(`${rollout} is not the whole id of ${id}`, words);
  const it = state.instances.get(instance);
  if (it === undefined) {
    const near = nearestOrAll(instance, state.instances.keys());
    throw new UsageError(
      `${id} has no instance "${instance}"${near === null ? "" : `; ${near}`}`,
      "`handrail locks` shows which instances keep their locks",
    );
  }
  const wish: Wish = { kind: "release-lock", instance, reason: why ?? "" };
  if (afterWish(state, wish, "") === state) {
    const held = heldInstances(found).find(({ name }) => name === instance);
    throw new UsageError(
      held === undefined
        ? `${id} keeps no lock of ${instance}`
        : held.waitsForDecision
          ? `the lock of ${instance} is not given up, and nothing was done: it is ${held.why}`
          : `${id} still has work for ${instance}: ${held.why}`,
      held?.waitsForDecision === true
        ? `handrail decide ${id} rollback ${shellWord(instance)} --reason "…" (or accept, retry, leave instead of rollback)`
        : `see where it stands: handrail status ${id}`,
    );
  }
  if (why !== undefined) return wish;
  const hosts = state.itinerary.instances[instance]?.hosts.map(({ name }) => name) ?? [];
  throw new UsageError(
    `nothing was done: this would give back the lock of ${hosts.join(", ")} as ${instance} stands, and keep its snapshots for the rollout's retention; nothing of it is restored`,
    `say why: ${words}`,
  );
}
