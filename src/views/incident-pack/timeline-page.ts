import { oneLine } from "../../core/printable.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import { eventWords } from "../event-words.ts";
import { publicEvents } from "../events-of-record.ts";
import type { PublicEvent } from "../public-events.ts";
import { replay } from "../replay.ts";
import { zoneTime } from "../times.ts";
import type { Case } from "./case.ts";
import { heading, item, type Page, type Part, words } from "./page.ts";
import { type Said, says, time, wordMax } from "./said.ts";
import { type TimedPart, toldNotices } from "./told-notices.ts";

/** Everything that happened to the instances that went wrong, and to the rollout as a whole. */
export function timelinePage(it: Case, note: Part): Page {
  return {
    file: "timeline.md",
    parts: [
      heading(1, `Timeline of rollout ${it.summary.rollout}`),
      note,
      words(
        `Times are in UTC, and in brackets in the zone of the instance. A probe is told when its answer changes. Instances on which nothing went wrong are not here one by one; they are in: ${it.program} report ${it.summary.rollout}`,
      ),
      ...timeline(it),
    ],
  };
}

/**
 * One statement for each thing that `handrail report` would tell of these records. `brief`: without
 * snapshots, guards and notices, and of regions where nothing went wrong only their begin and their end.
 */
export function timeline(
  it: Case,
  { brief = false }: { readonly brief?: boolean } = {},
): readonly Part[] {
  const told = new Set(it.harmed.map(({ incident }) => incident.instance));
  const regions = new Set(it.summary.incidents.map(({ region }) => region));
  const answers = new Map<string, string>();
  const parts: TimedPart[] = [];
  for (const { record, before, after } of replay(it.records)) {
    const steps = after.itinerary.plan.steps.length;
    for (const event of publicEvents(before, record, after)) {
      if ("instance" in event && !told.has(event.instance)) continue;
      if (brief && isDetail(event, regions)) continue;
      if (event.type === "probe" && !changes(event, answers)) continue;
      const said = eventWords(event, { steps });
      if (said === null) continue;
      const text = oneLine(`${said.who}: ${said.text}`, { max: wordMax });
      const shown: Said = { is: "event", text, record: record.seq };
      const part = item(says`${time(record, zoneOf(event, it, record))} ${shown}`);
      parts.push({ atMs: Date.parse(record.at), part });
    }
  }
  return merged(parts, brief ? [] : toldNotices(it)).map(({ part }) => part);
}

/** The records in their own order, whatever their clock says; a notice before the first that is later. */
function merged(
  records: readonly TimedPart[],
  notices: readonly TimedPart[],
): readonly TimedPart[] {
  const left = [...notices].sort((a, b) => a.atMs - b.atMs);
  const all = records.flatMap((record) => {
    const count = left.findIndex(({ atMs }) => atMs >= record.atMs);
    return [...left.splice(0, count === -1 ? left.length : count), record];
  });
  return [...all, ...left];
}

function isDetail(event: PublicEvent, regions: ReadonlySet<string>): boolean {
  if (/^(snapshot|guard)\./.test(event.type)) return event.type !== "guard.fired";
  return (
    /^(batch|bake)\./.test(event.type) && "region" in event && !regions.has(event.region ?? "")
  );
}

function changes(
  event: Extract<PublicEvent, { type: "probe" }>,
  answers: Map<string, string>,
): boolean {
  const key = JSON.stringify([event.instance, event.host, event.probe]);
  const old = answers.get(key) ?? "pass";
  answers.set(key, event.is);
  return old !== event.is;
}

/** The zone of what the event is about; of the whole rollout that of where it went wrong first. */
function zoneOf(event: PublicEvent, it: Case, record: JournalRecord): string | null {
  const region = "region" in event ? event.region : it.summary.incidents[0]?.region;
  const timezone = it.state.itinerary.regions.find(({ name }) => name === region)?.timezone ?? null;
  return zoneTime(record.at, timezone) === null ? null : timezone;
}
