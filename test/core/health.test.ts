import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BakedProbe,
  type BakeStep,
  bakeStep,
  errorsInRowMax,
  type Sample,
} from "../../src/core/health.ts";
import type { Bake } from "../../src/core/plan/plan.ts";

type Health = Sample["is"];
/** What a probe would find at a moment, in milliseconds since the bake began. */
type World = (probe: string, atMs: number) => Health;

const looksMax = 2000;

/** Drives a bake on a clock that jumps: asks when told to, waits when told to, until it ends. */
function bakeIn(
  world: World,
  order: { bake: Bake; probes: readonly BakedProbe[]; spreads?: readonly number[] },
) {
  const startedMs = 1000;
  const samples: Sample[] = [];
  const waits: number[] = [];
  let nowMs = startedMs;
  for (let turn = 0; turn < looksMax; turn++) {
    const step = bakeStep({ ...order, startedMs, nowMs, samples });
    if (step.kind === "wait") {
      waits.push(step.ms);
      nowMs += step.ms;
    } else if (step.kind === "look") {
      for (const probe of step.probes) {
        const is = world(probe, nowMs - startedMs);
        const spread = order.spreads?.[samples.length] ?? 0;
        samples.push({ probe, askedMs: nowMs, is, because: `it was ${is}`, spread });
      }
    } else {
      return { end: step, samples, waits, tookMs: nowMs - startedMs };
    }
  }
  throw new Error("the bake does not end");
}

const bake: Bake = { settleMs: 5_000, stableMs: 30_000, retryMs: 60_000 };
const probe = (name: string, intervalMs = 5_000): BakedProbe => ({ name, intervalMs });

/** `F..` is a failure followed by two passes, one look each five seconds from 5 s on; `?` is an error. */
const script =
  (...courses: string[]): World =>
  (name, atMs) => {
    const course = courses[Number(name)]!;
    const letter = course[Math.min(Math.floor((atMs - 5_000) / 5_000), course.length - 1)];
    return letter === "F" ? "fail" : letter === "?" ? "error" : "pass";
  };

const table: readonly [string, string[], BakeStep["kind"], number][] = [
  ["healthy throughout", ["."], "passed", 35_000],
  ["one late start", ["F."], "passed", 40_000],
  ["a break starts the stretch anew", ["...F."], "passed", 55_000],
  [
    "a stretch that began just before the time ran out may finish",
    ["FFFFFFFFFFF."],
    "passed",
    90_000,
  ],
  ["the look that comes due at the end of retry still counts", ["FFFFFFFFFFFF."], "passed", 95_000],
  ["healthy one look too late", ["FFFFFFFFFFFFF."], "failed", 65_000],
  ["down throughout", ["F"], "failed", 65_000],
  ["flapping to the end", ["F.F.F.F.F.F.F.F."], "failed", 65_000],
  ["flapping, up when the time runs out", [".F.F.F.F.F.F.F.F"], "failed", 70_000],
  ["a stretch under way that breaks after the time ran out", ["FFFFFFFF.....F."], "failed", 70_000],
  ["nothing to be told", ["?"], "inconclusive", 65_000],
  ["nothing to be told since it was healthy", ["..?"], "inconclusive", 65_000],
  ["failing when last heard of", ["F?"], "failed", 65_000],
  ["errors, then healthy", ["????."], "passed", 55_000],
  ["one hole in the stretch", ["..?."], "passed", 35_000],
  ["two holes in a row", ["..??."], "passed", 35_000],
  ["three holes in a row start it anew", ["..???."], "passed", 60_000],
  ["a hole just where the last look is due", ["......?."], "passed", 40_000],
  ["one fine, one down", [".", "F"], "failed", 65_000],
  ["one fine, one not to be told", [".", "?"], "inconclusive", 65_000],
  ["a failure outweighs an error", ["?", "F"], "failed", 65_000],
  ["whichever comes first", ["F", "?"], "failed", 65_000],
  ["both recover, at different times", ["F.", "FFF."], "passed", 50_000],
  ["one breaks while the other is stable", [".", "...F."], "passed", 55_000],
];

test.each(table)("a bake: %s", (_name, courses, kind, tookMs) => {
  const probes = courses.map((_course, at) => probe(String(at)));
  const { end, tookMs: took } = bakeIn(script(...courses), { bake, probes });
  expect([end.kind, took]).toEqual([kind, tookMs]);
});

type Limits = Pick<BakedProbe, "failAfter" | "errorAfter">;

