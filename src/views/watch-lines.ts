import { eventWords } from "./event-words.ts";
import { painter } from "./paint.ts";
import type { PublicEvent } from "./public-events.ts";
import { utcDateTime } from "./times.ts";

/** A line for people about one event of a watch; empty for what is told elsewhere. */
export function eventLine(event: PublicEvent, { color }: { readonly color: boolean }): string {
  const words = eventWords(event, { steps: 0 });
  if (words === null || !("at" in event)) return "";
  const paint = painter(color);
  const time = paint("quiet", utcDateTime(event.at));
  return `${time}  ${paint("strong", words.who)}  ${paint(words.tone, words.text)}\n`;
}
