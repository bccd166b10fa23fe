import type { PublicEvent } from "./public-events.ts";
import { eventWords } from "./event-words.ts";
import { publicEvents } from "./events-of-record.ts";
import type { LiveView, ViewOptions } from "./live-view.ts";
import { inAscii } from "./ascii.ts";
import { painter } from "./paint.ts";
import { utcDate, utcTime } from "./times.ts";
import { clipped } from "./wording.ts";

/** Characters of the column with the instance's name, at most. */
const whoMax = 24;

/**
 * A line per event with a UTC time, for logs and for where there is no terminal: `03:12:44Z  cn01
 * step 2/4 clear compiled pages: exit 0 in 1.2 s`. A probe is told when its answer changes.
 */
export function plainLines({ output, color, ascii = false }: ViewOptions): LiveView {
  const print = (line: string): void => void output.write(ascii ? inAscii(line) : line);
  const paint = painter(color);
  const answers = new Map<string, string>();
  let date = "";
  let width = 0;
  return {
    record(record, before, after) {
      const { regions, instances, plan } = after.itinerary;
      if (width === 0) {
        const names = [...Object.keys(instances), ...regions.map((it) => it.name), "rollout"];
        width = Math.min(whoMax, Math.max(...names.map((name) => name.length)));
      }
      for (const event of publicEvents(before, record, after)) {
        if (isOldNews(event, answers)) continue;
        const words = eventWords(event, { steps: plan.steps.length });
        if (words === null) continue;
        if (utcDate(record.at) !== date) {
          date = utcDate(record.at);
          print(`${paint("quiet", `${date} (UTC)`)}\n`);
        }
        const who = clipped(words.who, width).padEnd(width);
        const time = paint("quiet", utcTime(record.at));
        print(`${time}  ${paint("strong", who)}  ${paint(words.tone, words.text)}\n`);
      }
    },
    end: () => Promise.resolve(),
  };
}

/** A bake asks every few seconds; the same answer again is no news. */
function isOldNews(event: PublicEvent, answers: Map<string, string>): boolean {
  if (event.type !== "probe") return false;
  const key = JSON.stringify([event.instance, event.host, event.probe]);
  const known = answers.get(key);
  answers.set(key, event.is);
  return known === event.is;
}
