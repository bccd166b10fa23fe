import { expect, test } from "vitest";
import { keptSnapshots } from "../../src/cli/kept-snapshots.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const itinerary = smallItinerary({ regions: { eu: [["eu1"]], us: [["us1"]] } });
const usFails: Script = (action) =>
  action.kind === "apply" && action.instance === "us1"
    ? { is: "failed", failure: { code: "STEP_EXIT", message: "exit 3", hint: "look" } }
    : null;
const at = "2026-11-23T03:00:00.000Z";
const beforeItsEnd = new Date("2026-11-23T02:59:00.000Z");

const taken = (instance: string): RolloutEvent => ({
  kind: "noted",
  note: {
    kind: "snapshot.taken",
    instance,
    step: 0,
    host: instance,
    entries: 2,
    bytes: 5,
    durationMs: 1,
    losses: [],
  },
});

test("a host that was brought back whole is not said to keep snapshots: it has given them up", () => {
  const { state, events } = drive(itinerary, usFails);
  const all = [...events.slice(0, -1), taken("eu1"), taken("us1"), ...events.slice(-1)];
  const records = all.map((event, index) => ({ seq: index + 1, at, event }));
  expect([...state.instances.values()].map(({ phase }) => phase)).toEqual([
    "sealed",
    "rolled-back",
  ]);
  const kept = keptSnapshots({ id: "r", state, records, holder: null }, beforeItsEnd);
  expect(kept?.instances).toEqual(["eu1: 1 snapshot, 2 entries, 5 B before packing"]);
});
