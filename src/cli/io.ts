import type { Readable } from "node:stream";
import { calledAs } from "./called-as.ts";
import { isReaderGone } from "./reader-gone.ts";
import { inSignsOf } from "./shown-text.ts";
import type { TextOutput } from "./text-output.ts";
import { inWorkflow, withoutCommands } from "./workflow-commands.ts";

export type { TextOutput };

/** The world as a command sees it. Tests may pass their own. */
export interface Io {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How the program was called, for what is suggested to type: "npx handrail". */
  readonly called: string;
  /** Aborts once standard output can't be written any more, with the error. */
  readonly unread: AbortSignal;
  /** Takes workflow commands where this is a step of GitHub Actions; absent elsewhere. */
  readonly workflow?: TextOutput;
}

/** May something be asked of a person? Only where both ends are a terminal. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** The process itself. Output that can't be written any more is no reason to end by an error. */
export function processIo(): Io {
  const unread = new AbortController();
  for (const stream of [process.stdout, process.stderr]) {
    // What it means is up to whoever runs: a rollout stops safely where its reader is gone, and goes
    // on where a disk behind a redirect is full.
    stream.on("error", (error) => {
      if (stream !== process.stdout || unread.signal.aborted) return;
      unread.abort(error);
      if (isReaderGone(error)) return;
      // Who wrote to a file has to hear that it is not whole: the exit code is about something else.
      process.stderr.write(
        `standard output could not be written, which changes nothing else: ${error.message}\n`,
      );
    });
  }
  const guarded = inWorkflow(process.env) && !process.stdout.isTTY;
  return {
    stdout: guarded ? withoutCommands(process.stdout) : process.stdout,
    stderr: guarded ? withoutCommands(process.stderr) : inSignsOf(process.stderr, process.env),
    ...(guarded ? { workflow: process.stdout } : {}),
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    called: calledAs({ env: process.env, cwd: process.cwd(), script: process.argv[1] ?? "" }),
    unread: unread.signal,
  };
}
