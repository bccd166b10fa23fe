import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Answer } from "../core/answer.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Channel, Connection, Transport } from "../ports/transport.ts";
import { newEnding, outputOf, surviveBrokenPipe } from "./channel-parts.ts";
import { connectionLost, givenUp, unsupported, withDetail } from "./connect-failure.ts";

export interface LocalSettings {
  /** The login shell: a command is its `-c` argument. */
  readonly shell: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** This machine as a host: a command is a child process, in a process group and session of its own. */
export function local(settings: LocalSettings): Transport {
  return {
    name: "local",
    async connect(host, { signal }) {
      if (signal?.aborted === true) return { kind: "not-sent", failure: givenUp(host) };
      return { kind: "result", value: connection(settings, host) };
    },
  };
}

function connection(settings: LocalSettings, host: Host): Connection {
  const channels = new Set<Channel>();
  let closed = false;
  return {
    async open(command) {
      if (closed) return { kind: "not-sent", failure: connectionLost(host, "it was closed") };
      const answer = await start(settings, host, command);
      if (answer.kind === "result") {
        const channel = answer.value;
        channels.add(channel);
        void channel.ended.then(() => channels.delete(channel));
      }
      return answer;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const channel of channels) channel.destroy();
    },
  };
}

async function start(
  settings: LocalSettings,
  host: Host,
  command: string,
): Promise<Answer<Channel>> {
  const [program, ...args] = settings.shell;
  try {
    const child = spawn(program, [...args, "-c", command], {
      // A session of its own: the terminal's Ctrl-C is for Handrail, not for the command.
      detached: true,
      env: settings.environment,
    });
    await once(child, "spawn");
    return { kind: "result", value: channelOf(child, host) };
  } catch (error) {
    const failure = unsupported(
      host,
      `the shell "${program}" can't be started`,
      `command -v ${program}`,
    );
    return { kind: "not-sent", failure: withDetail(failure, String(error)) };
  }
}

function channelOf(child: ChildProcess, host: Host): Channel {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null)
    throw new Error("spawned without pipes");
  const ending = newEnding();
  child.once("exit", (code, signal) => {
    ending.tell(code === null ? { kind: "signal", signal: signal ?? "" } : { kind: "exit", code });
  });
  return {
    stdin: surviveBrokenPipe(stdin),
    stdout: outputOf(stdout),
    stderr: outputOf(stderr),
    ended: ending.ended,
    destroy() {
      ending.tell({ kind: "lost", failure: connectionLost(host, "the channel was dropped here") });
      for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
      // The command may go on, as it would behind a cut cable; it must not keep this process alive.
      child.unref();
    },
  };
}
