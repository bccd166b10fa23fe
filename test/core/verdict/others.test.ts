import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change, EffectClass } from "../../../src/core/effects.ts";
import type { Allowance, ProtectedPath } from "../../../src/core/plan/plan.ts";
import { effectClasses, effectsOf } from "../../../src/core/verdict/classify.ts";
import { judge, type JudgeOrder } from "../../../src/core/verdict/judge.ts";
import { handfulMax } from "../../../src/core/verdict/others.ts";
import { failureOf } from "../../../src/core/verdict/verdict-failure.ts";
import { changeOf, churned, folder, policyNames, protectedBy } from "./made-up.ts";

const tmp = "/srv/app/tmp";

function judged(parts: Partial<JudgeOrder> & { readonly changes: readonly Change[] }) {
  return judge({
    total: parts.changes.length,
    protect: [protectedBy("keep")],
    writes: [],
    allow: [],
    ...parts,
  });
}

const gone = (count: number): readonly Change[] =>
  Array.from({ length: count }, (_, at) => changeOf("deleted", `${tmp}/session-${at}`));

describe.each(policyNames)("what a tree loses by itself, under %s", (policy) => {
  const protect = [protectedBy(policy)];

  test("is counted, and nothing else comes of it", () => {
    const changes = [churned(`${tmp}/a`), churned(`${tmp}/work`, folder())];
    const { verdict, awaiting } = judged({ changes, protect });
    expect(verdict).toEqual({ is: "kept", findings: [], counts: { churned: 2 }, remarks: [] });
    expect(awaiting).toEqual([]);
  });

  test("does not hide what the step deleted beside it", () => {
    const changes = [churned(`${tmp}/a`), changeOf("deleted", `${tmp}/b`)];
    const { verdict, awaiting } = judged({ changes, protect });
    const missed = [
      ...verdict.findings.map(({ count }) => count),
      ...awaiting.map(({ missing }) => missing.length),
    ];
    expect(missed).toEqual(policy === "may-change" ? [] : [1]);
    expect(verdict.counts).toEqual({ deleted: 1, churned: 1 });
  });

  test.each(effectClasses.filter((kind) => kind !== "deleted"))(
    "is only ever a deletion: %s stays what it is, whatever the host says",
    (kind: EffectClass) => {
      const changes = [changeOf(kind, `${tmp}/a`)];
      const said = changes.map((change) => ({ ...change, churn: true }));
      const { counts: _, ...before } = judged({ changes, protect }).verdict;
      expect(judged({ changes: said, protect }).verdict).toMatchObject(before);
      expect(judged({ changes: said, protect }).awaiting).toHaveLength(
        judged({ changes, protect }).awaiting.length,
      );
    },
  );
});

test("what a tree loses by itself spends no budget of the step", () => {
  const allow: Allowance[] = [{ effect: "delete", glob: `${tmp}/**`, max: 1 }];
  const changes = [...gone(1), churned(`${tmp}/a`), churned(`${tmp}/b`)];
  expect(judged({ changes, allow }).verdict.is).toBe("kept");
  expect(judged({ changes: [...changes, ...gone(3)], allow }).verdict.is).toBe("broken");
});

test("a path that one listing calls churn and another does not is no churn", () => {
  const changes = [churned(`${tmp}/a`), changeOf("deleted", `${tmp}/a`)];
  for (const order of [changes, changes.toReversed()])
    expect(effectsOf(order).map(({ change }) => change.churn)).toEqual([false]);
});

describe.each(["keep", "keep-content"] as const)(
  "with the path read-only for the step, %s",
  (policy) => {
    const protect = [protectedBy(policy)];
    const readOnly = [`${tmp}/`];

    test("tells a handful of deletions and blames nobody", () => {
      const { verdict } = judged({ changes: gone(handfulMax), protect, readOnly });
      expect(verdict).toEqual({
        is: "kept",
        findings: [],
        counts: { "deleted by others": 5 },
        remarks: [
          "5 files deleted below /srv/app/tmp while the step could not write there, so the step did not do it",
        ],
      });
    });

    test("counts folders like files", () => {
      const changes = [
        changeOf("deleted", `${tmp}/d/a`),
        { ...changeOf("deleted", `${tmp}/d`), before: folder() },
      ];
      expect(judged({ changes, protect, readOnly }).verdict.remarks).toEqual([
        "2 paths (1 file, 1 folder) deleted below /srv/app/tmp while the step could not write there, so the step did not do it",
      ]);
    });

    test("finds more than a handful, and says that it was not the step itself", () => {
      const { verdict } = judged({ changes: gone(handfulMax + 1), protect, readOnly });
      expect(verdict.findings).toMatchObject([
        {
          code: "CONTRACT_BROKEN",
          notByStep: true,
          message: `6 files deleted below /srv/app/tmp, policy ${policy} allows none; the step itself could not have deleted them, because it could not write there`,
        },
      ]);
      expect([verdict.counts, verdict.remarks]).toEqual([{ deleted: 6 }, []]);
      expect(failureOf(verdict.findings, "step")?.hint).toContain("find out what deletes below");
    });

    test("does not count what the tree loses by itself to the handful", () => {
      const changes = [...gone(handfulMax), churned(`${tmp}/a`), churned(`${tmp}/b`)];
      expect(judged({ changes, protect, readOnly }).verdict.is).toBe("kept");
    });

    test.each(["type-changed"] as const)("%s is a finding still", (kind) => {
      expect(judged({ changes: [changeOf(kind, `${tmp}/a`)], protect, readOnly }).verdict.is).toBe(
        "broken",
      );
    });

    test("deletions where the step could write are findings, one by one", () => {
      const inner = judged({ changes: gone(1), protect, readOnly: [`${tmp}/elsewhere`] });
      const beside = judged({ changes: gone(1), protect, readOnly: [`${tmp}2`, "/srv/app/t"] });
      expect([inner.verdict.is, beside.verdict.is]).toEqual(["broken", "broken"]);
    });

    test.each([
      ["moved away", changeOf("deleted", tmp)],
      ["another entry now", changeOf("replaced", tmp)],
    ])("excuses nothing where the path itself is %s: a folder above it was moved", (_, own) => {
      const { verdict } = judged({ changes: [...gone(2), own], protect, readOnly });
      expect(verdict).toMatchObject({ is: "broken", remarks: [] });
      expect(verdict.counts["deleted by others"]).toBeUndefined();
    });

    test("a list that was cut short passes no more than before", () => {
      expect(judged({ changes: gone(1), total: 9, protect, readOnly }).verdict.is).toBe("broken");
    });
  },
);

