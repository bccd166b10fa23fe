import { Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import type { Channel } from "../../ports/transport.ts";
import { newEnding, outputOf, surviveBrokenPipe } from "../channel-parts.ts";
import { connectionLost } from "../connect-failure.ts";

export interface LiveChannel {
  readonly channel: Channel;
  /** Tells the channel that its connection is gone. */
  lose(failure: Failure): void;
}

/** A channel of the port over the library's one stream for everything. */
export function ssh2Channel(stream: ClientChannel, host: Host): LiveChannel {
  const ending = newEnding();
  const stdin = surviveBrokenPipe(inputTo(stream));
  const stdout = outputOf(stream);
  const stderr = outputOf(stream.stderr);
  const lose = (failure: Failure): void => {
    ending.tell({ kind: "lost", failure });
    stdin.destroy();
  };
  stream.once("exit", (code: number | null, signal?: string) => {
    ending.tell(code === null ? { kind: "signal", signal: signal ?? "" } : { kind: "exit", code });
  });
  stream.once("close", () => {
    lose(connectionLost(host, "the server closed the channel without a status"));
  });
  return {
    channel: {
      stdin,
      stdout,
      stderr,
      ended: ending.ended,
      destroy() {
        lose(connectionLost(host, "the channel was dropped here"));
        stream.close();
        for (const output of [stdout, stderr]) output.destroy();
      },
    },
    lose,
  };
}

/**
 * Standard input as a stream of its own, so that closing it does not close the outputs: in the
 * library all three are one object.
 */
function inputTo(stream: ClientChannel): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      stream.write(chunk, done);
    },
    final(done) {
      stream.end();
      done();
    },
    destroy(error, done) {
      stream.end();
      done(error);
    },
  });
}
