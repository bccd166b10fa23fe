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
  /** Aborts once nobody reads standard output any more. */
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

/** The process itself. A reader that went away (`| head`) is no trouble of ours: a rollout goes on. */
export function processIo(): Io {
  const unread = new AbortController();
  for (const stream of [process.stdout, process.stderr]) {
    // A terminal that closed or a full disk behind a redirect is no reason to leave a rollout half-way.
    stream.on("error", () => {
      if (stream === process.stdout) unread.abort();
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
