import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Processes and mounts of this machine that know `folder`: by their arguments, their environment or
 * their working folder. Waits for what is about to end. Empty: nothing was left behind.
 */
export async function leftBehind(
  folder: string,
  { waitMs, but }: { readonly waitMs: number; readonly but: readonly number[] },
): Promise<readonly string[]> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const found = [...(await processesOf(folder, but)), ...(await mountsOf(folder))];
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(pollMs);
  }
}

const pollMs = 100;

async function processesOf(folder: string, but: readonly number[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || pid === process.pid || but.includes(pid)) continue;
    const line = await textOf(`/proc/${name}/cmdline`);
    const environment = await textOf(`/proc/${name}/environ`);
    if (line === "" || !(line + environment).includes(folder)) continue;
    found.push(`process ${pid}: ${line.replaceAll(/[\0\n]+/g, " ").slice(0, 200)}`);
  }
  return found;
}

async function mountsOf(folder: string): Promise<readonly string[]> {
  const lines = (await textOf("/proc/self/mountinfo")).split("\n");
  return lines.filter((line) => line.includes(folder)).map((line) => `mount: ${line}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // It ended meanwhile, or it is somebody else's: none of ours.
    return "";
  }
}
