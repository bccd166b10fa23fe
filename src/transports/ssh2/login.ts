import type { Duplex } from "node:stream";
import type { AnyAuthMethod, Client, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import { HandrailError, type Failure } from "../../core/failure.ts";
import { givenUp, timedOut } from "../connect-failure.ts";
import { explainError, explainVerdict } from "./diagnosis.ts";
import type { Hop } from "./hop.ts";
import type { KeyRing } from "./keys.ts";
import { judgeHostKey, knownTypes, type KeyVerdict, type KnownHost } from "./known-hosts.ts";
import type { Ssh2 } from "./library.ts";
import { loginMethods } from "./login-methods.ts";

export interface LoginOrder {
  readonly ssh2: Ssh2;
  readonly hop: Hop;
  /** The way through the jump before; null: a TCP connection of its own. */
  readonly through: Duplex | null;
  readonly ring: KeyRing;
  readonly knownHosts: readonly KnownHost[];
  /** Ends the attempt: a time-out or the person. */
  readonly signal: AbortSignal;
  /** The person's own signal, to tell the two apart. */
  readonly givenUp: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
}

/** Unanswered keepalives before the peer counts as gone; ssh2 gives up one interval later. */
const unansweredMax = 2;

/**
 * Connects to one hop, checks its key and logs in.
 *
 * @throws HandrailError with what kept it from that; the client is closed then.
 */
export async function login(order: LoginOrder): Promise<Client> {
  const { ssh2, hop, signal } = order;
  const offer = await loginMethods(ssh2, hop, order.ring);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (failure: Failure): void => reject(new HandrailError(failure));
  let verdict: KeyVerdict | null = null;
  const judge = (key: Buffer): boolean => {
    verdict = judgeHostKey(order.knownHosts, hop.knownNames, key);
    return verdict.kind === "known";
  };
  const onAbort = (): void => {
    const person = order.givenUp?.aborted === true;
    fail(person ? givenUp(hop.host) : timedOut(hop.host, order.timeoutMs));
  };
  const onError = (error: Error): void => {
    // An agent that fails is one method less; the next one is tried.
    if ("level" in error && error.level === "agent") return;
    const refused = verdict === null ? null : explainVerdict(hop, verdict);
    fail(refused ?? explainError(hop, error, offer.passedOver));
  };
  const onClose = (): void => onError(new Error("the server closed the connection"));
  signal.addEventListener("abort", onAbort, { once: true });
  client.on("error", onError).once("close", onClose).once("ready", resolve);
  try {
    if (signal.aborted) onAbort();
    else client.connect(clientOptions(order, offer.methods, judge)).setNoDelay(true);
    await promise;
    return client;
  } catch (error) {
    // What a client says after its failure is of no interest, but would end the process unheard.
    client.on("error", () => undefined).destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    client.off("error", onError).off("close", onClose);
  }
}

function clientOptions(
  order: LoginOrder,
  methods: readonly AnyAuthMethod[],
  judge: (key: Buffer) => boolean,
): ConnectConfig {
  const { hop, through } = order;
  const left = [...methods];
  return {
    ...(through === null ? { host: hop.hostname, port: hop.port } : { sock: through }),
    username: hop.user,
    hostVerifier: judge,
    algorithms: { serverHostKey: hostKeyAlgorithms(order) },
    // null before the first try: the server has not said what it takes. `false`: nothing is left.
    authHandler: (methodsLeft) => {
      const may = methodsLeft === null || methodsLeft.includes("publickey");
      return (may ? left.shift() : undefined) ?? false;
    },
    keepaliveInterval: Math.max(100, Math.floor(order.keepaliveMs / (unansweredMax + 1))),
    keepaliveCountMax: unansweredMax,
    // One clock for everything: `signal`.
    readyTimeout: 0,
  };
}

/** What ssh2 can verify, the best first. Without ssh-rsa, whose signatures use SHA-1. */
const algorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** Kinds of which a key is known come first, else a server may well offer one that nobody knows. */
function hostKeyAlgorithms(order: LoginOrder): ServerHostKeyAlgorithm[] {
  const known = knownTypes(order.knownHosts, order.hop.knownNames);
  const isKnown = (each: string): boolean => known.has(each.startsWith("rsa-") ? "ssh-rsa" : each);
  return [...algorithms.filter(isKnown), ...algorithms.filter((each) => !isKnown(each))];
}
