import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { longOnly, isLong } from "../support/long-suite.ts";
import { openStage, orderFor } from "./support/rehearsing.ts";
import { isRoot, processesWith, rootOnly, ShellHost, until } from "./support/shell-hosts.ts";

/** The processes above this one up to ours, the nearest first. */
function above(pid: number): readonly number[] {
  const found: number[] = [];
  for (let at = pid; at > 1 && at !== process.pid;) {
    const stat = readFileSync(`/proc/${at}/stat`, "utf8");
    at = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (at !== process.pid) found.push(at);
  }
  return found;
}

/** What a rehearsal could have left in the mount table. */
function mounted(host: ShellHost): string {
  return host.sh("grep '^handrail ' /proc/self/mounts || true");
}

// From the guard down: whichever is killed, all of it must go.
const levels = [
  "guard",
  "guard's shell for the request",
  "holder of the namespaces",
  "process that keeps the copy",
  "shell around the step",
  "holder of the step's namespaces",
  "first process of the step's namespaces",
] as const;

test.runIf(isRoot && isLong).each(levels)(
  `with the %s killed in the middle, nothing is left and the tree is as it was${rootOnly || longOnly}`,
  async (name) => {
    const level = levels.indexOf(name);
    await using host = await ShellHost.start();
    host.sh("mkdir d; printf 1 >d/a; printf 2 >b");
    const before = [host.listing(), mounted(host)];
    const marker = `sleep 86.${process.pid}${level}`;
    await using stage = await openStage(host);
    const answer = stage.rehearse(
      orderFor(host, [`rm -rf d; printf 3 >c; mkdir e; ${marker}`], { timeoutMs: 6_000 }),
    );
    await until("the step", () => processesWith(marker).some((line) => !line.includes("sh ")));
    const [sleeper] = processesWith(marker).filter((line) => !line.includes("sh "));
    const chain = above(Number.parseInt(sleeper ?? "", 10)).toReversed();
    process.kill(chain[level]!, "SIGKILL");
    const ended = await answer;
    await until("all of it is gone", () => processesWith(marker).length === 0);
    await until("its shells are gone", () => chain.slice(level).every(isGone));
    expect(ended.kind === "result" ? ended.value.kind : ended.kind).toMatch(
      /^(unknown|rehearsed)$/,
    );
    expect([host.listing(), mounted(host)]).toEqual(before);
  },
);

function isGone(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

test.runIf(isRoot && isLong)(
  `with the session closed in the middle, nothing is left and the tree is as it was${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("mkdir d; printf 1 >d/a");
    const before = [host.listing(), mounted(host)];
    const marker = `sleep 87.${process.pid}`;
    const stage = await openStage(host);
    const answer = stage.rehearse(orderFor(host, [`rm -rf d; ${marker}`]));
    await until("the step", () => processesWith(marker).some((line) => !line.includes("sh ")));
    await stage[Symbol.asyncDispose]();
    expect((await answer).kind).toBe("unknown");
    await until("all of it is gone", () => processesWith(marker).length === 0);
    expect([host.listing(), mounted(host)]).toEqual(before);
  },
);
