import { join } from "node:path";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const world = { eu: [["eu1"]], us: [["us1"]] };

const failing: Script = (action) =>
  action.kind === "apply" && action.instance === "eu1"
    ? { is: "failed", failure: { code: "STEP_EXIT", message: "exit 3", hint: "look" } }
    : null;
const unclear: Script = (action) =>
  action.kind === "bake" && action.instance === "eu1"
    ? {
        is: "inconclusive",
        failure: { code: "PROBE_INCONCLUSIVE", message: "no answer", hint: "look" },
      }
    : null;

const named = (rollout: string, itinerary: Itinerary): Itinerary => ({ ...itinerary, rollout });

const rollouts: readonly [Itinerary, Script][] = [
  [named("fix-20261123-0300-aaaa", smallItinerary({ regions: world })), () => null],
  [named("fix-20261123-0301-bbbb", smallItinerary({ regions: world })), failing],
  [
    named("fix-20261123-0302-cccc", smallItinerary({ regions: world, approve: ["us"] })),
    () => null,
  ],
  [named("fix-20261123-0303-dddd", smallItinerary({ regions: world })), unclear],
  [named("fix-20261123-0304-eeee", smallItinerary({ regions: world })), () => null],
];

/** Oldest first. */
export const rolloutIds: readonly string[] = rollouts.map(([{ rollout }]) => rollout);

/** Records after which the process of one rollout dies. */
const diesAfter: Readonly<Record<string, number>> = { "fix-20261123-0304-eeee": 6 };

/**
 * A journal in `.handrail` of this folder with five rollouts, which nobody runs: sealed (aaaa), halted
 * (bbbb), waiting for approval (cccc), inconclusive (dddd), and one whose process died (eeee).
 */
export async function smallJournal(folder: string, wall = () => new Date().toISOString()) {
  await using journals = await openSqliteJournals({
    folder: join(folder, ".handrail"),
    clock: { wall },
  });
  const by = "deploy@laptop";
  for (const [itinerary, script] of rollouts) {
    const { rollout, digest } = itinerary;
    const held = await journals.open({
      rollout,
      inventory: "small",
      digest,
      runner: { runner: "r", holder: by },
    });
    if (held.kind !== "held") throw new Error("the journal is held");
    await using session = held.session;
    await session.append({ kind: "opened", itinerary, by, tool: "0.1.0", planFolder: "/" });
    const events = drive(itinerary, script).events.slice(0, diesAfter[rollout]);
    for (const event of events) await session.append(event);
  }
}
