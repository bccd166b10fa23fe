import { readFileSync } from "node:fs";
import ssh2, { type Client, type ClientChannel } from "ssh2";
import type { DemoFleet } from "../../fixtures/demo/fleet/start-fleet.ts";

/** A login on one instance of the demo fleet, by the plain ssh2 client. */
export interface Login extends AsyncDisposable {
  exec(command: string): Promise<ClientChannel>;
  /** Runs to the end, with everything that came out. */
  run(command: string, input?: Buffer): Promise<CommandOutcome>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

export interface CommandOutcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Rejects with the client's error when the login is refused. */
export async function logIn(
  fleet: DemoFleet,
  name: string,
  options: { readonly user?: string; readonly privateKey?: string } = {},
): Promise<Login> {
  const instance = fleet.instances.find((one) => one.name === name);
  if (instance === undefined) throw new Error(`no instance "${name}"`);
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => client.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.on("error", reject);
    client.connect({
      host: "127.0.0.1",
      port: instance.sshPort,
      username: options.user ?? "deploy",
      privateKey: options.privateKey ?? readFileSync(fleet.identity),
      // The port and its key are ours: what is tried here is the server, not the client.
      hostVerifier: () => true,
    });
    client.setNoDelay(true);
  });
  return {
    exec: (command) => opened(client, command, (channel) => channel),
    run: (command, input) => opened(client, command, (channel) => outcomeOf(channel, input)),
    closed,
    async [Symbol.asyncDispose]() {
      client.end();
      await closed;
    },
  };
}

/** `take` gets the channel at once: a quick command's end may follow in the very same packet. */
function opened<T>(
  client: Client,
  command: string,
  take: (channel: ClientChannel) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error === undefined) resolve(take(channel));
      else reject(error);
    });
  });
}

function outcomeOf(channel: ClientChannel, input?: Buffer): Promise<CommandOutcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let code: number | null = null;
  let signal: string | null = null;
  channel.on("data", (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  channel.on("exit", (status: number | null, name?: string) => {
    code = status;
    signal = name ?? null;
  });
  channel.end(input);
  return new Promise((resolve) => {
    channel.on("close", () => {
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
  });
}
