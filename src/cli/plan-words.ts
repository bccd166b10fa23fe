import type { JournalRecord } from "../ports/journal.ts";
import type { CommandWords } from "../views/next-commands.ts";
import type { Io } from "./io.ts";
import { pathWord } from "./state-folder.ts";

/** How this rollout's plan can be typed here, with the inventory where that was given apart. */
export function planWords(records: readonly JournalRecord[], io: Io): Pick<CommandWords, "plan"> {
  const first = records[0]?.event;
  // Journals of 0.1 know only the folder.
  if (first?.kind !== "opened" || first.asked === undefined) return {};
  const { plan, inventory } = first.asked;
  const from = inventory === null ? "" : ` --inventory ${pathWord(inventory, io)}`;
  return { plan: `${pathWord(plan, io)}${from}` };
}
