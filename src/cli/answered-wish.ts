import type { Wish } from "../core/event.ts";
import { evolve } from "../core/evolve.ts";
import { type Asked, answerTo, verbOf } from "../core/answer-to.ts";
import type { Journals } from "../ports/journal.ts";
import { shellWord } from "./called-as.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { UsageError } from "./refusal.ts";

/** The rollout as it will be once its runner, now or later, has heard what is left for it already. */
export async function heardOut(journals: Journals, found: FoundRollout): Promise<FoundRollout> {
  const waiting = await journals.waiting(found.id);
  const state = waiting.reduce(
    (before, asked) => evolve(before, { kind: "asked", ...asked }),
    found.state,
  );
  return { ...found, state };
}

/** What comes of this wish, by the verb table; `next` is null where it may be left. */
export function answerFor(
  { id, state, holder }: FoundRollout,
  { wish, by }: { readonly wish: Wish; readonly by: string },
): { readonly says: string; readonly next: string | null } {
  const asked: Asked = { state, attended: holder !== null, wish, by };
  const { says, next } = answerTo(asked);
  const names = namesIn(asked);
  return {
    says: withNames(says, names),
    next: next === null ? null : withNames(next, { ...names, ROLLOUT: id }, shellWord),
  };
}

/**
 * What comes of this wish, by the verb table. Rejects a wish that would mean nothing with the next
 * command to type: left all the same, it would be told as if it had worked.
 */
export function meaningOf(
  found: FoundRollout,
  asked: { readonly wish: Wish; readonly by: string },
): string {
  const { says, next } = answerFor(found, asked);
  if (next === null) return says;
  throw new UsageError(`${verbOf(asked.wish)} changes nothing for ${found.id} now: ${says}`, next);
}

type Names = Readonly<Record<string, string>>;

/** What the sentences leave open: who is meant by the wish, or else who is waited for. */
function namesIn({ state: { parked }, wish }: Asked): Names {
  const waits = parked !== null && "instances" in parked ? parked.instances[0] : undefined;
  const region = parked?.kind === "approval" ? parked.region : "";
  return {
    INSTANCE: "instance" in wish ? wish.instance : (waits ?? ""),
    REGION: wish.kind === "approve" || wish.kind === "override-window" ? wish.region : region,
  };
}

function withNames(text: string, names: Names, as = (name: string): string => name): string {
  return text.replace(/\b(ROLLOUT|REGION|INSTANCE)\b/g, (word) => as(names[word] ?? word));
}
