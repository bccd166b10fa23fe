import type { Action } from "../src/core/action.ts";
import type { Itinerary } from "../src/core/itinerary.ts";
import { evolve } from "../src/core/evolve.ts";
import { openRollout, type RolloutState } from "../src/core/state.ts";
import type { JournalRecord } from "../src/ports/journal.ts";
import { noActivity, observe } from "../src/views/activity.ts";
import { page } from "../src/views/html/page.ts";
import { jsonLines } from "../src/views/json-lines.ts";
import type { LiveView } from "../src/views/live-view.ts";
import { pictureOf } from "../src/views/picture/picture-of.ts";
import { plainLines } from "../src/views/plain-lines.ts";
import { replay } from "../src/views/replay.ts";
import { reportText } from "../src/views/report-text.ts";
import { statusText } from "../src/views/status-text.ts";
import { carried } from "../test/runner/support/one-rollout.ts";
import { bigFleet, goodCourse } from "../test/views/support/alma.ts";
import { type Course, madeUpRollout } from "../test/views/support/made-up-rollout.ts";

/**
 * What folding a journal costs, beside the floor: the same records, each parsed from its JSON. For a
 * rollout of so many instances, one after the other: `node bench/replay.ts [INSTANCES ...]`; 100, 1000
 * and 2000 without them. The ratio is what to compare, between machines and between fleets: where it
 * grows with the fleet, a record costs more the more instances there are. "brain" is what a runner
 * thinks: fold, due and decide; "runner" is its whole loop, with a journal in memory and a view of lines,
 * over hosts that are done at once.
 */
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1_000, 2_000];
const regions = 10;
const nowhere = { write: () => true };

for (const size of sizes) {
  let records: readonly JournalRecord[] = [];
  const brainMs = timed(() => {
    records = recordsOf(size);
  });
  const lines = records.map((record) => JSON.stringify(record));
  const floorMs = timed(() => lines.map((line): unknown => JSON.parse(line)));
  const say = (what: string, ms: number): void => {
    const each = ((ms * 1_000) / records.length).toFixed(1);
    const times = (ms / floorMs).toFixed(1);
    process.stdout.write(`  ${what.padEnd(16)} ${each} µs a record, ${times} × floor\n`);
  };
  process.stdout.write(`${size} instances, ${records.length} records\n`);
  say("floor: JSON", floorMs);
  say("brain", brainMs);
  let state: RolloutState | null = null;
  say(
    "fold",
    timed(() => {
      state = foldOf(records);
    }),
  );
  const ended = state ?? foldOf(records);
  for (const [what, work] of views(ended, records)) say(what, timed(work));
  const beganMs = performance.now();
  const written = await carriedThrough(size);
  say("runner", ((performance.now() - beganMs) * records.length) / written);
}

function views(
  ended: RolloutState,
  records: readonly JournalRecord[],
): readonly (readonly [string, () => unknown])[] {
  return [
    ["status", () => statusText(ended, records, { columns: 80, color: false })],
    ["report", () => reportText(ended, records)],
    ["picture", () => pictureOf(records)],
    ["picture and page", () => page(pictureOf(records)!)],
    ["--json", () => follow(records, jsonLines({ output: nowhere, handrail: "bench" }))],
    ["plain lines", () => follow(records, plainLines({ output: nowhere, color: false }))],
    ["tree's memory", () => activityOf(records)],
  ];
}

function follow(records: readonly JournalRecord[], view: LiveView): void {
  for (const { record, before, after } of replay(records)) view.record(record, before, after);
}

function activityOf(records: readonly JournalRecord[]): void {
  let activity = noActivity;
  for (const { record, ...around } of replay(records)) activity = observe(activity, record, around);
}

function foldOf(records: readonly JournalRecord[]): RolloutState {
  const first = records[0]?.event;
  if (first?.kind !== "opened") throw new Error("these records have no beginning");
  return records.reduce((state, { event }) => evolve(state, event), openRollout(first.itinerary));
}

function recordsOf(size: number): readonly JournalRecord[] {
  const itinerary = fleetOf(size);
  const records: JournalRecord[] = [];
  madeUpRollout({
    itinerary,
    perform: withFacts,
    recordsMax: 10_000_000,
    told: ({ record }) => records.push(record),
  });
  return records;
}

/** By the real loop; gives the number of records. */
async function carriedThrough(size: number): Promise<number> {
  const view = plainLines({ output: nowhere, color: false });
  const { state, events, error } = await carried({
    itinerary: fleetOf(size),
    onRecord: (record, before, after) => view.record(record, before, after),
    async perform({ action, note }) {
      const { notes, outcome } = withFacts(action);
      for (const [, told] of notes) await note(told);
      return outcome;
    },
  });
  if (state?.closed !== "sealed") throw new Error("the rollout did not end well", { cause: error });
  return events.length;
}

function fleetOf(size: number): Itinerary {
  return bigFleet(regions, Math.ceil(size / regions));
}

/** What preflight tells of a host, as a real one does. */
function withFacts(action: Action): Course {
  const course = goodCourse(action);
  if (action.kind !== "preflight") return course;
  const facts = ["kernel", "distribution", "the owner of /srv/alma"].map((about) => ({
    about,
    value: "as everywhere",
  }));
  const { instance } = action;
  return { ...course, notes: [...course.notes, [1, { kind: "host.facts", instance, facts }]] };
}

function timed(work: () => unknown): number {
  const beganMs = performance.now();
  work();
  return performance.now() - beganMs;
}
