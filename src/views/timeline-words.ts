import { publicEvents } from "./events-of-record.ts";
import { eventWords } from "./event-words.ts";
import type { Words } from "./instance-words.ts";
import type { Replayed } from "./replay.ts";

/**
 * What a timeline says of each record, asked in the journal's order: what happens to instances but for
 * each snapshot and each begin of a step, and of a probe only where its answer became another one.
 */
export function followTimeline(): (told: Replayed) => readonly Words[] {
  const answers = new Map<string, string>();
  return ({ record, before, after }) => {
    const steps = after.itinerary.plan.steps.length;
    return publicEvents(before, record, after).flatMap((event) => {
      if (event.type === "snapshot.taken" || event.type === "step.started") return [];
      if (event.type === "probe") {
        const key = `${event.instance} ${event.host ?? ""} ${event.probe}`;
        const old = answers.get(key) ?? "pass";
        answers.set(key, event.is);
        if (old === event.is) return [];
      }
      const words = eventWords(event, { steps });
      return words === null ? [] : [words];
    });
  };
}
