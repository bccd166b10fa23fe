import type { Readable } from "node:stream";
import { calledAs } from "./called-as.ts";

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
}

export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
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
      if (stream === process.stdout) unread.abort(error);
    });
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    called: calledAs({ env: process.env, cwd: process.cwd(), script: process.argv[1] ?? "" }),
    unread: unread.signal,
  };
}
