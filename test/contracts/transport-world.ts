import { buffer } from "node:stream/consumers";
import type { Answer } from "../../src/core/answer.ts";
import type { Host } from "../../src/core/plan/inventory.ts";
import type {
  Channel,
  ChannelEnd,
  Connection,
  ConnectOptions,
  Transport,
} from "../../src/ports/transport.ts";
import type { SshSettings } from "../../src/transports/ssh-settings.ts";
import type { Sshd } from "../support/sshd.ts";

/** A transport, and a host that it reaches. */
export interface World {
  readonly transport: Transport;
  readonly host: Host;
}

export const usualOptions: ConnectOptions = { timeoutMs: 10_000, keepaliveMs: 15_000 };

export function hostOf(server: Pick<Sshd, "address" | "port" | "user" | "identity">): Host {
  return {
    name: "ap01",
    address: server.address,
    via: "openssh",
    user: server.user,
    port: server.port,
    identity: server.identity,
    become: null,
    spool: "/var/lib/handrail",
  };
}

/** Settings that see nothing of the person who runs the tests. */
export function settingsFor(server: Pick<Sshd, "folder" | "knownHosts" | "user">): SshSettings {
  return {
    home: server.folder,
    userName: server.user,
    configFiles: [],
    knownHostsFiles: [server.knownHosts],
    agentSocket: null,
    tempFolder: "/tmp",
    environment: process.env,
  };
}

export function valueOf<T>(answer: Answer<T>): T {
  if (answer.kind === "result") return answer.value;
  throw new Error(`${answer.kind}: ${JSON.stringify(answer.failure)}`);
}

export async function connectTo(
  { transport, host }: World,
  options: Partial<ConnectOptions> = {},
): Promise<Connection> {
  return valueOf(await transport.connect(host, { ...usualOptions, ...options }));
}

export interface Ran {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly ended: ChannelEnd;
}

/** Runs a command to its end. */
export async function run(connection: Connection, command: string, input = ""): Promise<Ran> {
  const channel = valueOf(await connection.open(command));
  channel.stdin.end(input);
  return collect(channel);
}

export async function collect(channel: Channel): Promise<Ran> {
  const [stdout, stderr, ended] = await Promise.all([
    buffer(channel.stdout),
    buffer(channel.stderr),
    channel.ended,
  ]);
  return { stdout, stderr, ended };
}

/** A repeatable run of bytes in which every value occurs. */
export function someBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  let state = 1;
  for (let at = 0; at < count; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = at < 256 ? at : state >>> 16;
  }
  return bytes;
}
