import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command, commandTimeoutMs, commandWithin } from "../../src/notifiers/command.ts";
import { noticeJson } from "../../src/notifiers/notice-json.ts";
import type { Notice } from "../../src/ports/notifier.ts";

const notice: Notice = {
  id: "kb-4711-20261123-0312-7f3a.412.1",
  severity: "info",
  plan: "kb-4711",
  written: null,
  kind: "sealed",
  rollout: "kb-4711-20261123-0312-7f3a",
  at: "2026-11-23T03:12:44Z",
  text: "All of it; $(touch pwned).",
};
const never = new AbortController().signal;

test("the notice is the program's input, and its arguments are words", async () => {
  const folder = await mkdtemp(join(tmpdir(), "handrail-notify-"));
  try {
    const out = join(folder, "two words");
    await command.tell(["sh", "-c", 'cat >"$1"', "sh", out], notice, never);
    expect(JSON.parse(await readFile(out, "utf8"))).toEqual(noticeJson(notice));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  [["sh", "-c", "echo no mail >&2; exit 3"], '"sh" ended with exit code 3: no mail'],
  [["sh", "-c", "kill -9 $$"], '"sh" ended with signal SIGKILL'],
  [["/no/such/program"], `"/no/such/program" can't be run: spawn /no/such/program ENOENT`],
])("%j is not told: %s", async (words, message) => {
  await expect(command.tell(words, notice, never)).rejects.toThrow(message);
});

test("a program that reads nothing is told all the same", async () => {
  const long = { ...notice, text: "x".repeat(200_000) };
  await expect(command.tell(["true"], long, never)).resolves.toBeUndefined();
});

test("a program that does not end, and holds its output open, is given up in time", async () => {
  const told = commandWithin(200).tell(["sh", "-c", "sleep 60 & wait"], notice, never);
  await expect(told).rejects.toThrow('"sh" was ended: it took longer than 200 ms');
  expect(commandTimeoutMs).toBeLessThanOrEqual(10_000);
});

test("an abort ends the program and all that it started", async () => {
  const stop = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "handrail-notify-"));
  try {
    const pids = join(folder, "pids");
    const script = 'sleep 60 & echo "$$ $!" >"$1.new" && mv "$1.new" "$1"; wait';
    const told = command
      .tell(["sh", "-c", script, "sh", pids], notice, stop.signal)
      .catch((problem: unknown) => String(problem));
    const [shell, grandchild] = (await appears(pids)).trim().split(" ").map(Number);
    stop.abort();
    expect(await told).toBe('Error: "sh" was ended: interrupted');
    await expect.poll(async () => (await alive(shell!)) || (await alive(grandchild!))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([[[]], [[""]], ["mail"]])("the schema refuses %j", (given) => {
  expect(command.args.safeParse(given).success).toBe(false);
});

async function appears(path: string): Promise<string> {
  let text = "";
  await expect
    .poll(
      async () => {
        text = await readFile(path, "utf8").catch(() => "");
        return text;
      },
      { timeout: 5000 },
    )
    .not.toBe("");
  return text;
}

/** Running, and not only waiting to be collected. */
async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) Z /.test(stat);
}
