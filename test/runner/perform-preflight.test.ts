import { describe, expect, test } from "vitest";
import type { HostPortrait } from "../../src/core/host-portrait.ts";
import { plainGuard, printed, says } from "./support/host-answers.ts";
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

/** And a check that says where it looked. */
const said: Scene["answers"] = (host) => ({
  ...answers(host),
  ask: () => says(printed("4711 in /srv/app\n")),
});

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

  test("has what its checks say beside it, without what the plan itself gives each host", async () => {
    const checks = [{ name: "prepared", run: "cat ${home}/PREPARED", why: "it must be" }];
    const world = { onOutlier: "warn", protect, checks } as const;
    const it = await preflight({ hosts: four, variables, world, answers: said });
    const facts = it.notes.flatMap((note) => (note.kind === "host.facts" ? note.facts : []));
    const about = 'what check "prepared" says';
    expect(facts.filter((fact) => fact.about === about)).toEqual(
      four.map(() => ({ about, value: '"4711 in ${home}"', inPreview: false })),
    );
    const alone = await preflight({ hosts: ["a"], variables, world, answers: said });
    expect(alone.notes).toEqual([]);
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
