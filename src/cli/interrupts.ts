/** What reaches the process as one stop: a terminal and a parent that passes signals on send two. */
export const echoMs = 500;

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface Interrupts extends Disposable {
  /** Aborts at the first signal, with its name as the reason: stop safely. */
  readonly first: AbortSignal;
  /** Aborts at the second: leave at once, the guards stay armed. */
  readonly second: AbortSignal;
}

/**
 * Counts the signals that ask this process to stop. A signal within `echoMs` of the one before is
 * the same wish: npx, npm and bin/handrail.js pass on what the terminal has sent us already.
 */
export function listenForInterrupts(
  source: NodeJS.EventEmitter,
  now: () => number = () => performance.now(),
): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const signals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  let lastMs = -Infinity;
  const count = (signal: StopSignal): void => {
    const isEcho = now() - lastMs < echoMs;
    lastMs = now();
    if (isEcho) return;
    if (first.signal.aborted) second.abort(signal);
    else first.abort(signal);
  };
  for (const signal of signals) source.on(signal, count);
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]() {
      for (const signal of signals) source.off(signal, count);
    },
  };
}
