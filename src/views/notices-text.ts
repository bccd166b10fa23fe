import type { NoticeKind, NoticeSeverity } from "../core/plan/notice.ts";
import { oneLine } from "../core/printable.ts";
import { utcDateTime } from "./times.ts";
import { counted } from "./wording.ts";

/** One notice to one receiver, and what became of it. */
export interface NoticeRow {
  readonly id: string;
  /** Number of the journal record that it tells. */
  readonly seq: number;
  /** Which entry of the plan's `notify` it goes to, from 1. */
  readonly entry: number;
  /** When it happened: RFC 3339, UTC. */
  readonly at: string;
  /** The turn of the rollout: "halted". */
  readonly kind: NoticeKind;
  readonly severity: NoticeSeverity;
  /** Whom it reaches: "webhook to status.example.com". */
  readonly to: string;
  readonly text: string;
  /** null: it reached nobody so far, as far as is known. */
  readonly settled: {
    readonly is: "told" | "given up";
    readonly tries: number;
    readonly at: string;
  } | null;
}

/** All notices of a rollout, oldest first. */
export interface ToldNotices {
  readonly rows: readonly NoticeRow[];
  /** Was it kept which of them were taken? Else what `settled` says of none is not known. */
  readonly isKept: boolean;
}

/** What was told to whom, a line each; below each what it says. */
export function noticesText(rows: readonly NoticeRow[]): string {
  if (rows.length === 0) return "There is nothing to tell anybody so far.\n";
  return rows
    .flatMap(({ at, kind, severity, to, settled, id, text }) => [
      `${utcDateTime(at)}  ${kind} (${severity}) by ${to}: ${ending(settled)}  ${id}`,
      `  ${oneLine(text)}`,
    ])
    .map((line) => `${line}\n`)
    .join("");
}

/** "told 2026-11-23 03:13:41Z, 1 try": what became of one. */
export function ending(settled: NoticeRow["settled"]): string {
  if (settled === null) return "NOT told yet";
  const tries = counted(settled.tries, "try", "tries");
  const when = utcDateTime(settled.at);
  return settled.is === "told" ? `told ${when}, ${tries}` : `GIVEN UP ${when}, after ${tries}`;
}
