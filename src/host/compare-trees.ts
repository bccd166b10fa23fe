import type { Answer } from "../core/answer.ts";
import type { Change } from "../core/effects.ts";
import type { CompareOrder, Comparison } from "../ports/guard.ts";
import { pathOf } from "./host-paths.ts";
import { sameContent } from "./same-content.ts";
import { type Candidate, hasOtherShape, readTrees } from "./seen-trees.ts";
import { askGuard, plainName, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Lines of one tree beyond two for each change that may be listed: folders whose times moved. */
const linesToSpare = 1_000;

export async function compareTrees(
  session: Session,
  order: CompareOrder,
): Promise<Answer<Comparison>> {
  const linesMax = order.changesMax * 2 + linesToSpare;
  const asked = await askGuard(session, command("compare", plainName(order.key), linesMax));
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  const seen = readTrees(asked.value.frames);
  const listed = seen.candidates.slice(0, order.changesMax);
  const beyond = seen.unlisted + seen.candidates.length - listed.length;
  const answers = await sameContent(session, order.key, listed);
  if (answers.kind !== "result") return answers;
  const changes: Change[] = [];
  for (const candidate of listed) {
    const same = answers.value.get(candidate) ?? null;
    if (!isChange(candidate, same)) continue;
    const { place, before, after } = candidate;
    changes.push({ path: pathOf(place), before, after, sameContent: same });
  }
  return {
    kind: "result",
    value: { kind: "compared", changes, total: changes.length + beyond, entries: seen.entries },
  };
}

function isChange({ before, after }: Candidate, same: boolean | null): boolean {
  if (before === null || after === null || hasOtherShape(before, after)) return true;
  if (before.type !== "file" && before.type !== "link") return false;
  return same === false || before.size !== after.size || before.mtime !== after.mtime;
}
