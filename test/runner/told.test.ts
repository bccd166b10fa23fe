import { expect, test } from "vitest";
import type { Note } from "../../src/core/event.ts";
import { Told } from "../../src/runner/told.ts";

const on = { instance: "a", host: "a", step: 0 } as const;
const armed: Note = { kind: "guard.armed", ...on, leaseMs: 60_000 };
const disarmed: Note = { kind: "guard.disarmed", ...on, because: "judged" };
const started: Note = { kind: "step.started", ...on, attempt: 1 };
const retrying: Note = {
  kind: "retrying",
  instance: "a",
  what: "step",
  failure: { code: "CONNECT_LOST", message: "m", hint: "h" },
  inMs: 500,
};

test("a step that is asked about again is not told to run again", () => {
  const told = new Told();
  expect([started, started, { ...started, attempt: 2 }].map((note) => told.isNew(note))).toEqual([
    true,
    false,
    true,
  ]);
});

test("a lease that is renewed is not told, a switch that is armed after another is", () => {
  const told = new Told();
  const notes = [armed, armed, disarmed, disarmed, armed];
  expect(notes.map((note) => told.isNew(note))).toEqual([true, false, true, false, true]);
});

test("what is armed is known by host and step", () => {
  const told = new Told();
  told.isNew(armed);
  expect(told.isArmed(on)).toBe(true);
  expect(told.isArmed({ ...on, host: "b" })).toBe(false);
  told.isNew(disarmed);
  expect(told.isArmed(on)).toBe(false);
});

test("every try that is repeated is told", () => {
  const told = new Told();
  expect([retrying, retrying].map((note) => told.isNew(note))).toEqual([true, true]);
});
