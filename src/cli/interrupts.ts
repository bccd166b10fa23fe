import type { StopReason } from "../stop-reason.ts";
import { isReaderGone } from "./reader-gone.ts";

/** What reaches the process as one stop: a terminal and a parent that passes signals on send two. */
export const echoMs = 500;

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface Interrupts extends Disposable {
  /** Aborts at the first signal, or when the parent or the reader is gone, with a StopReason: stop safely. */
  readonly first: AbortSignal;
  /** Aborts at the second signal, with its name: leave at once, the guards stay armed. */
  readonly second: AbortSignal;
}

export interface InterruptSources {
  readonly process: NodeJS.EventEmitter;
  /** Calls back once when the process that started this one is gone; see parent-watch.ts. */
  readonly watchParent?: (gone: (who: string) => void) => Disposable;
  /** Aborts with the error of standard output; see io.ts. */
  readonly unread?: AbortSignal;
  readonly now?: () => number;
}

/**
 * Counts the signals that ask this process to stop. A signal within `echoMs` of the one before is
 * the same wish: npx, npm and bin/handrail.js pass on what the terminal has sent us already. A
 * parent or a reader that is gone is as good as a hangup, but never a second signal: nobody has
 * asked twice.
 */
export function listenForInterrupts(sources: InterruptSources): Interrupts {
  const now = sources.now ?? (() => performance.now());
  const first = new AbortController();
  const second = new AbortController();
  const signals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  let lastMs = -Infinity;
  const stop = (signal: StopSignal, because: string): void => {
    const reason: StopReason = { signal, because };
    first.abort(reason);
  };
  const count = (signal: StopSignal): void => {
    const isEcho = now() - lastMs < echoMs;
    lastMs = now();
    if (isEcho) return;
    if (first.signal.aborted) second.abort(signal);
    else stop(signal, "");
  };
  for (const signal of signals) sources.process.on(signal, count);
  const hangUp = (because: string): void => {
    if (first.signal.aborted) return;
    lastMs = now();
    stop("SIGHUP", because);
  };
  const parent = sources.watchParent?.((who) => hangUp(`${who} is gone`));
  const { unread } = sources;
  const onUnread = (): void => {
    if (isReaderGone(unread?.reason)) hangUp("nobody reads what this process prints any more");
  };
  if (unread?.aborted === true) onUnread();
  else unread?.addEventListener("abort", onUnread, { once: true });
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]() {
      for (const signal of signals) sources.process.off(signal, count);
      parent?.[Symbol.dispose]();
      unread?.removeEventListener("abort", onUnread);
    },
  };
}
