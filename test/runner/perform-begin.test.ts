import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { FailureCode } from "../../src/core/failure.ts";
import type { Outcome } from "../../src/core/event.ts";
import { isOff } from "./support/host-answers.ts";
import { askedOf, performed, type Scene } from "./support/one-action.ts";

const begin: Action = { kind: "begin", instance: "a" };

describe("an instance begins", () => {
  test("where users are served, and its trees are looked at before and after that", async () => {
    const it = await performed(begin, {
      hosts: ["a1", "a2"],
      probe: ["pass"],
      world: {
        protect: [
          { path: "/srv/app/tmp", policy: { kind: "keep" } },
          { path: "/srv/app/log", policy: { kind: "may-change" } },
        ],
      },
    });
    expect(it.outcome).toEqual({ is: "done" });
    expect(askedOf(it)).toEqual(["observe a1", "observe a2", "observe a1", "observe a2"]);
    expect(it.orders("observe")[0]).toEqual({ paths: ["/srv/app/tmp"], watchMs: 3_000 });
    expect(it.notes).toMatchObject([{ kind: "probe", is: "pass", while: "before" }]);
  });

  test("where a probe stumbles and finds its feet within seconds", async () => {
    const it = await performed(begin, { probe: ["fail", "error", "pass"] });
    expect(it.outcome).toEqual({ is: "done" });
  });

  test("and nothing is looked at where nothing is to be kept", async () => {
    const it = await performed(begin, { world: { protect: [] } });
    expect([it.outcome.is, it.orders("observe")]).toEqual(["done", []]);
  });
});

describe("an instance is not touched where", () => {
  test.each<[string, Scene, Outcome["is"], FailureCode]>([
    ["it is sick already", { probe: ["fail"] }, "failed", "UNHEALTHY_BEFORE"],
    ["nobody can tell", { probe: ["error"] }, "inconclusive", "PROBE_INCONCLUSIVE"],
    [
      "its trees can't be looked at",
      { answers: () => ({ observe: () => isOff("not-sent") }) },
      "unreachable",
      "CONNECT_LOST",
    ],
  ])("%s", async (_where, scene, is, code) => {
    const it = await performed(begin, scene);
    expect(it.outcome).toMatchObject({ is, failure: { code } });
    expect(it.orders("observe")).toHaveLength(1);
  });
});
