import { write as writeTo } from "node:fs";
import { isatty } from "node:tty";

/** What is drawn on, without ever waiting for it. */
export interface ScreenWriter {
  /** Has it not taken yet what it was given? A terminal that was stopped (Ctrl-S) takes nothing. */
  readonly isBusy: boolean;
  write(text: string): void;
  /** Resolves once everything was taken. */
  idle(): Promise<void>;
}

/** Milliseconds until a terminal that is full, and does not wait, is tried again. */
const againMs = 50;

/**
 * Writes to a terminal on a thread of Node's pool. `stream.write` on one waits until the terminal takes it,
 * on Linux, and with it everything else in the process: the leases of hosts would run out because somebody
 * typed Ctrl-S. What is no terminal buffers by itself.
 */
export function screenWriter(
  stream: NodeJS.WriteStream,
  plainly: (text: string) => void = stream.write.bind(stream),
): ScreenWriter {
  const fd = "fd" in stream && typeof stream.fd === "number" ? stream.fd : null;
  if (fd === null || !isatty(fd)) return bufferedWriter(stream, plainly);
  let pending = Buffer.alloc(0);
  let atWork = false;
  let waiting: (() => void)[] = [];
  const pump = (): void => {
    if (pending.length === 0) {
      atWork = false;
      for (const resolve of waiting) resolve();
      waiting = [];
      return;
    }
    atWork = true;
    writeTo(fd, pending, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(pump, againMs);
        return;
      }
      if (error === null) pending = pending.subarray(written);
      else {
        // The stream says of a terminal that is gone what it means, to whoever listens to it.
        plainly(pending.toString());
        pending = Buffer.alloc(0);
      }
      pump();
    });
  };
  return {
    get isBusy() {
      return atWork;
    },
    write(text) {
      pending = Buffer.concat([pending, Buffer.from(text)]);
      if (!atWork) pump();
    },
    idle: () => (atWork ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}

function bufferedWriter(stream: NodeJS.WriteStream, plainly: (text: string) => void): ScreenWriter {
  return {
    get isBusy() {
      return stream.writableLength > 0;
    },
    write: plainly,
    idle: () => Promise.resolve(),
  };
}
