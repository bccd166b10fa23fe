import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** Someone who draws on a terminal that a shell shares with other jobs. */
export interface Job {
  /** Ctrl-Z was typed: gives the terminal back. The process stops when this resolves. */
  stop(): Promise<void>;
  /** It goes on, in the foreground or the background, with whatever is on the screen by now. */
  goOn(): void;
}

/**
 * Stops on SIGTSTP as every program does, but only once the terminal has been given back, and says when it goes on.
 * Signals that a process is stopped by without being told of (SIGSTOP) end in `goOn`, too.
 */
export function listenForStops(job: Job): Disposable {
  let stopping = false;
  const onStop = (): void => {
    if (stopping) return;
    stopping = true;
    void job.stop().finally(() => {
      if (!stopping) return;
      // Without a listener the signal does what it always does: nothing, where no shell could let us go on.
      process.off("SIGTSTP", onStop);
      process.kill(process.pid, "SIGTSTP");
      stopping = false;
      process.on("SIGTSTP", onStop);
      job.goOn();
    });
  };
  const onGo = (): void => {
    if (!stopping) job.goOn();
  };
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", onGo);
  return {
    [Symbol.dispose]() {
      stopping = false;
      process.off("SIGTSTP", onStop);
      process.off("SIGCONT", onGo);
    },
  };
}

/**
 * Is this terminal ours? proc_pid_stat(5): after the command's name, which may hold anything, come state, parent,
 * process group, session, terminal, and the group that has the terminal. Where nobody says, it is.
 */
export function isInForeground(stream: NodeJS.WriteStream): boolean {
  if (!("fd" in stream) || typeof stream.fd !== "number" || !isatty(stream.fd)) return true;
  const stat = statOf();
  const [, , group, , , owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return owner === undefined || Number(owner) <= 0 || owner === group;
}

function statOf(): string {
  try {
    return readFileSync("/proc/self/stat", "latin1");
  } catch {
    // Linux alone has it; elsewhere a job in the background draws, as it always did.
    return "";
  }
}
