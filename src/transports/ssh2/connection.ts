import { once } from "node:events";
import type { Client } from "ssh2";
import type { Answer } from "../../core/answer.ts";
import type { Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import type { Channel, Connection } from "../../ports/transport.ts";
import { connectionLost, refused, withDetail } from "../connect-failure.ts";
import { ssh2Channel, type LiveChannel } from "./channel.ts";

/** How long a server may take to close before the socket is dropped. */
const closeTimeoutMs = 2_000;

export interface LoggedIn {
  readonly host: Host;
  readonly client: Client;
  /** The clients that `client` goes through, the first one first. */
  readonly jumps: readonly Client[];
  /** Milliseconds within which the host must answer to a command. */
  readonly openTimeoutMs: number;
}

/** A logged-in client, and those of the jumps before it. */
export class Ssh2Connection implements Connection {
  readonly #host: Host;
  /** Those not closed yet, in the order of login; the last is the host's. */
  readonly #open: Set<Client>;
  readonly #client: Client;
  readonly #openTimeoutMs: number;
  readonly #channels = new Set<LiveChannel>();
  /** Why nothing can be opened any more. */
  #gone: Failure | null = null;
  #reason = "the server closed it";

  constructor({ host, client, jumps, openTimeoutMs }: LoggedIn) {
    this.#host = host;
    this.#client = client;
    this.#openTimeoutMs = openTimeoutMs;
    this.#open = new Set([...jumps, client]);
    for (const each of this.#open) {
      each.on("error", (error) => {
        this.#reason = error.message;
      });
      each.once("close", () => {
        this.#open.delete(each);
        this.#lose();
      });
    }
  }

  open(command: string): Promise<Answer<Channel>> {
    if (this.#gone !== null) return Promise.resolve({ kind: "not-sent", failure: this.#gone });
    const { promise, resolve } = Promise.withResolvers<Answer<Channel>>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      const failure = connectionLost(
        this.#host,
        `no answer to a command in ${this.#openTimeoutMs} ms`,
      );
      resolve({ kind: "unknown", failure });
    }, this.#openTimeoutMs);
    try {
      this.#client.exec(command, (error, stream) => {
        clearTimeout(timer);
        if (error !== undefined) return resolve(this.#refusal(error));
        // Nobody listens to one that comes too late: it must not hold a session.
        if (late) return stream.close();
        // Listeners must be there before this callback ends: the command may have ended already.
        resolve({ kind: "result", value: this.#live(stream) });
      });
    } catch (error) {
      clearTimeout(timer);
      // Thrown by the library when its socket is closed, before anything is written.
      resolve({ kind: "not-sent", failure: connectionLost(this.#host, String(error)) });
    }
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reason = "it was closed";
    this.#lose();
    for (const { channel } of this.#channels) channel.destroy();
    for (const client of [...this.#open].reverse()) if (this.#open.has(client)) await close(client);
  }

  #live(stream: Parameters<typeof ssh2Channel>[0]): Channel {
    const live = ssh2Channel(stream, this.#host);
    this.#channels.add(live);
    void live.channel.ended.then(() => this.#channels.delete(live));
    return live.channel;
  }

  /**
   * The library asks for a session first, and sends the command only when that is confirmed: a
   * refused or unanswered request for a session proves that the command was not sent. What comes
   * later ("Unable to exec") may be a refusal or a connection cut at the wrong instant.
   */
  #refusal(error: Error): Answer<Channel> {
    if ("reason" in error) {
      const failure = refused(this.#host, "no further session; see MaxSessions in sshd_config");
      return { kind: "not-sent", failure: withDetail(failure, error.message) };
    }
    const failure = connectionLost(this.#host, error.message);
    if (error.message === "No response from server") return { kind: "not-sent", failure };
    return { kind: "unknown", failure };
  }

  #lose(): void {
    this.#gone ??= connectionLost(this.#host, this.#reason);
    for (const channel of this.#channels) channel.lose(this.#gone);
  }
}

async function close(client: Client): Promise<void> {
  const signal = AbortSignal.timeout(closeTimeoutMs);
  const closed = once(client, "close", { signal }).catch(() => client.destroy());
  client.end();
  await closed;
}
