import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { StepOrders } from "../../src/ports/step-kind.ts";
import { copyScript } from "../../src/steps/copy-script.ts";
import { patchScript } from "../../src/steps/patch-script.ts";
import { stepKind, stepKinds } from "../../src/steps/registry.ts";
import { removeScript } from "../../src/steps/remove-script.ts";
import { serviceScript } from "../../src/steps/service-script.ts";
import { planFiles } from "./step-shells.ts";

/** Long scripts that never change with the args; a case names one as "@copy", say. */
const scripts = new Map([
  [copyScript, "@copy"],
  [patchScript, "@patch"],
  [removeScript, "@remove"],
  [serviceScript, "@service"],
]);

const caseShape = z.strictObject({
  shows: z.string(),
  /** As in a plan, variables already replaced. */
  args: z.unknown(),
  variables: z.record(z.string(), z.string()).default({}),
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        in: z.string().optional(),
        mode: z.string().optional(),
        content: z.string(),
      }),
    )
    .default([]),
  /** Exactly one of the two: what review says, or the whole orders. */
  problems: z.array(z.string()).optional(),
  orders: z.unknown().optional(),
});

const root = join(import.meta.dirname, "../../fixtures/steps");

const cases = readdirSync(root).flatMap((kind) =>
  readdirSync(join(root, kind)).map((file) => {
    const text = readFileSync(join(root, kind, file), "utf8");
    return { kind, file, ...caseShape.parse(parse(text)) };
  }),
);

test("every kind of step has at least one case, and every case a kind", () => {
  expect([...new Set(cases.map((one) => one.kind))].sort()).toEqual(
    stepKinds.map((kind) => kind.name).sort(),
  );
});

test.each(cases)("$kind/$file: $shows", (one) => {
  const kind = stepKind(one.kind)!;
  const args = kind.args.parse(one.args);
  const files = planFiles(one.files);
  const problems = kind.review(args, files);
  const orders = problems.length > 0 ? undefined : kind.orders(args, { env: one.variables, files });
  expect({ problems, orders: orders && legible(orders) }).toEqual({
    problems: one.problems ?? [],
    orders: one.orders,
  });
});

/** Orders with names for the long scripts and with text for staged files. */
function legible(orders: StepOrders): unknown {
  if (orders.do === "http") return orders;
  return {
    ...orders,
    script: scripts.get(orders.script) ?? orders.script,
    files: orders.files.map((file) => ({
      name: file.name,
      content: Buffer.from(file.content).toString(),
    })),
  };
}

test.each(stepKinds.map((kind) => [kind.name, kind] as const))(
  "%s: every key of its args is described for editors",
  (_, kind) => {
    const schema = z.toJSONSchema(kind.args, { io: "input" });
    expect(schema.description).toMatch(/\.$/);
    const bare = Object.entries(schema.properties ?? {}).filter(
      ([, value]) => typeof value === "boolean" || value.description === undefined,
    );
    expect(bare).toEqual([]);
  },
);
