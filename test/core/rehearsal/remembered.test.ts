import { expect, test } from "vitest";
import {
  isConclusive,
  rememberedOf,
  rememberedSchema,
} from "../../../src/core/rehearsal/remembered.ts";
import type {
  EffectGroup,
  RehearsedHost,
  RehearsedStep,
  StepFound,
} from "../../../src/core/rehearsal/rehearsal.ts";
import { changeOf } from "../verdict/made-up.ts";
import { effectsOf } from "../../../src/core/verdict/classify.ts";

const of = { digest: "a".repeat(64), at: "2026-11-28T12:00:00.000Z", network: false };

const group: EffectGroup = {
  of: "protected",
  path: "/srv/tmp",
  policy: "keep",
  counts: { deleted: 3 },
  deletedBytes: 40,
  effects: effectsOf([changeOf("deleted", "/srv/tmp/session-of-ann")]),
};

function rehearsed(parts: Partial<StepFound> = {}): RehearsedStep {
  return {
    number: 1,
    name: "clear",
    is: "rehearsed",
    exitCode: 0,
    durationMs: 5,
    output: "what it printed",
    inconclusive: null,
    findings: [],
    groups: [group],
    external: [],
    remarks: [],
    ...parts,
  };
}

function remembered(...steps: readonly RehearsedStep[]) {
  const host: RehearsedHost = { name: "ap01", failure: null, notes: [], steps };
  return rememberedOf([{ name: "ap01", region: "apac", hosts: [host] }], of);
}

test("of a rehearsal counts and sentences are kept, no single path and no output", () => {
  const [kept] = remembered(rehearsed({ external: ["systemctl restart app"] }));
  expect(kept).toMatchObject({ ...of, instance: "ap01", host: "ap01" });
  expect(kept?.steps[0]).toMatchObject({
    number: 1,
    is: "rehearsed",
    places: [{ path: "/srv/tmp", policy: "keep", counts: { deleted: 3 }, deletedBytes: 40 }],
    recorded: 1,
  });
  expect(JSON.stringify(kept)).not.toMatch(/session-of-ann|what it printed|systemctl/);
});

test("a host on which nothing was run takes away nothing that was known", () => {
  const steps: readonly RehearsedStep[] = [
    { number: 1, name: "s", is: "not-rehearsable", because: "it is a request" },
  ];
  const failure = { code: "CONNECT_LOST", message: "gone", hint: "look" } as const;
  const hosts: readonly RehearsedHost[] = [
    { name: "a", failure: null, notes: [], steps },
    { name: "b", failure, notes: [], steps: [rehearsed()] },
  ];
  expect(rememberedOf([{ name: "i", region: "r", hosts }], of)).toEqual([]);
});

test("however much was found, what is kept is bounded, fits its own schema, and says what it left out", () => {
  const long = "x".repeat(10_000);
  const finding = { path: long, policy: "keep", code: "CONTRACT_BROKEN", count: 1 } as const;
  const step = rehearsed({
    inconclusive: long,
    findings: Array.from({ length: 40 }, () => ({ ...finding, message: long, examples: [] })),
    groups: Array.from({ length: 300 }, () => ({ ...group, path: long })),
    remarks: Array.from({ length: 300 }, () => long),
  });
  const [kept] = remembered(
    ...Array.from({ length: 900 }, (_, at) => ({ ...step, number: at + 1 })),
  );
  expect(rememberedSchema.parse(kept)).toEqual(kept);
  expect(kept?.steps).toHaveLength(200);
  expect(kept?.steps[0]).toMatchObject({ breaksCount: 40, placesMore: 280 });
  expect(JSON.stringify(kept?.steps[0]).length).toBeLessThan(20_000);
});

test("a step of which nobody can say what it would do was not shown", () => {
  const [kept] = remembered(rehearsed(), rehearsed({ inconclusive: "it ended with exit code 4" }));
  expect(kept?.steps.map(isConclusive)).toEqual([true, false]);
});
