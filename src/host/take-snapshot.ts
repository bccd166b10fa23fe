import type { Answer } from "../core/answer.ts";
import { pathBytes } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import type { SnapshotOrder, SnapshotResult } from "../ports/guard.ts";
import { numberOf, textsOf } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { askGuard, frameOf, plainName, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Characters of the list of what could not be kept. */
const lossesMax = 1_000;

export async function takeSnapshot(
  session: Session,
  order: SnapshotOrder,
): Promise<Answer<SnapshotResult>> {
  for (const { path } of order.paths) {
    const fault = spellingFault(path);
    if (fault === null) continue;
    const failure = {
      code: "SNAPSHOT_REFUSED" as const,
      message: `"${path}" can't be snapshotted on ${session.host}: ${fault}`,
      hint: "write the path in full, beginning with / and without . or ..",
      host: session.host,
      path,
    };
    return { kind: "result", value: { kind: "refused", failure } };
  }
  const trees = order.paths.flatMap(({ path, content }) => [
    pathBytes(path),
    content ? "kept" : "listed",
  ]);
  const request = command(
    "snapshot",
    plainName(order.key),
    session.epoch,
    Math.ceil(order.reserveBytes),
    ...trees,
  );
  const asked = await askGuard(session, request);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  const told = textsOf(frameOf(asked.value.frames, "COMPLETE"), 6);
  const [entries, bytes, durationMs, added, drilled, losses] = told;
  return {
    kind: "result",
    value: {
      kind: "complete",
      entries: numberOf(entries),
      bytes: numberOf(bytes),
      durationMs: numberOf(durationMs),
      added: numberOf(added),
      drilled: numberOf(drilled),
      losses: printable(losses ?? "", { max: lossesMax })
        .split("\n")
        .filter((loss) => loss !== ""),
    },
  };
}
