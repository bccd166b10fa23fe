import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { echoMs, listenForInterrupts } from "../../src/cli/interrupts.ts";

function listening() {
  const source = new EventEmitter();
  const clock = { ms: 0 };
  const parent = { lose: (_who: string): void => undefined, watched: true };
  const output = new AbortController();
  const interrupts = listenForInterrupts({
    process: source,
    unread: output.signal,
    now: () => clock.ms,
    watchParent(gone) {
      parent.lose = gone;
      return { [Symbol.dispose]: () => (parent.watched = false) };
    },
  });
  const states = () => [interrupts.first.aborted, interrupts.second.aborted];
  const failOutput = (code: string): void => output.abort(Object.assign(new Error(code), { code }));
  return { source, clock, interrupts, states, parent, failOutput };
}

test("the first signal stops safely and the second leaves at once", () => {
  const { source, clock, interrupts, states } = listening();
  source.emit("SIGINT", "SIGINT");
  expect(states()).toEqual([true, false]);
  expect(interrupts.first.reason).toEqual({ signal: "SIGINT", because: "" });
  clock.ms = echoMs;
  source.emit("SIGTERM", "SIGTERM");
  expect([...states(), interrupts.second.reason]).toEqual([true, true, "SIGTERM"]);
});

test("what a parent passes on of the same keypress is not a second signal", () => {
  const { source, clock, states } = listening();
  source.emit("SIGINT", "SIGINT");
  clock.ms = echoMs - 1;
  source.emit("SIGINT", "SIGINT");
  expect(states()).toEqual([true, false]);
});

test("a parent that is gone stops safely, and says so", () => {
  const { interrupts, states, parent } = listening();
  parent.lose("npm");
  expect(states()).toEqual([true, false]);
  expect(interrupts.first.reason).toEqual({ signal: "SIGHUP", because: "npm is gone" });
});

test("a parent that goes after the first signal is no second one", () => {
  const { source, clock, states, parent } = listening();
  source.emit("SIGTERM", "SIGTERM");
  clock.ms = 10 * echoMs;
  parent.lose("npm");
  expect(states()).toEqual([true, false]);
});

test("the hangup that comes with the parent's end is no second signal either", () => {
  const { source, clock, states, parent } = listening();
  parent.lose("npm");
  clock.ms = echoMs - 1;
  source.emit("SIGHUP", "SIGHUP");
  expect(states()).toEqual([true, false]);
});

test.each(["EPIPE", "EIO"])("output that nobody reads any more (%s) is a hangup", (code) => {
  const { interrupts, states, failOutput } = listening();
  failOutput(code);
  expect(states()).toEqual([true, false]);
  expect(interrupts.first.reason).toEqual({
    signal: "SIGHUP",
    because: "nobody reads what this process prints any more",
  });
});

test("a full disk behind the output is no reason to stop", () => {
  const { states, failOutput } = listening();
  failOutput("ENOSPC");
  expect(states()).toEqual([false, false]);
});

test("a terminal that closes hangs up and fails the output, and that is one wish", () => {
  const { source, clock, states, failOutput } = listening();
  source.emit("SIGHUP", "SIGHUP");
  clock.ms = 10 * echoMs;
  failOutput("EIO");
  expect(states()).toEqual([true, false]);
});

test("nobody listens any more afterwards", () => {
  const { source, interrupts, parent } = listening();
  interrupts[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
  expect(parent.watched).toBe(false);
});
