import { noticeDesk } from "./notice-desk.ts";
import type { JournalRecord, Journals } from "./ports/journal.ts";
import { recalled } from "./recalled-files.ts";
import { systemClock } from "./system-clock.ts";
import { secretsOf } from "./usable-secrets.ts";

export interface TellAgainOrder {
  readonly journals: Journals;
  /** Of a rollout that nobody runs: its runner would tell the same. */
  readonly records: readonly JournalRecord[];
  /** Folder of the journal. */
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onTrouble: (sentence: string) => void;
}

/** Tells whoever has not taken a notice of this rollout, also what was given up. Bounded in time. */
export async function tellAgain(order: TellAgainOrder): Promise<void> {
  const { journals, records, state, env, onTrouble } = order;
  const opened = records[0]?.event;
  if (opened?.kind !== "opened") throw new Error("the journal does not begin with its opening");
  const { itinerary, planFolder } = opened;
  const secrets = await secretsOf(itinerary, planFolder, env);
  const files = await recalled(journals, itinerary.files);
  const desk = noticeDesk(state, systemClock());
  await desk.begin({ itinerary, onTrouble });
  await desk.open({ itinerary, secrets, files, onTrouble, again: true }, records);
  await desk.finish();
}
