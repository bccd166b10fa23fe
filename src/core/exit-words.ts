/**
 * How a command ended, for people: "exit code 3", "exit code 137 (killed by SIGKILL)". A shell gives
 * 128 + n for what signal n ended, 127 where there was no such command, 126 where it can't be run
 * (POSIX.1-2024, Shell Command Language, 2.8.2).
 */
export function exitWords(code: number): string {
  if (code === 127) return "exit code 127 (a command was not found)";
  if (code === 126) return "exit code 126 (a command can't be run)";
  const signal = signals.get(code - signalBase);
  return signal === undefined ? `exit code ${code}` : `exit code ${code} (killed by ${signal})`;
}

const signalBase = 128;

/** Those that end processes on Linux, whatever the machine: signal(7). */
const signals: ReadonlyMap<number, string> = new Map([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [4, "SIGILL"],
  [6, "SIGABRT"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [11, "SIGSEGV"],
  [13, "SIGPIPE"],
  [14, "SIGALRM"],
  [15, "SIGTERM"],
  [24, "SIGXCPU"],
  [25, "SIGXFSZ"],
  [31, "SIGSYS"],
]);
