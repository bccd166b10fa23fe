import { PassThrough, Writable } from "node:stream";
import type { Channel, ChannelEnd, Transport } from "../../../src/ports/transport.ts";

/** A frame as a host sends it: its kind, and the fields or the bytes of its body. */
export type LyingFrame = readonly [kind: string, body: readonly string[] | Uint8Array];

export interface Lies {
  readonly hello: LyingFrame;
  /** What comes instead of an answer, before DONE. */
  readonly answer?: () => readonly LyingFrame[];
}

const [uid, ...facts] = ["0", "Linux 6.1", "gnu", "boot", "1763866800", "tar", "", "", ""];

export const helloOf = (user = uid ?? ""): LyingFrame => ["HELLO", [user, ...facts]];

/** A host that knows the protocol, since it was sent the guard's text, and says what it likes. */
export function lyingHost({ hello, answer = () => [] }: Lies): Transport & { open: number } {
  const transport = {
    name: "local",
    /** Connections that were not closed. */
    open: 0,
    connect: async () => {
      transport.open += 1;
      const value = {
        open: async () => ({ kind: "result" as const, value: channel(hello, answer) }),
        [Symbol.asyncDispose]: async () => {
          transport.open -= 1;
        },
      };
      return { kind: "result" as const, value };
    },
  };
  return transport;
}

function channel(hello: LyingFrame, answer: () => readonly LyingFrame[]): Channel {
  const stdout = new PassThrough();
  const ended = Promise.withResolvers<ChannelEnd>();
  let heard = "";
  let nonce: string | null = null;
  const say = ([kind, body]: LyingFrame): void => {
    const bytes =
      body instanceof Uint8Array
        ? Buffer.from(body)
        : Buffer.from(body.map((field) => `${field}\0`).join(""), "latin1");
    stdout.write(Buffer.concat([Buffer.from(`${nonce} ${kind} ${bytes.length}\n`), bytes]));
  };
  const end = (): void => {
    stdout.end();
    ended.resolve({ kind: "exit", code: 0 });
  };
  const stdin = new Writable({
    write(chunk: Buffer, _, done) {
      heard += chunk.toString("latin1");
      if (nonce === null) {
        nonce = /nonce='?([0-9a-f]{16})/.exec(heard)?.[1] ?? null;
        if (nonce !== null) say(hello);
      } else if (/^\d+\n/.test(chunk.toString("latin1")))
        for (const frame of [...answer(), ["DONE", ["0"]] as const]) say(frame);
      done();
    },
    final(done) {
      end();
      done();
    },
  });
  return { stdin, stdout, stderr: new PassThrough().end(), ended: ended.promise, destroy: end };
}
