import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { echoMs, listenForInterrupts } from "../../src/cli/interrupts.ts";

function listening() {
  const source = new EventEmitter();
  const clock = { ms: 0 };
  const interrupts = listenForInterrupts(source, () => clock.ms);
  const states = () => [interrupts.first.aborted, interrupts.second.aborted];
  return { source, clock, interrupts, states };
}

test("the first signal stops safely and the second leaves at once", () => {
  const { source, clock, interrupts, states } = listening();
  source.emit("SIGINT", "SIGINT");
  expect([...states(), interrupts.first.reason]).toEqual([true, false, "SIGINT"]);
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

test("nobody listens any more afterwards", () => {
  const { source, interrupts } = listening();
  interrupts[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
});
