import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import type { Answer } from "../core/answer.ts";
import type { Failure } from "../core/failure.ts";
import { printable } from "../core/printable.ts";
import type { Channel, ChannelEnd } from "../ports/transport.ts";
import { type Frame, FrameReader } from "./frames.ts";
import { shellBytes, type ShellText } from "./shell-text.ts";

/** Bytes of the guard's own error output that are kept to explain a failure: the last ones. */
const stderrMax = 4 * 1024;

/** Frames in one answer: a few for each tree, however much of it has changed. */
const framesMax = 20_000;

/** Bytes in one answer: a comparison of many changes and a step's output are the longest. */
const answerBytesMax = 256 * 1024 * 1024;

/** How long a guard may take to leave by itself once it was told that nothing more will come. */
const farewellMs = 2_000;

/** Bytes that wait for the host before no beat is added to them: it takes nothing any more. */
const beatsWaitingMax = 256;

interface Exchange {
  readonly frames: Frame[];
  /** Told of each frame as it comes. */
  readonly hear: ((frame: Frame) => void) | undefined;
  bytes: number;
  settle(answer: Answer<readonly Frame[]>): void;
}

/**
 * One channel with a guard at the other end: a request, then the frames of its answer, one at a
 * time. When the channel is lost in between, the answer is `unknown`; afterwards it is `not-sent`.
 */
export class GuardLine implements AsyncDisposable {
  readonly #channel: Channel;
  readonly #reader: FrameReader;
  readonly #host: string;
  readonly #first = Promise.withResolvers<Frame | null>();
  readonly #drained: Promise<unknown>;
  #stderr = Buffer.alloc(0);
  #exchange: Exchange | null = null;
  #over: Failure | null = null;
  #sending = false;

  constructor(channel: Channel, options: { readonly nonce: string; readonly host: string }) {
    this.#channel = channel;
    this.#reader = new FrameReader(options.nonce);
    this.#host = options.host;
    this.#drained = Promise.all([this.#listen(), this.#collectErrors()]);
  }

  /** The guard's hello; null when the channel ended, or spoke out of turn, before one came. */
  get hello(): Promise<Frame | null> {
    return this.#first.promise;
  }

