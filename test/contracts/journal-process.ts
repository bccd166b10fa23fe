import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { onTestFinished } from "vitest";

/** The program of every such process. */
export const child = join(import.meta.dirname, "journal-child.ts");

/** A process of a controller, and what it says line by line. Killed when the test ends. */
export function start(folder: string, ...args: readonly string[]) {
  const running = execa(process.execPath, [child, folder, ...args], {
    reject: false,
    stdin: "pipe",
    buffer: { stdout: false },
  });
  onTestFinished(async () => {
    running.kill("SIGKILL");
    await running;
  });
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  return {
    tell: (text: string) => running.stdin.write(text),
    /** What it says next; null when it is gone. */
    hear: async (): Promise<unknown> => {
      const { done, value } = await lines.next();
      if (done !== true) return JSON.parse(value);
      const { stderr } = await running;
      if (stderr !== "") throw new Error(stderr);
      return null;
    },
    kill: async () => {
      running.kill("SIGKILL");
      await running;
    },
  };
}
