import { describe, expect, test } from "vitest";
import type { HostPortrait } from "../../src/core/host-portrait.ts";
import { plainGuard, says } from "./support/host-answers.ts";
import { performed, type Scene } from "./support/one-action.ts";

const portrait: HostPortrait = { os: "Debian 12", upSeconds: 7_200, paths: [] };

/** A look that gives a portrait where it is asked for one. */
const answers: NonNullable<Scene["answers"]> = () => ({
  async look(order) {
    const plain = await plainGuard.look(order);
    if (plain.kind !== "result" || order.described === undefined) return plain;
    return says({ ...plain.value, portrait });
  },
});

function preflight(scene: Scene) {
  return performed({ kind: "preflight", instance: "a" }, { answers, ...scene });
}

describe("what hosts are like", () => {
  const four = ["a", "b", "c", "d"];
  const protect = [{ path: "${home}/tmp/", policy: { kind: "keep" } }] as const;
  const variables = { home: "/srv/app" };

  test("is asked in the look that preflight takes anyway, and noted as the plan names it", async () => {
    const world = { onOutlier: "warn", protect } as const;
    const it = await preflight({ hosts: four, variables, world });
    expect(it.outcome).toEqual({ is: "done" });
    expect(it.orders("look").map(({ described }) => described)).toEqual(
      four.map(() => ["/srv/app/tmp"]),
    );
    const facts = it.notes.filter(({ kind }) => kind === "host.facts");
    expect(facts.map(({ host }) => host)).toEqual(four);
    expect(facts[0]).toMatchObject({
      facts: expect.arrayContaining([
        { about: "the system", value: "Debian 12" },
        { about: "the hours since its start", value: 2, near: 24 },
      ]),
    });
  });

  test.each<[string, Scene]>([
    [
      "of a fleet too small to have an odd one",
      { hosts: ["a", "b", "c"], world: { onOutlier: "warn" } },
    ],
    ["where no plan says what to do then, as in journals of 0.1", { hosts: four }],
  ])("is not asked %s", async (_where, scene) => {
    const it = await preflight(scene);
    expect(it.orders("look").every(({ described }) => described === undefined)).toBe(true);
    expect(it.notes).toEqual([]);
  });
});