  /** What the host has said on the side, at the end: bounded, safe to show. */
  get errorOutput(): string {
    return printable(this.#stderr, { max: stderrMax }).trim();
  }

  /** Why nothing can be asked any more; null while something can. */
  get fault(): Failure | null {
    return this.#over;
  }

  /** How the channel ended, once everything that came over it has been read. */
  async ended(): Promise<ChannelEnd> {
    const end = await this.#channel.ended;
    await this.#drained;
    return end;
  }

  /** Hands bytes over as they are: the guard's own text, and what a request of it waits for. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes);
  }

  /**
   * Sends one request. At most one is under way: the caller sees to that. `hear` is told of each frame of
   * the answer as it comes, and may send what the guard waits for.
   */
  async exchange(
    request: ShellText,
    payload: readonly Uint8Array[] = [],
    hear?: (frame: Frame) => void,
  ): Promise<Answer<readonly Frame[]>> {
    if (this.#over !== null) return { kind: "not-sent", failure: this.#over };
    if (this.#exchange !== null) throw new Error("a guard is asked one thing at a time");
    const { promise, resolve } = Promise.withResolvers<Answer<readonly Frame[]>>();
    this.#exchange = { frames: [], hear, bytes: 0, settle: resolve };
    const text = shellBytes(request);
    this.#sending = true;
    await this.#write(Buffer.concat([Buffer.from(`${text.length}\n`), text]));
    for (const part of payload) if (part.length > 0) await this.#write(part);
    this.#sending = false;
    return promise;
  }

  /**
   * Tells the guard that its runner is there. A beat is never inside a request or its payload; while
   * those are sent, none is needed.
   */
  beat(): void {
    const { stdin } = this.#channel;
    if (this.#over !== null || this.#sending || stdin.writableLength > beatsWaitingMax) return;
    stdin.write("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A guard that is at work would not see the end of its input.
    if (this.#exchange !== null || this.#over !== null) this.#channel.destroy();
    else this.#channel.stdin.end();
    const patience = setTimeout(() => this.#channel.destroy(), farewellMs);
    await this.#channel.ended;
    clearTimeout(patience);
    this.#end(this.#lost("it was closed"));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    // Whether it arrived is told by the answer; here it only matters that the pipe has room again.
    const written = new Promise<void>((resolve) => {
      this.#channel.stdin.write(bytes, () => resolve());
    });
    await Promise.race([written, this.#channel.ended]);
  }

  async #listen(): Promise<void> {
    try {
      await eachChunk(this.#channel.stdout, (chunk) => {
        for (const frame of this.#reader.push(chunk)) this.#take(frame);
      });
      const end = await this.#channel.ended;
      this.#end(end.kind === "lost" ? end.failure : this.#lost(howItEnded(end)));
    } catch (error) {
      this.#end({
        code: "GUARD_PROTOCOL",
        message: `the guard on ${this.#host} sent what it should not: ${String(error)}`,
        hint: "nothing it said after that was used; look at the host, then `resume` the rollout",
        host: this.#host,
      });
      this.#channel.destroy();
    }
  }

  async #collectErrors(): Promise<void> {
    await eachChunk(this.#channel.stderr, (chunk) => {
      const all = Buffer.concat([this.#stderr, chunk]);
      this.#stderr = Buffer.from(all.subarray(Math.max(0, all.length - stderrMax)));
    });
  }

  #take(frame: Frame): void {
    if (frame.kind === "HELLO" || frame.kind === "UNFIT") return this.#first.resolve(frame);
    const exchange = this.#exchange;
    if (exchange === null) throw new Error(`a ${frame.kind} frame that nobody asked for`);
    if (frame.kind === "ALIVE") return;
    if (frame.kind !== "DONE") {
      exchange.bytes += frame.body.length;
      if (exchange.frames.length >= framesMax || exchange.bytes > answerBytesMax)
        throw new Error("an answer without end");
      exchange.frames.push(frame);
      exchange.hear?.(frame);
      return;
    }
    this.#exchange = null;
    const status = frame.body.toString("latin1").replace("\0", "");
    exchange.settle(
      status === "0"
        ? { kind: "result", value: exchange.frames }
        : { kind: "unknown", failure: this.#brokeOff(status) },
    );
  }

  #end(failure: Failure): void {
    this.#over ??= failure;
    this.#first.resolve(null);
    this.#exchange?.settle({ kind: "unknown", failure });
    this.#exchange = null;
  }

  #lost(how: string): Failure {
    return {
      code: "CONNECT_LOST",
      message: `the guard on ${this.#host} is gone: ${how}`,
      hint: "what it was doing may have gone on; `handrail resume` asks the host and carries on",
      host: this.#host,
      ...(this.errorOutput === "" ? {} : { detail: this.errorOutput }),
    };
  }

  #brokeOff(status: string): Failure {
    return {
      code: "GUARD_PROTOCOL",
      message: `the guard on ${this.#host} broke a request off with status "${printable(status, { max: 20 })}"`,
      hint: "its own words may say why; `handrail resume` asks the host again",
      host: this.#host,
      ...(this.errorOutput === "" ? {} : { detail: this.errorOutput }),
    };
  }
}

function howItEnded(end: Exclude<ChannelEnd, { kind: "lost" }>): string {
  return end.kind === "exit"
    ? `it ended with exit code ${end.code}`
    : `signal ${end.signal} ended it`;
}

/** Settles when the stream has ended; rejects with what `take` throws. */
function eachChunk(stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
      }
    });
    stream.once("end", resolve).once("close", resolve).once("error", reject);
  });
}
