import { expect, test } from "vitest";
import type { Note } from "../../src/core/event.ts";
import { gatherEvidence } from "../../src/views/evidence.ts";
import { finished } from "./support/alma.ts";

/** A journal of notes, a second apart. */
function noted(...notes: readonly Note[]) {
  return notes.map((note, index) => ({
    seq: index + 1,
    at: `2026-11-23T03:00:0${index}.000Z`,
    event: { kind: "noted", note } as const,
  }));
}

const started = (attempt: number, host: string): Note => ({
  kind: "step.started",
  instance: "cn01",
  host,
  step: 0,
  attempt,
});

test("a step begins when the first host begins its last attempt", () => {
  const records = noted(
    started(1, "cn01-a"),
    finished("cn01", 0, { exitCode: 1 }),
    started(2, "cn01-a"),
    started(2, "cn01-b"),
    started(1, "cn01-b"),
  );
  const seen = gatherEvidence(records).get("cn01");
  expect(seen?.stepStarted.get(0)).toEqual({ attempt: 2, at: "2026-11-23T03:00:02.000Z" });
  expect(seen?.signs).toEqual(["2026-11-23T03:00:01.000Z"]);
});

test("what the journal does not name has no evidence", () => {
  expect(gatherEvidence(noted(started(1, "cn01-a"))).get("cn02")).toBeUndefined();
  expect(gatherEvidence([]).size).toBe(0);
});
