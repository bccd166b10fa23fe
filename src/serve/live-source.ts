import { setTimeout as sleep } from "node:timers/promises";

/** One part of a page, in HTML, and the version in which it last became another. */
export interface Part {
  readonly id: string;
  readonly html: string;
  readonly since: number;
}

/** What a look found: a page as it is to be now. */
export interface Drawn {
  readonly title: string;
  /** What it comes to, in a sentence; told aloud whenever it becomes another. */
  readonly says: string;
  /** Must it be heard at once, because something went wrong or a person is waited for? */
  readonly urgent: boolean;
  /** When the newest record was written, RFC 3339; null: there is none. */
  readonly lastAt: string | null;
  readonly parts: readonly (readonly [id: string, html: string])[];
}

export interface Shot extends Omit<Drawn, "parts"> {
  /** Grows with every change, over all sources of a server. */
  readonly version: number;
  readonly parts: readonly Part[];
  /** Why the journal can't be read just now; null: it can. What stands in the parts is older then. */
  readonly trouble: string | null;
}

/** One page that is kept up for all who look at it. It looks only while somebody does. */
export interface LiveSource {
  /** As it is now. Rejects where nothing could be found out yet. */
  now(): Promise<Shot>;
  /** The newest shot after this version, as soon as there is one; null: aborted before that. */
  next(after: number, signal: AbortSignal): Promise<Shot | null>;
  /** Somebody waits for what comes next. */
  readonly isWatched: boolean;
}

export interface LiveSourceOptions {
  /** Looks once; null: all is as it was. Never called again before it has answered. */
  readonly look: () => Promise<Drawn | null>;
  /** The next version: greater than any before it. */
  readonly version: () => number;
  /** What to tell of a look that failed. */
  readonly explain: (error: unknown) => string;
  /** Between two looks. */
  readonly pollMs: number;
}

/** A look may take this share of the time, so that a journal of a great fleet keeps no core busy. */
const busyShare = 0.2;

export function liveSource({ look, version, explain, pollMs }: LiveSourceOptions): LiveSource {
  let shot: Shot | null = null;
  let looking: Promise<void> | null = null;
  let tookMs = 0;
  const waiting = new Set<() => void>();
  let loop: Promise<void> | null = null;

  async function lookOnce(): Promise<void> {
    const began = performance.now();
    try {
      const drawn = await look();
      if (drawn !== null) shot = nextShot(shot, drawn, version);
      else if (shot !== null && shot.trouble !== null)
        shot = { ...shot, version: version(), trouble: null };
    } catch (error) {
      if (shot === null) throw error;
      const trouble = explain(error);
      if (shot.trouble !== trouble) shot = { ...shot, version: version(), trouble };
    } finally {
      tookMs = performance.now() - began;
      looking = null;
    }
  }

  function looked(): Promise<void> {
    looking ??= lookOnce();
    return looking;
  }

  async function keepLooking(): Promise<void> {
    while (waiting.size > 0) {
      await sleep(Math.max(pollMs, tookMs / busyShare), null, { ref: false });
      if (waiting.size === 0) break;
      await looked();
      for (const wake of waiting) wake();
    }
    loop = null;
  }

  return {
    async now() {
      await looked();
      return shot!;
    },
    next(after, signal) {
      return new Promise((resolve) => {
        const done = (found: Shot | null): void => {
          waiting.delete(check);
          signal.removeEventListener("abort", check);
          resolve(found);
        };
        const check = (): void => {
          if (signal.aborted) done(null);
          else if (shot !== null && shot.version > after) done(shot);
        };
        waiting.add(check);
        signal.addEventListener("abort", check, { once: true });
        check();
        // A failing first look has told whoever asked for the page; a stream without a page is none.
        if (waiting.size > 0 && shot !== null) loop ??= keepLooking();
      });
    },
    get isWatched() {
      return waiting.size > 0;
    },
  };
}

function nextShot(before: Shot | null, drawn: Drawn, version: () => number): Shot {
  const number = version();
  const known = new Map(before?.parts.map((part) => [part.id, part]));
  const parts = drawn.parts.map(([id, html]): Part => {
    const old = known.get(id);
    return old?.html === html ? old : { id, html, since: number };
  });
  return { ...drawn, version: number, parts, trouble: null };
}
