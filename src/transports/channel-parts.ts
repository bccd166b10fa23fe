import { PassThrough, type Readable, type Writable } from "node:stream";
import type { ChannelEnd } from "../ports/transport.ts";

/** Bytes that wait between a connection and a slow reader, per stream. */
const waitingMax = 64 * 1024;

/** The end of a channel, told once: what comes later is not listened to. */
export interface Ending {
  readonly ended: Promise<ChannelEnd>;
  tell(end: ChannelEnd): void;
}

export function newEnding(): Ending {
  const { promise, resolve } = Promise.withResolvers<ChannelEnd>();
  return { ended: promise, tell: resolve };
}

/**
 * What `source` gives, as a stream that behaves the same under every transport: it holds back the
 * source while nobody reads, and it ends when the source ends, breaks or closes. It never fails:
 * how the command ended is said by `ended` alone.
 */
export function outputOf(source: Readable): Readable {
  const output = new PassThrough({ highWaterMark: waitingMax });
  source.pipe(output);
  const end = () => void output.end();
  source.once("error", end).once("close", end);
  return output;
}

/**
 * Keeps a broken pipe from ending this process. Who writes still learns of it by the callback of
 * `write`, and everyone by `ended`; without a listener Node would make a crash of it.
 */
export function surviveBrokenPipe(input: Writable): Writable {
  return input.on("error", () => undefined);
}
