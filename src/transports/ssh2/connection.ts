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

/** A logged-in client, and those of the jumps before it. */
export class Ssh2Connection implements Connection {
  readonly #host: Host;
  /** In the order of login; the last is the host. */
  readonly #clients: readonly Client[];
  readonly #client: Client;
  readonly #channels = new Set<LiveChannel>();
  /** Why nothing can be opened any more. */
  #gone: Failure | null = null;
  #reason = "the server closed it";

  constructor(host: Host, client: Client, jumps: readonly Client[]) {
    this.#host = host;
    this.#client = client;
    this.#clients = [...jumps, client];
    for (const each of this.#clients) {
      each.on("error", (error) => {
        this.#reason = error.message;
      });
      each.once("close", () => this.#lose());
    }
  }

  open(command: string): Promise<Answer<Channel>> {
    if (this.#gone !== null) return Promise.resolve({ kind: "not-sent", failure: this.#gone });
    const { promise, resolve } = Promise.withResolvers<Answer<Channel>>();
    try {
      this.#client.exec(command, (error, stream) => {
        // Listeners must be there before this callback ends: the command may have ended already.
        resolve(
          error === undefined
            ? { kind: "result", value: this.#live(stream) }
            : this.#refusal(error),
        );
      });
    } catch (error) {
      // Thrown by the library when its socket is closed, before anything is written.
      const failure = connectionLost(this.#host, String(error));
      resolve({ kind: "not-sent", failure });
    }
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reason = "it was closed";
    for (const channel of this.#channels) channel.channel.destroy();
    for (const client of [...this.#clients].reverse()) await close(client);
    this.#lose();
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
