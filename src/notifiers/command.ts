import { spawn } from "node:child_process";
import { z } from "zod";
import { oneLine } from "../core/printable.ts";
import type { NotifierKind } from "../ports/notifier.ts";
import { noticeJson } from "./notice-json.ts";

/** Milliseconds that the command may take; the port allows ten seconds in all. */
export const commandTimeoutMs = 9000;

/** Bytes kept of what the command says on standard error. */
const errorBytesMax = 2048;

const word = z.string().refine((text) => !text.includes("\0"), {
  error: "must not hold a zero byte",
});

const args = z
  .array(word)
  .min(1)
  .refine(([program = ""]) => program !== "", { error: "must begin with a program" })
  .describe(
    "A program and its arguments, run on the controller; the notice is its input, as JSON.",
  );

export type CommandArgs = z.output<typeof args>;

/** `command: [program, …]`, without a shell. Told when it ends with exit code 0. */
export const command = commandWithin(commandTimeoutMs);

/** The command with another bound, in milliseconds, so that a test need not wait for the real one. */
export function commandWithin(timeoutMs: number): NotifierKind<CommandArgs> {
  return {
    name: "command",
    args,
    // Its words may hold what only that program should read.
    receiver: ([program = ""]) => `command ${oneLine(program, { max: 200 })}`,
    tell: ([program = "", ...rest], notice, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) {
          reject(new Error(`"${program}" was not run: interrupted`));
          return;
        }
        // A group of its own, so that what the program starts ends with it.
        const child = spawn(program, rest, { detached: true, stdio: ["pipe", "ignore", "pipe"] });
        let said = Buffer.alloc(0);
        const end = (sentence: string | null): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
          // A grandchild may hold the pipe open; nobody waits for it.
          child.stderr.destroy();
          if (sentence === null) resolve();
          else reject(new Error(sentence));
        };
        const kill = (why: string): void => {
          if (child.pid !== undefined) killGroup(child.pid);
          end(`"${program}" was ended: ${why}`);
        };
        const stop = (): void => kill("interrupted");
        const timer = setTimeout(() => kill(`it took longer than ${timeoutMs} ms`), timeoutMs);
        signal.addEventListener("abort", stop);
        child.once("error", (problem) => end(`"${program}" can't be run: ${problem.message}`));
        child.stderr.on("data", (chunk: Buffer) => {
          said = Buffer.concat([said, chunk]).subarray(-errorBytesMax);
        });
        child.once("exit", (code, ended) => {
          // What it said last may still be in the pipe.
          setImmediate(() => {
            const words = oneLine(said, { max: 300, keep: "end" }).trim();
            const how = code === null ? `signal ${ended}` : `exit code ${code}`;
            const because = words === "" ? "" : `: ${words}`;
            end(code === 0 ? null : `"${program}" ended with ${how}${because}`);
          });
        });
        // A program that reads nothing is no trouble: its exit code counts.
        child.stdin.on("error", () => child.stdin.destroy());
        child.stdin.end(`${JSON.stringify(noticeJson(notice))}\n`);
      }),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (problem) {
    // ESRCH: it ended by itself in this very moment.
    if (!(problem instanceof Error && "code" in problem && problem.code === "ESRCH")) throw problem;
  }
}
