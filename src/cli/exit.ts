import { HandrailError, RolloutStopped } from "../core/failure.ts";
import { problemLine } from "../core/plan/problem.ts";
import { printable } from "../core/printable.ts";
import { exitCodes, signalCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { AtJournal, PlanRefused, UsageError } from "./refusal.ts";
import { toolVersion } from "../version.ts";
import { WaitInterrupted } from "../wait-interrupted.ts";
import { asCalled } from "../views/as-called.ts";

/** What may still hold the process open after its end (a socket, say) gets so long, then it leaves. */
const lingerMs = 2_000;

/**
 * Runs a command to its exit code, and prints whatever made it fail: the only place that does.
 * Expected trouble is told in words with the next thing to type; the rest is a bug, and says so.
 */
export async function exitCodeOf(command: () => Promise<number>, io: Io): Promise<number> {
  try {
    return await command();
  } catch (error) {
    return tell(error, io);
  }
}

/** How an error is told on standard error, and the exit code that goes with it. */
export function toldAs(
  error: unknown,
  io: Io,
): { readonly exit: number; readonly lines: readonly string[] } {
  let text = "";
  const exit = tell(error, { ...io, stderr: { write: (more) => (text += more) } });
  return { exit, lines: text.trimEnd().split("\n") };
}

/** Ends the process with this code, once what it printed has been handed over. */
export function leave(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), lingerMs).unref();
}

function tell(error: unknown, io: Io, program: string = io.called): number {
  const print = (line: string): void => {
    io.stderr.write(`${printable(line)}\n`);
  };
  const printHint = (lead: string, hint: string): void =>
    print(`  ${lead}: ${asCalled(hint, program)}`);
  if (error instanceof AtJournal) return tell(error.cause, io, error.program);
  if (error instanceof SuppressedError) {
    // What went wrong first is what must be told; what failed while closing afterwards comes second.
    const code = tell(error.suppressed, io, program);
    print(`and while closing: ${wordsOf(error.error)}`);
    return code;
  }
  if (error instanceof UsageError) {
    print(`handrail: ${error.message}`);
    printHint("next", error.hint);
    return exitCodes.refused;
  }
  if (error instanceof PlanRefused) {
    for (const problem of error.problems) print(problemLine(problem));
    const { length } = error.problems;
    print(`handrail: ${length === 1 ? "1 problem" : `${length} problems`}, nothing was touched`);
    printHint("next", "put that right, and type the same again");
    return exitCodes.refused;
  }
  if (error instanceof WaitInterrupted) {
    const { signal, because } = error.why;
    const why = because === "" ? signal : `${signal}, because ${because}`;
    print(`handrail: the wait was ended (${why}); nothing was touched, and no lock was taken`);
    printHint("next", "the same command again, when ready; `handrail locks` shows who holds what");
    return signalCode(signal);
  }
  if (error instanceof RolloutStopped) {
    const { code, message, hint } = error.failure;
    print(`handrail: the rollout stopped half-way: ${message} (${code})`);
    printHint("first", hint);
    printHint("next", `handrail resume ${error.rollout}`);
    print(
      "Locks are kept and guards stay armed: where nobody goes on in time, a host ends a step that still runs there, and takes it back.",
    );
    return exitCodes.needsPerson;
  }
  if (error instanceof HandrailError) {
    const { code, message, hint, detail } = error.failure;
    print(`handrail: ${message} (${code})`);
    if (detail !== undefined) print(detail);
    printHint("next", hint);
    return exitCodes.refused;
  }
  tellBug(error, print);
  return exitCodes.bug;
}

function tellBug(error: unknown, print: (line: string) => void): void {
  print(`handrail: this is a bug in Handrail, not in your plan: ${wordsOf(error)}`);
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at !== error) print(`caused by ${at.message}`);
    if (at.stack !== undefined) print(at.stack.slice(at.stack.indexOf("\n") + 1));
  }
  const where = `handrail ${toolVersion()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
  print(`Please report it with all of the lines above, and these: ${where}`);
  print("A rollout that was under way is whole in its journal: `handrail status` shows it.");
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
