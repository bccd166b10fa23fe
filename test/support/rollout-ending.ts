import { openRollout } from "../../src/core/state.ts";
import { evolve } from "../../src/core/evolve.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { reportText } from "../../src/views/report-text.ts";
import { summarise } from "../../src/views/summary.ts";
import { summaryEvent } from "../../src/views/summary-event.ts";
import { leftBehind } from "./left-behind.ts";
import type { RealFleet } from "./real-fleet.ts";
import type { Sshd } from "./sshd.ts";

/**
 * Everything that a rollout has left, as lines under headings, without what differs between any two
 * rollouts: ids, times, durations, folders, epochs, process ids.
 */
export type Ending = Readonly<Record<string, readonly string[]>>;

export interface EndingOptions {
  readonly fleet: RealFleet;
  readonly rollout: string;
  /** Its sessions must be over. */
  readonly sshd: Sshd | null;
  /** By instance: lines of the listing before the rollout. */
  readonly before: Trees;
}

/** By instance: the lines of its listing. */
export type Trees = Readonly<Record<string, readonly string[]>>;

export async function treesOf(fleet: RealFleet): Promise<Trees> {
  return Object.fromEntries(
    await Promise.all(fleet.names.map(async (name) => [name, await fleet.listing(name)] as const)),
  );
}

export async function endingOf({ fleet, rollout, sshd, before }: EndingOptions): Promise<Ending> {
  const left = await leftBehind(fleet.folder, { waitMs: leaveMaxMs, but: [] });
  const sessions = (await sshd?.sessionPids()) ?? [];
  const ending: Record<string, readonly string[]> = {
    "left behind": [
      ...left.map((line) => fleet.plain(line)),
      ...sessions.map(() => "a session of sshd"),
    ],
  };
  const trees = await treesOf(fleet);
  for (const name of fleet.names) {
    ending[`tree of ${name}`] = withoutNewTimes(trees[name] ?? [], before[name] ?? []);
    ending[`spool of ${name}`] = await fleet.spoolListing(name);
    ending[`steps on ${name}`] = (await fleet.log(name)).map((line) => line.replace(/ \d+$/, ""));
  }
  const told = await toldBy(fleet.state, rollout);
  for (const [heading, text] of Object.entries(told))
    ending[heading] = withoutTimes(fleet.plain(text).replaceAll(rollout, "ROLLOUT")).split("\n");
  ending["report"] = reportLines(ending["report"] ?? []);
  return ending;
}

/** What the journal says of the rollout, by the same parts that the program prints it with. */
async function toldBy(folder: string, rollout: string): Promise<Readonly<Record<string, string>>> {
  const clock = { wall: () => new Date().toISOString() };
  await using journals = await openSqliteJournals({ folder, clock });
  if (!(await journals.list()).some((head) => head.rollout === rollout))
    return { summary: "no such rollout", report: "" };
  const records = await journals.read(rollout, 0);
  const [opened] = records;
  if (opened?.event.kind !== "opened")
    throw new Error(`${rollout} does not begin with its opening`);
  let state = openRollout(opened.event.itinerary);
  for (const { event } of records) state = evolve(state, event);
  const summary = summarise(state, records);
  const event = summaryEvent(summary, state.halt?.sentence ?? null, clock.wall());
  return {
    summary: JSON.stringify(event, null, 1),
    report: reportText(state, records),
    journal: (await journals.verify(rollout)).kind,
    holders: (await journals.holders()).map((it) => it.rollout).join("\n"),
  };
}

/** What processes that lost their controller may take to notice it. */
const leaveMaxMs = 10_000;

/** Lines that only one of them has, by heading; empty: the same. */
export function differences(want: Ending, is: Ending): readonly string[] {
  return [...new Set([...Object.keys(want), ...Object.keys(is)])].flatMap((heading) => {
    const [wanted, got] = [want[heading] ?? [], is[heading] ?? []];
    if (wanted.join("\n") === got.join("\n")) return [];
    const lacks = wanted.filter((line) => !got.includes(line));
    const has = got.filter((line) => !wanted.includes(line));
    return [
      `${heading}:`,
      ...lacks.map((line) => `  - ${line}`),
      ...has.map((line) => `  + ${line}`),
      ...(lacks.length + has.length === 0 ? ["  other order or number of lines"] : []),
    ];
  });
}

/**
 * A path whose time is the old one must have exactly that; whatever was written has a new one, which
 * says nothing.
 */
function withoutNewTimes(after: readonly string[], before: readonly string[]): readonly string[] {
  const old = new Set(before.map(timeOf).filter((time) => time !== null));
  return after.map((line) => {
    const time = timeOf(line);
    return time === null || old.has(time) ? line : line.replace(time, "NEW");
  });
}

function timeOf(line: string): string | null {
  return /\t.* (\d+\.\d+) [^ ]*$/.exec(line)?.[1] ?? null;
}

function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replaceAll(/\d\d:\d\d:\d\dZ/g, "TIME")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "DIGEST")
    .replaceAll(/(, after|duration:) [\d.]+ \w+( \d+ \w+)?/g, "$1 WHILE")
    .replaceAll(/"(\w+Ms)": \d+/g, '"$1": 0');
}

/**
 * The report but for the story: who resumed when. A restore that the kill came after is done again,
 * and then finds less to put back.
 */
function reportLines(lines: readonly string[]): readonly string[] {
  const told = new Set(["## Decisions", "## Timeline (UTC)"]);
  let heading = "";
  return lines.filter((line) => {
    if (line.startsWith("## ")) heading = line;
    return !told.has(heading) && !line.endsWith(" put back from snapshots");
  });
}
