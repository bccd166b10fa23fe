import type { NoticeKind } from "../../core/plan/notice.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import type { NoticeRow } from "../notices-text.ts";
import { zoneTime } from "../times.ts";
import type { Case } from "./case.ts";
import { fillItem, item, type Part } from "./page.ts";
import { logged, noticeId, plural, receiver, type Sentence, says, time, word } from "./said.ts";

/** A part of the timeline, and when it belongs there: milliseconds since 1970. */
export interface TimedPart {
  readonly atMs: number;
  readonly part: Part;
}

/** Who was told of what, and when: one statement for each notice, proved by the log beside the journal. */
export function toldNotices(it: Case): readonly TimedPart[] {
  const { notices, records, opened } = it;
  if (notices === null || it.state.itinerary.plan.notify.length === 0) return [];
  const last = { atMs: Infinity };
  if (!notices.isKept)
    return [{ ...last, part: fillItem("who was told, and when: the notice log is not there") }];
  return notices.rows.map((row) => {
    const record = records[row.seq - 1]!;
    const whom = receiver(opened, { entry: row.entry, text: row.to });
    const id = noticeId(record, row);
    const zone = zoneOf(it);
    const { settled } = row;
    if (settled === null)
      return {
        atMs: Date.parse(record.at),
        part: item(
          says`${time(record, zone)} notice: ${whom} has not been told of ${what(row, record)} so far (${id})`,
        ),
      };
    const at = logged(row.id, { key: "at", value: settled.at, timezone: zoneAt(settled.at, zone) });
    const tries = says`${logged(row.id, { key: "tries", value: settled.tries })} ${plural(settled.tries, "try", "tries")}`;
    const said =
      settled.is === "told"
        ? says`${at} notice: ${whom} was told of ${what(row, record)}, after ${tries} (${id})`
        : says`${at} notice: ${whom} was not told of ${what(row, record)}, given up after ${tries} (${id})`;
    return { atMs: Date.parse(settled.at), part: item(said) };
  });
}

const turns: Readonly<Record<Exclude<NoticeKind, "region-sealed">, string>> = {
  started: "the start",
  halted: "the halt",
  paused: "a pause",
  sealed: "the seal",
  ended: "the end",
};

function what({ kind }: NoticeRow, record: JournalRecord): Sentence {
  if (kind === "region-sealed") return says`the seal of region ${word(record, "/event/region")}`;
  return { text: turns[kind], said: [], records: [] };
}

/** Of where it went wrong first, as for everything that is of the whole rollout. */
function zoneOf({ summary, state }: Case): string | null {
  const region = summary.incidents[0]?.region;
  return state.itinerary.regions.find(({ name }) => name === region)?.timezone ?? null;
}

function zoneAt(at: string, timezone: string | null): string | null {
  return zoneTime(at, timezone) === null ? null : timezone;
}
