import type { Action } from "../../core/action.ts";
import type { Note } from "../../core/event.ts";
import type { RolloutState } from "../../core/state.ts";
import { eventWords } from "../event-words.ts";
import { eventsOfNote } from "../events-of-note.ts";
import type { Tone } from "../paint.ts";
import { clipped } from "../wording.ts";
import type { Mark } from "./picture.ts";

/** What an action is called in a drawing: "step 2/4 clear compiled pages". */
export function stepTitle(action: Action, { itinerary }: RolloutState): string {
  const { steps } = itinerary.plan;
  switch (action.kind) {
    case "preflight":
      return "preflight: reached, and looked at";
    case "begin":
      return "begins: locks, looks at health";
    case "bake":
      return "bakes: health is watched";
    case "verify":
      return "back: content and health are verified";
    case "release":
      return "gives its locks back";
    case "snapshot":
    case "apply":
    case "stand-down":
    case "rewind":
    case "revert": {
      const name = `step ${action.step + 1}/${steps.length} ${steps[action.step]?.name ?? "?"}`;
      return stepWords(action, name);
    }
  }
}

function stepWords(action: Action, name: string): string {
  switch (action.kind) {
    case "snapshot":
      return `snapshot before ${name}`;
    case "stand-down":
      return `${name}: ended, nothing is put back`;
    case "rewind":
      return `${name}: put back for another attempt`;
    case "revert":
      return `back: ${name}`;
    case "apply":
      return action.attempt > 1 ? `${name}, attempt ${action.attempt}` : name;
    case "preflight":
    case "begin":
    case "bake":
    case "verify":
    case "release":
      return name;
  }
}

/** Characters of one remark, in a drawing. */
const wordsMax = 240;

/** What a note adds to what is under way, and whether it is worth a mark of its own. */
export function markOf(
  { at, note }: { readonly at: string; readonly note: Note },
  state: RolloutState,
): {
  readonly words: { readonly text: string; readonly tone: Tone };
  readonly mark: Pick<Mark, "text" | "tone"> | null;
} {
  const about = { at, rollout: state.itinerary.rollout };
  const [event] = quiet.has(note.kind) ? [] : eventsOfNote(note, about, state);
  const said = event && eventWords(event, { steps: state.itinerary.plan.steps.length });
  if (!said || isNothingNew(note)) return { words: { text: "", tone: "plain" }, mark: null };
  const text = clipped(shortened(said.text), wordsMax);
  const words = { text, tone: said.tone };
  const marked = said.tone === "bad" || note.kind === "recovery" || note.kind === "guard.fired";
  return { words, mark: marked ? words : null };
}

/** Of each of these the span itself says enough. */
const quiet: ReadonlySet<Note["kind"]> = new Set<Note["kind"]>([
  "guard.armed",
  "guard.disarmed",
  "step.started",
  "mark",
  "host.facts",
]);

function isNothingNew(note: Note): boolean {
  return note.kind === "probe" && note.is === "pass";
}

/** The span has the name of the step already. */
function shortened(text: string): string {
  return text.replace(/^step \d+\/\d+ [^:]*: /, "");
}
