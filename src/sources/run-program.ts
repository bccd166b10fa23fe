/** What a program on the controller printed, or why there is nothing. */
export type ProgramRun =
  | { readonly kind: "printed"; readonly stdout: Uint8Array }
  | { readonly kind: "missing" }
  /** `trouble` ends a sentence that begins with the program's name; `stderr` is bounded. */
  | { readonly kind: "failed"; readonly trouble: string; readonly stderr: string };

/** Runs a program without a shell and without input, for a bounded time, with bounded output. */
export async function runProgram(order: {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly outputMax: number;
}): Promise<ProgramRun> {
  // The heaviest of all that we load, and most plans need it only once something runs.
  const { execa } = await import("execa");
  const [program = "", ...args] = order.argv;
  const result = await execa(program, args, {
    cwd: order.cwd,
    timeout: order.timeoutMs,
    forceKillAfterDelay: 1000,
    maxBuffer: order.outputMax,
    encoding: "buffer",
    stdin: "ignore",
    reject: false,
    stripFinalNewline: false,
  });
  const stderr = new TextDecoder().decode(result.stderr.slice(0, 400)).trim();
  const failed = (trouble: string): ProgramRun => ({ kind: "failed", trouble, stderr });
  if (result.isMaxBuffer) return failed(`printed more than ${order.outputMax} bytes`);
  if (result.timedOut) return failed(`did not end within ${order.timeoutMs / 1000} s`);
  if (!result.failed) return { kind: "printed", stdout: result.stdout };
  if (result.code === "ENOENT") return { kind: "missing" };
  if (result.signal !== undefined) return failed(`was ended by ${result.signal}`);
  if (result.exitCode !== undefined) return failed(`ended with ${result.exitCode}`);
  return failed(`can't be run (${result.code ?? "no reason given"})`);
}
