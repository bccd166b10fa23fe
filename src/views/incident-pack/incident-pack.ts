import type { RolloutState } from "../../core/state.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import type { ToldNotices } from "../notices-text.ts";
import { summarise, type SummaryOptions } from "../summary.ts";
import { utcDateTime } from "../times.ts";
import { type Case, caseOf } from "./case.ts";
import { customerEmail } from "./customer-email.ts";
import { factsPage } from "./facts-page.ts";
import { drawPage, type IndexedStatement, words } from "./page.ts";
import { rootCauseReport } from "./root-cause-report.ts";
import { statusPage } from "./status-page.ts";
import { timelinePage } from "./timeline-page.ts";

/** What `index.json` holds. */
export interface IncidentIndex {
  readonly handrail: 1;
  readonly kind: "incident";
  readonly rollout: string;
  /** Was the rollout still open? Then everything is as of the last of these records. */
  readonly interim: boolean;
  /** Records of the journal that were read. */
  readonly records: number;
  readonly statements: readonly IndexedStatement[];
}

export type IncidentPack =
  | {
      readonly kind: "pack";
      /** By name, in the order in which they should be written: the index comes last. */
      readonly files: ReadonlyMap<string, string>;
      readonly index: IncidentIndex;
      /** How much a person must put in. */
      readonly toFill: number;
    }
  /** Nothing went wrong that a customer could have seen; `why` is the end of a sentence. */
  | { readonly kind: "none"; readonly why: string };

export interface IncidentOptions extends SummaryOptions {
  /** Who was told of what; default: nobody has looked. */
  readonly notices?: ToldNotices;
}

/**
 * Everything that has to be written after an incident, drafted from the journal alone. Each
 * statement points to the records that prove it; what no record proves is marked "to fill".
 */
export function incidentPack(
  state: RolloutState,
  records: readonly JournalRecord[],
  options: IncidentOptions = {},
): IncidentPack {
  const summary = summarise(state, records, options);
  const program = options.program ?? "handrail";
  const it = caseOf(state, records, { summary, program, notices: options.notices ?? null });
  if (state.closed === "refused")
    return { kind: "none", why: "it was refused before anything was touched" };
  if (it.harmed.length === 0) return { kind: "none", why: "no instance went wrong in it" };
  const note = words(standing(it));
  const pages = [timelinePage, factsPage, statusPage, customerEmail, rootCauseReport].map((page) =>
    drawPage(page(it, note)),
  );
  const index: IncidentIndex = {
    handrail: 1,
    kind: "incident",
    rollout: summary.rollout,
    interim: it.interim,
    records: records.length,
    statements: pages.flatMap(({ statements }) => statements),
  };
  const files = new Map(pages.map(({ file, text }) => [file, text]));
  files.set("index.json", `${JSON.stringify(index, null, 2)}\n`);
  return {
    kind: "pack",
    files,
    index,
    toFill: pages.reduce((all, { toFill }) => all + toFill, 0),
  };
}

function standing({ interim, records, summary }: Case): string {
  const last = records.at(-1)!;
  const about = `Drafted from the journal of the rollout, ${records.length} records up to ${utcDateTime(last.at)}. Numbers in square brackets name the records that prove a statement; index.json has all of them. What no record proves is marked "to fill".`;
  if (!interim) return about;
  return `INTERIM: the rollout is ${summary.outcome}, not over. ${about}`;
}