test.each(["content", "metadata"] as const)(
  "%s under keep-content is a finding though the path was read-only",
  (kind) => {
    const changes = [changeOf(kind, `${tmp}/a`)];
    const order = { changes, protect: [protectedBy("keep-content")], readOnly: [tmp] };
    expect(judged(order).verdict.is).toBe("broken");
  },
);

test("what is missing under regenerates must come back, whoever took it", () => {
  const order = { changes: gone(6), protect: [protectedBy("regenerates")], readOnly: [tmp] };
  expect(judged(order)).toMatchObject({
    verdict: { is: "kept", counts: { deleted: 6 }, remarks: [] },
    awaiting: [{ missing: gone(6).map(({ path }) => path) }],
  });
});

const anyChange = fc
  .tuple(
    fc.constantFrom(...effectClasses),
    fc.constantFrom("tmp", "tmp/deep", "lib"),
    fc.nat({ max: 30 }),
  )
  .map(([kind, place, at]) => changeOf(kind, `/srv/app/${place}/${at}`));

/** The verdict as it was before anything was known of churn or prevention. */
function plainlyBroken(changes: readonly Change[], protect: readonly ProtectedPath[]): boolean {
  const breaking: Readonly<Record<string, readonly EffectClass[]>> = {
    keep: ["deleted", "type-changed"],
    "keep-content": ["deleted", "type-changed", "content", "metadata"],
  };
  return effectsOf(changes).some((effect) =>
    protect.some(
      ({ path, policy }) =>
        effect.path.startsWith(`${path}/`) && (breaking[policy.kind] ?? []).includes(effect.class),
    ),
  );
}

const anyPolicy = fc.constantFrom(...policyNames).map((name) => [protectedBy(name)]);

test("where nothing is churn and nothing was read-only, no verdict is greener than a plain one", () => {
  fc.assert(
    fc.property(fc.array(anyChange), anyPolicy, (changes, protect) => {
      const { verdict } = judged({ changes, protect });
      expect(verdict.is).toBe(plainlyBroken(changes, protect) ? "broken" : "kept");
      expect(verdict.remarks).toEqual([]);
    }),
  );
});

test("calling one deletion churn excuses that one and no other", () => {
  const distinct = fc.uniqueArray(anyChange, { selector: ({ path }) => path });
  fc.assert(
    fc.property(distinct, anyPolicy, fc.nat({ max: 99 }), (changes, protect, at) => {
      const excused = { ...changeOf("deleted", `${tmp}/live-${at}`), churn: true };
      const without = judged({ changes, protect });
      const beside = judged({ changes: [...changes, excused], protect });
      expect(beside.verdict.findings).toEqual(without.verdict.findings);
      expect(beside.awaiting).toEqual(without.awaiting);
    }),
  );
});

test("holding paths read-only excuses at most a handful of deletions in a tree", () => {
  const distinct = fc.uniqueArray(anyChange, { selector: ({ path }) => path });
  fc.assert(
    fc.property(distinct, anyPolicy, (changes, protect) => {
      const order = { changes, protect };
      const held = judged({ ...order, readOnly: [tmp] }).verdict;
      const excused = held.counts["deleted by others"] ?? 0;
      expect(excused).toBeLessThanOrEqual(handfulMax);
      const others = changes.filter(({ before, after }) => before === null || after !== null);
      expect(held.is === "kept" && plainlyBroken(others, protect)).toBe(false);
      expect(held.remarks).toHaveLength(excused > 0 ? 1 : 0);
    }),
  );
});
