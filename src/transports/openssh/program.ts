import type { Readable, Writable } from "node:stream";
import { outputOf, surviveBrokenPipe } from "../channel-parts.ts";
import type { SshSettings } from "../ssh-settings.ts";

/** A started program, with what the rest of this folder needs of it. */
export interface Program {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles as soon as the program itself has ended, whoever still holds its pipes. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our ends of its pipes. */
  close(): void;
}

export type ProgramEnd =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "not-started"; readonly reason: string };

/** Starts a program with three pipes, in a session of its own, in the C locale. */
export async function startProgram(
  settings: SshSettings,
  command: readonly [string, ...string[]],
): Promise<Program> {
  // Loading execa costs tens of milliseconds, which `--help` and other transports need not pay.
  const { execa } = await import("execa");
  const [file, ...args] = command;
  const child = execa(file, args, {
    buffer: false,
    encoding: "buffer",
    reject: false,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    // No controlling terminal: Ctrl-C is for Handrail alone, and nothing can ask for a passphrase.
    detached: true,
    extendEnv: false,
    env: environment(settings),
  });
  const { promise: ended, resolve } = Promise.withResolvers<ProgramEnd>();
  child.nodeChildProcess.once("exit", (code, signal) => {
    resolve(code === null ? { kind: "signal", signal: signal ?? "" } : { kind: "exit", code });
  });
  // Settles after "exit" where there was one; otherwise it tells why there was none.
  const notStarted = (reason = "unknown reason") => resolve({ kind: "not-started", reason });
  void child.then((result) => notStarted(result.originalMessage));
  return {
    pid: child.pid,
    stdin: surviveBrokenPipe(child.stdin),
    // At once: execa lets a stream run dry that nobody reads when the event loop comes round.
    stdout: outputOf(child.stdout),
    stderr: outputOf(child.stderr),
    ended,
    kill: (signal) => void child.kill(signal),
    close() {
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
    },
  };
}

function environment(settings: SshSettings): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings.environment)) {
    // The words of ssh are read by `diagnosis.ts`, which knows the C locale only.
    if (value !== undefined && !/^(LC_.*|LANG|LANGUAGE)$/.test(name)) kept[name] = value;
  }
  if (settings.agentSocket !== null) kept["SSH_AUTH_SOCK"] = settings.agentSocket;
  else delete kept["SSH_AUTH_SOCK"];
  return { ...kept, LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" };
}
