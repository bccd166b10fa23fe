import { HandrailError } from "../core/failure.ts";
import type { Journals } from "../ports/journal.ts";

/** A preview that a rollout was begun from: its id, and the digest that it shows. */
export interface UsedPreview {
  readonly id: string;
  readonly digest: string;
}

/** A preview file works once: rejects where a rollout of this journal was begun from it. */
export async function refuseUsedPreview(log: Journals, { id, digest }: UsedPreview): Promise<void> {
  const heads = (await log.list()).filter((it) => it.digest === digest);
  for (const { rollout } of heads) {
    const [first] = await log.read(rollout, 0);
    if (first?.event.kind !== "opened" || first.event.preview !== id) continue;
    throw new HandrailError({
      code: "PREVIEW_USED",
      message: `this preview was used: rollout "${rollout}" was begun from it, and a preview works once`,
      hint: `what came of that: handrail report ${rollout}; to roll out again, make a new one with: handrail preview PLAN --out FILE`,
    });
  }
}
