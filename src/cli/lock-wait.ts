import type { Failure } from "../core/failure.ts";
import { durationMs, longestMs } from "../core/plan/durations.ts";
import { quoted } from "../core/plan/quoted.ts";
import { oneLine } from "../core/printable.ts";
import type { LockWait } from "../runner/lock-wait.ts";
import { systemClock } from "../system-clock.ts";
import type { Io } from "./io.ts";
import type { Onlookers } from "./onlookers.ts";
import { UsageError } from "./refusal.ts";

export interface WaitArgs {
  /** As it was typed: "30m". */
  readonly wait?: string | undefined;
}

/** The same wait is told again after so long, so that nobody takes it for a hang. */
const tellAgainMs = 60_000;

/** Milliseconds of `--wait`; null where it is not given. Throws where it is no duration. */
export function waitMsOf({ wait }: WaitArgs): number | null {
  if (wait === undefined) return null;
  const ms = durationMs(wait);
  if (ms !== null && ms > 0 && ms <= longestMs) return ms;
  throw new UsageError(
    `--wait takes a duration with a unit, and ${quoted(wait)} is none`,
    "write how long to wait for another rollout, such as --wait 90s or --wait 30m",
  );
}

export interface WaitOrder {
  readonly waitMs: number;
  readonly onlookers: Pick<Onlookers, "waiting">;
  readonly io: Pick<Io, "stderr">;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
}

/** A wait from now on, told to people on standard error and to programs as an event. */
export function lockWait({ waitMs, onlookers, io, signal }: WaitOrder): LockWait {
  const clock = systemClock();
  let told = { key: "", atMs: 0 };
  return {
    untilMs: clock.now() + waitMs,
    signal,
    onWait(failure, leftMs) {
      const key = keyOf(failure);
      if (key === told.key && clock.now() - told.atMs < tellAgainMs) return;
      told = { key, atMs: clock.now() };
      onlookers.waiting(failure, leftMs);
      io.stderr.write(waitLines(failure, leftMs));
    },
  };
}

function waitLines({ message }: Failure, leftMs: number): string {
  const left =
    leftMs >= 60_000 ? `${Math.round(leftMs / 60_000)} min` : `${Math.ceil(leftMs / 1_000)} s`;
  return `Waiting, at most ${left} more: ${oneLine(message)}\n  Nothing is touched meanwhile; Ctrl-C ends the wait.\n`;
}

/** What is waited for: how long ago its lease was renewed is no other wait. */
function keyOf({ code, host, message }: Failure): string {
  const [rollout] = /rollout "[^"]*"/.exec(message) ?? [];
  return JSON.stringify([code, host, rollout]);
}
