import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { Answer } from "../../core/answer.ts";
import { HandrailError, type Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import type { Connection, ConnectOptions } from "../../ports/transport.ts";
import { connectionLost, givenUp, refused, timedOut } from "../connect-failure.ts";
import type { SshSettings } from "../ssh-settings.ts";
import { Ssh2Connection } from "./connection.ts";
import type { Hop } from "./hop.ts";
import type { KeyRing } from "./keys.ts";
import { parseKnownHosts, type KnownHost } from "./known-hosts.ts";
import { loadSsh2 } from "./library.ts";
import { login } from "./login.ts";
import { routeTo } from "./route.ts";

export interface ConnectOrder {
  readonly settings: SshSettings;
  readonly ring: KeyRing;
  readonly host: Host;
  readonly options: ConnectOptions;
}

/** Logs in to each hop on the way, one through the other. */
export async function connectOverHops(order: ConnectOrder): Promise<Answer<Connection>> {
  const clients: Client[] = [];
  try {
    const hops = await routeTo(order.host, order.settings);
    const clock = startClock(order, hops);
    for (const hop of hops) clients.push(await nextHop(order, hop, clients.at(-1) ?? null, clock));
    const client = clients.pop();
    if (client === undefined) throw new Error("a route without a hop");
    const openTimeoutMs = order.options.timeoutMs;
    const loggedIn = { host: order.host, client, jumps: clients, openTimeoutMs };
    return { kind: "result", value: new Ssh2Connection(loggedIn) };
  } catch (error) {
    for (const client of clients.reverse()) client.on("error", () => undefined).destroy();
    if (!(error instanceof HandrailError)) throw error;
    return { kind: "not-sent", failure: { ...error.failure, host: order.host.name } };
  }
}

interface ConnectClock {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** One time for the whole way: what the options allow, or less where the config says so. */
function startClock({ options }: ConnectOrder, hops: readonly Hop[]): ConnectClock {
  const configured = hops.flatMap((hop) => hop.connectTimeoutMs ?? []);
  const timeoutMs = Math.min(options.timeoutMs, ...configured);
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  return { signal, timeoutMs };
}

async function nextHop(
  order: ConnectOrder,
  hop: Hop,
  before: Client | null,
  clock: ConnectClock,
): Promise<Client> {
  const { ring, options } = order;
  return login({
    ssh2: await loadSsh2(),
    hop,
    through: before === null ? null : await tunnel(before, hop, order, clock),
    ring,
    knownHosts: await readKnownHosts(hop.knownHostsFiles),
    signal: clock.signal,
    givenUp: options.signal,
    timeoutMs: clock.timeoutMs,
    keepaliveMs: options.keepaliveMs,
  });
}

/** A TCP connection to the next hop, made by the one before. */
function tunnel(
  client: Client,
  hop: Hop,
  order: ConnectOrder,
  clock: ConnectClock,
): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const fail = (failure: Failure): void => reject(new HandrailError(failure));
  const onAbort = (): void => {
    const person = order.options.signal?.aborted === true;
    fail(person ? givenUp(hop.host) : timedOut(hop.host, clock.timeoutMs));
  };
  const onClose = (): void => fail(connectionLost(hop.host, "the jump before it closed"));
  const onError = (error: Error): void => fail(connectionLost(hop.host, error.message));
  clock.signal.addEventListener("abort", onAbort, { once: true });
  client.once("close", onClose).on("error", onError);
  client.forwardOut("127.0.0.1", 0, hop.hostname, hop.port, (error, stream) => {
    if (error === undefined) resolve(stream);
    // The jump's sshd says no: nothing listens there, or it may not forward.
    else fail(refused(hop.host, `from the jump before it: ${error.message}`));
  });
  return promise.finally(() => {
    clock.signal.removeEventListener("abort", onAbort);
    client.off("close", onClose).off("error", onError);
  });
}

async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  const found: KnownHost[] = [];
  for (const file of files) {
    try {
      found.push(...parseKnownHosts(await readFile(file, "utf8"), file));
    } catch (error) {
      // A file that is not there knows nobody, and nobody unknown is let by.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
  return found;
}
