import { expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Failure } from "../../src/core/failure.ts";
import type { Note, RolloutEvent } from "../../src/core/event.ts";
import { redactor } from "../../src/core/redact.ts";
import { cleanEvent } from "../../src/runner/clean-event.ts";

const secret = "hunter2-and-more";
const strike = redactor({ pin: secret });
const action: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const failure: Failure = {
  code: "STEP_EXIT",
  message: `said ${secret}`,
  hint: `not ${secret}`,
  detail: `${secret}\n\u001B[2Jgone`,
};

function noted(note: Note): RolloutEvent {
  return { kind: "noted", note };
}

const on = { instance: "a", host: "a", step: 0 } as const;

test.each<[string, RolloutEvent]>([
  ["a failure", { kind: "outcome", action, outcome: { is: "failed", failure } }],
  ["a doubt", { kind: "outcome", action, outcome: { is: "inconclusive", failure } }],
  [
    "a question that is put again",
    noted({ ...on, kind: "retrying", what: "step", failure, inMs: 1 }),
  ],
  [
    "a step's output",
    noted({
      ...on,
      kind: "step.finished",
      attempt: 1,
      exitCode: 0,
      timedOut: false,
      durationMs: 1,
      output: `token=${secret}`,
    }),
  ],
  ["a reason", { kind: "asked", wish: { kind: "pause" }, by: "me", reason: `because ${secret}` }],
  [
    "names of files",
    noted({ ...on, kind: "restored", restored: 1, conflicts: [`/srv/${secret}`] }),
  ],
  [
    "what a fired switch could not put back",
    noted({
      ...on,
      kind: "guard.fired",
      firedAt: "2026-01-01T00:00:00Z",
      complete: true,
      restored: 0,
      conflicts: [`/srv/${secret}`],
      failed: [`/srv/x: ${secret}`],
    }),
  ],
  ["a remark", noted({ instance: "a", kind: "remark", text: secret })],
])("no secret is left in %s", (_what, event) => {
  const text = JSON.stringify(cleanEvent(event, strike));
  expect(JSON.stringify(event)).toContain(secret);
  expect(text).not.toContain(secret);
  expect(text).toContain("[secret pin]");
});

test("what a host said can't clear the terminal of who reads the journal", () => {
  const event = cleanEvent({ kind: "outcome", action, outcome: { is: "failed", failure } }, strike);
  expect(JSON.stringify(event)).not.toContain("\\u001b[2J");
});

test("names of ours stay whole, also where a secret is as short as one of them", () => {
  const event: RolloutEvent = { kind: "outcome", action, outcome: { is: "done" } };
  expect(cleanEvent(event, redactor({ pin: "a" }))).toEqual(event);
});
