import { setTimeout as sleep } from "node:timers/promises";
import type { LiveSource, Shot } from "./live-source.ts";

export interface StreamOptions {
  readonly source: LiveSource;
  /** The version that the page shows already. */
  readonly have: number;
  /** Aborts when the server ends. */
  readonly ending: AbortSignal;
  /** The server's clock, milliseconds since 1970: sent along, because the page counts down by it. */
  readonly nowMs: () => number;
  /** Something is sent at least so often: a page that hears nothing knows that the line is lost. */
  readonly beatMs: number;
  /** A reader that takes so long to take one message is gone. */
  readonly stuckMs: number;
  /** Ends the connection at once. */
  readonly drop: () => void;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
}

/**
 * Server-sent events (WHATWG HTML, §9.2) of one viewer. Nothing is made before the one before it was
 * taken, so a slow line gets the newest state and never a queue of old ones.
 */
export function eventStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const { source, ending, nowMs, beatMs, stuckMs, drop } = options;
  const encoder = new TextEncoder();
  const left = new AbortController();
  const over = AbortSignal.any([ending, left.signal]);
  let have = options.have;
  let stuck: NodeJS.Timeout | undefined;
  let ended = false;
  const end = (): void => {
    clearTimeout(stuck);
    left.abort();
    if (!ended) options.onEnd();
    ended = true;
  };

  async function message(): Promise<string> {
    const beat = new AbortController();
    const timer = setTimeout(() => beat.abort(), beatMs);
    const shot = await source.next(have, AbortSignal.any([over, beat.signal]));
    clearTimeout(timer);
    if (shot === null) return `event: beat\ndata: ${JSON.stringify({ now: nowMs() })}\n\n`;
    const text = newer(shot, have, nowMs());
    have = shot.version;
    return text;
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(`retry: ${retryMs}\n\n`));
      },
      async pull(controller) {
        clearTimeout(stuck);
        const text = await message();
        if (left.signal.aborted) return;
        if (ending.aborted) {
          controller.enqueue(encoder.encode("event: bye\ndata: {}\n\n"));
          controller.close();
          end();
          return;
        }
        controller.enqueue(encoder.encode(text));
        stuck = setTimeout(() => {
          end();
          drop();
        }, stuckMs);
        stuck.unref();
        // Changes that come at once are one message.
        await sleep(gatherMs, null, { ref: false });
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

/** Before a browser tries again, where the line was lost. */
const retryMs = 2_000;
const gatherMs = 100;

/** What of it a page of this version does not show yet. */
function newer(shot: Shot, have: number, now: number): string {
  const { version, title, says, urgent, lastAt, trouble, parts } = shot;
  const changed = parts.filter(({ since }) => since > have);
  const html = Object.fromEntries(changed.map((part) => [part.id, part.html]));
  const data = JSON.stringify({ now, title, says, urgent, lastAt, trouble, parts: html });
  return `id: ${version}\nevent: state\ndata: ${data}\n\n`;
}