test.each<[string, Limits, string, BakeStep["kind"], number]>([
  ["one failure is borne where two count", { failAfter: 2 }, "...F.", "passed", 35_000],
  ["two failures in a row count", { failAfter: 2 }, "..FF.", "passed", 55_000],
  ["flapping never adds up to two in a row", { failAfter: 2 }, ".F.F.F.", "passed", 35_000],
  [
    "a failure is no pass: the stretch ends with one",
    { failAfter: 2 },
    "......F.",
    "passed",
    40_000,
  ],
  ["an error between two failures parts them not", { failAfter: 2 }, "..F?F.", "passed", 60_000],
  ["down throughout is down, whatever is borne", { failAfter: 9 }, "F", "failed", 65_000],
  ["down after the stretch began", { failAfter: 3 }, "..F", "failed", 65_000],
  ["no error is borne", { errorAfter: 1 }, "..?.", "passed", 50_000],
  ["five errors are borne", { errorAfter: 6 }, ".?????.", "passed", 35_000],
  ["what is borne of errors bears no failure", { errorAfter: 9 }, "..F.", "passed", 50_000],
  ["errors for ever prove nothing", { errorAfter: 100 }, "?", "inconclusive", 65_000],
])("limits in a row: %s", (_name, limits, course, kind, tookMs) => {
  const probes = [{ ...probe("0"), ...limits }];
  const { end, tookMs: took } = bakeIn(script(course), { bake, probes });
  expect([end.kind, took]).toEqual([kind, tookMs]);
});

describe("the looks", () => {
  test("are spread by chance that is passed in, and the last ones are not", () => {
    const spreads = [0, 0.5, 0.999];
    const probes = [{ ...probe("0", 10_000), jitterMs: 2_000 }];
    const { samples } = bakeIn(() => "pass", { bake, probes, spreads });
    const asked = samples.map(({ askedMs }) => askedMs - 1000);
    expect(asked).toEqual([5_000, 15_000, 26_000, 35_000]);
  });

  test("begin after settling, follow the probe's own interval, and end with one at the end", () => {
    const { samples } = bakeIn(() => "pass", {
      bake,
      probes: [probe("0", 12_000), probe("1", 600_000)],
    });
    const asked = (name: string) =>
      samples.filter((sample) => sample.probe === name).map(({ askedMs }) => askedMs - 1000);
    expect(asked("0")).toEqual([5_000, 17_000, 29_000, 35_000]);
    expect(asked("1")).toEqual([5_000, 35_000]);
  });

  test("of a slow probe that failed come once more when the time to begin runs out", () => {
    const { end, tookMs } = bakeIn((_name, atMs) => (atMs < 60_000 ? "fail" : "pass"), {
      bake,
      probes: [probe("0", 600_000)],
    });
    expect([end.kind, tookMs]).toEqual(["passed", 95_000]);
  });

  test("with nothing to retry: the first decides", () => {
    const strict = { ...bake, retryMs: 0 };
    const first = (is: Health) => bakeIn(() => is, { bake: strict, probes: [probe("0")] });
    expect(first("fail")).toMatchObject({ end: { kind: "failed" }, tookMs: 5_000 });
    expect(first("error")).toMatchObject({ end: { kind: "inconclusive" }, tookMs: 5_000 });
    expect(first("pass")).toMatchObject({ end: { kind: "passed" }, tookMs: 35_000 });
  });

  test("with nothing to be stable for: one pass each is enough", () => {
    const { end, samples } = bakeIn(() => "pass", {
      bake: { settleMs: 0, stableMs: 0, retryMs: 0 },
      probes: [probe("0"), probe("1")],
    });
    expect(end.kind).toBe("passed");
    expect(samples).toHaveLength(2);
  });

  test("are none where there are no probes: then the bake is a wait", () => {
    expect(bakeIn(() => "fail", { bake, probes: [] })).toMatchObject({
      end: { kind: "passed" },
      samples: [],
      tookMs: 35_000,
    });
  });
});

test("one probe's last error does not end a bake while another has its last look still to come", () => {
  const samples: Sample[] = [
    { probe: "0", askedMs: 60_000, is: "fail", because: "status 500" },
    { probe: "1", askedMs: 65_000, is: "error", because: "no answer" },
  ];
  const order = { bake, probes: [probe("0"), probe("1")], startedMs: 0, nowMs: 65_001 };
  expect(bakeStep({ ...order, samples })).toEqual({ kind: "look", probes: ["0"] });
  samples.push({ probe: "0", askedMs: 65_002, is: "fail", because: "status 500" });
  expect(bakeStep({ ...order, samples })).toMatchObject({ kind: "failed", probes: ["0"] });
});

test("a failed bake names the probe, how often it failed, and what it saw last", () => {
  const { end } = bakeIn(script("..F"), { bake, probes: [probe("0")] });
  expect(end).toEqual({
    kind: "failed",
    because:
      'never healthy for 30s without a break: probe "0" failed 11 of 13 looks, last: it was fail',
    probes: ["0"],
  });
});

