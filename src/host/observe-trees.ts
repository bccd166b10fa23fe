import type { Answer } from "../core/answer.ts";
import { pathBytes } from "../core/path-text.ts";
import type { ObserveOrder } from "../ports/guard.ts";
import { numberOf, textsOf } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { askGuard, frameOf, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/**
 * Looks at these trees, and watches those that are seen to live; the milliseconds that the one that
 * is known least was watched for in all. A path that can't be protected is not watched: its snapshot
 * says why. Where the host refuses, nothing of it was done.
 */
export async function observeTrees(
  session: Session,
  { paths, watchMs }: ObserveOrder,
): Promise<Answer<{ readonly watchedMs: number }>> {
  const trees = paths.filter((path) => spellingFault(path) === null).map(pathBytes);
  const request = command("observe", session.epoch, Math.ceil(watchMs), ...trees);
  const asked = await askGuard(session, request);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "not-sent", failure: asked.value.failure };
  const [watchedMs] = textsOf(frameOf(asked.value.frames, "OBSERVED"), 1);
  return { kind: "result", value: { watchedMs: numberOf(watchedMs) } };
}
