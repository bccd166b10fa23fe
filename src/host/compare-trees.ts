import type { Answer } from "../core/answer.ts";
import type { Change } from "../core/effects.ts";
import type { CompareOrder, Comparison } from "../ports/guard.ts";
import type { Frame } from "./frames.ts";
import { pathOf } from "./host-paths.ts";
import { type Candidate, hasOtherShape, readTrees } from "./seen-trees.ts";
import { askGuard, plainName, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Lines of one tree beyond two for each change that may be listed: folders whose times moved. */
const linesToSpare = 1_000;

/** What differs from a snapshot, told by the host in one answer. */
export async function compareTrees(
  session: Session,
  { key, changesMax, moment }: CompareOrder,
): Promise<Answer<Comparison>> {
  const linesMax = changesMax * 2 + linesToSpare;
  const request = command("compare", plainName(key), session.epoch, linesMax, moment);
  const asked = await askGuard(session, request);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  const { changes: all, total, entries, watchedMs } = changesIn(asked.value.frames);
  const changes = all.slice(0, changesMax);
  return { kind: "result", value: { kind: "compared", changes, total, entries, watchedMs } };
}

/** What frames of trees tell of changes; `total` counts those too that are not listed. */
export function changesIn(frames: readonly Frame[]): {
  readonly changes: readonly Change[];
  readonly total: number;
  readonly entries: number;
  readonly watchedMs: number;
} {
  const { candidates, unlisted, entries, watchedMs } = readTrees(frames);
  const changes = candidates.filter(isChange).map(changeOf);
  return { changes, total: changes.length + unlisted, entries, watchedMs };
}

function isChange({ before, after, sameContent }: Candidate): boolean {
  if (before === null || after === null || hasOtherShape(before, after)) return true;
  if (before.type !== "file" && before.type !== "link") return false;
  return sameContent === false || before.size !== after.size || before.mtime !== after.mtime;
}

function changeOf({ place, before, after, churn, sameContent }: Candidate): Change {
  const gone = before !== null && after === null;
  return { path: pathOf(place), before, after, sameContent, churn: gone && churn };
}