test("an inconclusive bake says how much could not be told", () => {
  const { end } = bakeIn(script(".", "?"), { bake, probes: [probe("0"), probe("1")] });
  expect(end).toEqual({
    kind: "inconclusive",
    because:
      'never healthy for 30s without a break: probe "1" could not tell in 13 of 13 looks, last: it was error',
    probes: ["1"],
  });
});

const anyBake = fc.record({
  settleMs: fc.integer({ min: 0, max: 3_000 }),
  stableMs: fc.integer({ min: 0, max: 10_000 }),
  retryMs: fc.integer({ min: 0, max: 20_000 }),
});
const plainProbes = fc
  .array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 3 })
  .map((intervals) => intervals.map((intervalMs, at) => probe(String(at), intervalMs)));

const inRow = fc.integer({ min: 1, max: 4 });
const limits = fc.record({ failAfter: inRow, errorAfter: inRow }, { requiredKeys: [] });
const anyProbes = fc
  .tuple(plainProbes, fc.array(limits, { minLength: 3, maxLength: 3 }))
  .map(([probes, given]) => probes.map((one, at): BakedProbe => ({ ...one, ...given[at] })));

/** A world of which each probe's answer changes every so often, as a list of answers says. */
const worldOf = (...answers: Health[]) =>
  fc
    .tuple(
      fc.array(fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 40 }), {
        minLength: 3,
        maxLength: 3,
      }),
      fc.integer({ min: 100, max: 3_000 }),
    )
    .map(([courses, everyMs]): World => (name, atMs) => {
      const course = courses[Number(name)]!;
      return course[Math.floor(atMs / everyMs) % course.length]!;
    });

const anyWorld = worldOf("pass", "pass", "pass", "fail", "error");

function lastOfEach(samples: readonly Sample[], probes: readonly BakedProbe[]) {
  return probes.map(({ name }) => samples.findLast((sample) => sample.probe === name)?.is);
}

test("a bake never passes with a failing last sample", () => {
  fc.assert(
    fc.property(anyBake, anyProbes, anyWorld, (made, probes, world) => {
      const { end, samples } = bakeIn(world, { bake: made, probes });
      fc.pre(end.kind === "passed");
      expect(lastOfEach(samples, probes)).not.toContain("fail");
      expect(lastOfEach(samples, probes)).not.toContain(undefined);
    }),
    { numRuns: 500 },
  );
});

test("errors alone never pass and never fail", () => {
  fc.assert(
    fc.property(anyBake, anyProbes, worldOf("error"), (made, probes, world) => {
      expect(bakeIn(world, { bake: made, probes }).end.kind).toBe("inconclusive");
    }),
  );
});

test("without a failure no bake fails, and without an error none is inconclusive", () => {
  fc.assert(
    fc.property(
      anyBake,
      anyProbes,
      worldOf("pass", "error"),
      worldOf("pass", "fail"),
      (made, probes, unclear, unhealthy) => {
        expect(bakeIn(unclear, { bake: made, probes }).end.kind).not.toBe("failed");
        expect(bakeIn(unhealthy, { bake: made, probes }).end.kind).not.toBe("inconclusive");
      },
    ),
  );
});

test("a bake that passed saw every probe pass at both ends of a stable stretch without a failure", () => {
  fc.assert(
    fc.property(anyBake, plainProbes, anyWorld, (made, probes, world) => {
      const { end, samples } = bakeIn(world, { bake: made, probes });
      if (end.kind !== "passed") return;
      const from = end.healthySinceMs;
      const goal = from + made.stableMs;
      for (const { name } of probes) {
        const own = samples.filter((sample) => sample.probe === name);
        const opening = own.findLast(({ askedMs, is }) => askedMs <= from && is === "pass")!;
        const within = own.filter(({ askedMs }) => askedMs >= opening.askedMs);
        expect(within.some(({ is }) => is === "fail")).toBe(false);
        expect(within.some(({ askedMs, is }) => askedMs >= goal && is === "pass")).toBe(true);
        const words = within.map(({ is }) => (is === "error" ? "?" : ".")).join("");
        expect(words).not.toContain("?".repeat(errorsInRowMax + 1));
      }
    }),
    { numRuns: 500 },
  );
});

test("every wait is longer than nothing, and every bake ends in bounded time", () => {
  fc.assert(
    fc.property(anyBake, anyProbes, anyWorld, (made, probes, world) => {
      const { waits, tookMs } = bakeIn(world, { bake: made, probes });
      expect(waits.every((ms) => ms > 0)).toBe(true);
      const slowest = Math.max(50, ...probes.map(({ intervalMs }) => intervalMs));
      const borne = probes.map(
        ({ failAfter = 1, errorAfter = errorsInRowMax + 1 }) => failAfter + errorAfter,
      );
      const bound = made.settleMs + made.retryMs + made.stableMs + Math.max(...borne) * slowest;
      expect(tookMs).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 500 },
  );
});
