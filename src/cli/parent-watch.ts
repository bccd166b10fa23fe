import { readFileSync } from "node:fs";

/** Between two looks at who our parent is. */
export const parentPollMs = 500;

/**
 * Calls back, once, when the process that started this one for somebody else is gone: npx and npm
 * (they end on SIGTERM and don't wait for what they started), or bin/handrail.js under an older
 * Node. Without it a rollout would go on with nobody to see it. Any other parent, a shell say, may
 * end as it likes: that is how `nohup` and `disown` are used.
 */
export function watchParent(gone: (who: string) => void): Disposable {
  // bin/handrail.js opens a channel; the kernel closes it with that process, kill -9 included. Node
  // keeps this process alive for as long as somebody listens.
  const onDisconnect = (): void => gone("the process that started this one");
  process.on("disconnect", onDisconnect);
  const links = linksToNpm();
  const timer = setInterval(() => {
    if (links.every(isAsItWas)) return;
    clearInterval(timer);
    gone("npm, which started this process,");
  }, parentPollMs);
  timer.unref();
  if (links.length === 0) clearInterval(timer);
  return {
    [Symbol.dispose]() {
      process.off("disconnect", onDisconnect);
      clearInterval(timer);
    },
  };
}

/** A process and the parent that it had. */
interface Link {
  /** null: this process. */
  readonly pid: number | null;
  readonly parent: number;
}

/** npm starts a shell, that shell starts bin/handrail.js, and an older Node starts us from there. */
const npmDistanceMax = 3;

/** From this process up to the npm that started it; empty: npm did not. */
function linksToNpm(): readonly Link[] {
  // Set by npm, npx, and what stands in for them: `npm_command` is "exec", "run-script" …
  if (process.env["npm_command"] === undefined) return [];
  const links: Link[] = [{ pid: null, parent: process.ppid }];
  for (let above = process.ppid; !isNpm(above); above = links.at(-1)!.parent) {
    const parent = parentOf(above);
    // Without /proc only our own parent can be watched.
    if (parent === null) return links;
    if (links.length === npmDistanceMax) return [];
    links.push({ pid: above, parent });
  }
  return links;
}

function isAsItWas({ pid, parent }: Link): boolean {
  return (pid === null ? process.ppid : parentOf(pid)) === parent;
}

/** npm calls itself "npm exec …" or "npm run …" (process.title). */
function isNpm(pid: number): boolean {
  return /^(npm|npx|yarn|pnpm)\b/.test(readProc(pid, "cmdline") ?? "");
}

/** null: not there any more, or this system has no /proc. proc_pid_stat(5), field 4. */
function parentOf(pid: number): number | null {
  const stat = readProc(pid, "stat");
  // The second field is the command in parentheses, and may hold any character.
  const [, parent] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return parent === undefined ? null : Number(parent);
}

function readProc(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return null;
  }
}
