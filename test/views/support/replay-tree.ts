import { tree } from "../../../src/views/tree.ts";
import { haltPanel } from "../../../src/views/halt-panel.ts";
import { wantsColor } from "../../../src/views/paint.ts";
import { almaItinerary, bigFleet, goodCourse, incidentCourse } from "./alma.ts";
import { madeUpRollout } from "./made-up-rollout.ts";

// Plays a made-up rollout on this terminal, for a look at it with one's own eyes:
//   node test/views/support/replay-tree.ts [small|big] [good|incident] [times as fast]
const [, , fleet = "small", story = "incident", speed = "1"] = process.argv;

const itinerary = fleet === "big" ? bigFleet(6, 50) : almaItinerary();
const told = madeUpRollout({
  itinerary,
  perform: story === "good" ? goodCourse : incidentCourse,
  startAt: new Date().toISOString(),
});
const color = wantsColor({ isTTY: process.stdout.isTTY, env: process.env, flag: null });
const beganMs = Date.now();
let playedMs = beganMs;
const view = tree({ output: process.stdout, errors: process.stderr, color, now: () => playedMs });
for (const { record, before, after } of told) {
  const dueMs = Date.parse(record.at);
  while (playedMs < dueMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    playedMs = beganMs + (Date.now() - beganMs) * Number(speed);
  }
  view.record(record, before, after);
}
await view.end();
const records = told.map(({ record }) => record);
process.stdout.write(
  haltPanel(told.at(-1)!.after, records, { columns: process.stdout.columns, color }),
);
