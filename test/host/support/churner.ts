// An application that lives in a folder: `node churner.ts FOLDER FILES-A-SECOND SEED`. Uploads come and
// go within a second or two, some of them with random names, and each request has a folder of its own.
// It ends with its standard input.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [folder = "", perSecond = "20", seed = "1"] = process.argv.slice(2);

/** Chance that a seed repeats (mulberry32). */
function chance(state: number): () => number {
  let at = state;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const draw = chance(Number(seed));
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const random = (length: number): string =>
  Array.from({ length }, () => letters[Math.floor(draw() * letters.length)]).join("");

/** Nobody promises that a folder of temporary files is still there. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

let count = 0;
async function serve(): Promise<void> {
  const kind = draw();
  count += 1;
  const name =
    kind < 0.5 ? `upload-${count}.part` : kind < 0.8 ? `php${random(6)}` : `request-${count}`;
  const path = join(folder, name);
  const livesMs = 200 + 1_600 * draw() ** 2;
  attempt(() => {
    if (!name.startsWith("request-")) return writeFileSync(path, `body ${count}`);
    mkdirSync(path);
    writeFileSync(join(path, "body"), `body ${count}`);
  });
  await sleep(livesMs);
  attempt(() => rmSync(path, { recursive: true }));
}

const pace = setInterval(() => void serve(), 1_000 / Number(perSecond));
process.stdin.on("end", () => {
  clearInterval(pace);
});
process.stdin.resume();
process.stdout.write("alive\n");
