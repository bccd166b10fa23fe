import { oneLine } from "../core/printable.ts";
import type { RolloutHead } from "../ports/journal.ts";
import { utcDateTime } from "./times.ts";
import { grouped } from "./wording.ts";

/** A table of rollouts, as they come (newest first), for `handrail status` without a name. */
export function rolloutList(heads: readonly RolloutHead[]): string {
  if (heads.length === 0) return "No rollout yet.\n";
  const rows = [
    ["ROLLOUT", "BEGUN", "INVENTORY", "DIGEST", "RECORDS", "OUTCOME"],
    ...heads.map((head) => [
      oneLine(head.rollout),
      utcDateTime(head.openedAt),
      oneLine(head.inventory),
      head.digest.slice(0, 12),
      grouped(head.records),
      head.outcome ?? "open",
    ]),
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
