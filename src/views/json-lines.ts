import { publicEvents } from "./events-of-record.ts";
import type { LiveView, Output } from "./live-view.ts";
import { type Waiting, waitingEvent } from "./waiting-event.ts";
import { safeDeep } from "./event-facts.ts";
import type { PublicEvent, PublicEventOf } from "./public-events.ts";

/** A line of JSON per event; the first says which schema it is. The summary comes by `summary`. */
export interface JsonLines extends LiveView {
  /** Writes the last line. */
  summary(summary: PublicEventOf<"summary">): void;
  /** Writes that another rollout is waited for: no record of any rollout says so. */
  waiting(wait: Waiting): void;
}

export interface JsonLinesOptions {
  readonly output: Output;
  /** Version of the tool. */
  readonly handrail: string;
}

/** Writes the version line at once, so that even a refusal is a whole document. */
export function jsonLines({ output, handrail }: JsonLinesOptions): JsonLines {
  const write = (event: PublicEvent): void => {
    output.write(`${JSON.stringify(safeDeep(event))}\n`);
  };
  write({ type: "version", schema: 1, handrail });
  return {
    record(record, before, after) {
      for (const event of publicEvents(before, record, after)) write(event);
    },
    summary: write,
    waiting: (wait) => write(waitingEvent(wait)),
    end: () => Promise.resolve(),
  };
}
