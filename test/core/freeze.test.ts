import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, digestInput, freeze } from "../../src/core/freeze.ts";
import type { ReferencedFile } from "../../src/core/itinerary.ts";
import { selectTargets } from "../../src/core/targets.ts";
import { inventoryOf, planOf } from "./plan/read.ts";

const fleetText = `
defaults: { identity: ~/.ssh/id_ed25519, vars: { home: "/srv/\${name}" } }
regions:
  - name: north
    timezone: Europe/Oslo
    instances:
      - { name: "no[01:10]", labels: { tier: web } }
      - { name: nodb, labels: { tier: db } }
  - name: south
    instances: [{ name: so01, labels: { tier: web }, hosts: [{ name: a, address: 10.0.0.1 }, { name: b, address: 10.0.0.2 }] }]
`;
const fleet = inventoryOf(fleetText);
const file: ReferencedFile = { path: "a.txt", mode: "0644", sha256: "00", size: 1 };

function frozen(text: string) {
  return freeze({ plan: planOf(text), inventory: fleet, files: {}, rollout: "r-1", digest: "d" });
}

function namesOf(text: string): string[][] {
  return selectTargets(planOf(text), fleet).map(({ name, instances }) => [
    name,
    instances.map((one) => one.name).join(" "),
  ]);
}

describe("targets", () => {
  const web = "no01 no02 no03 no04 no05 no06 no07 no08 no09 no10";

  test.each([
    [
      "",
      [
        ["north", `${web} nodb`],
        ["south", "so01"],
      ],
    ],
    ["targets: { regions: [south] }", [["south", "so01"]]],
    [
      "targets: { regions: [south, north] }",
      [
        ["north", `${web} nodb`],
        ["south", "so01"],
      ],
    ],
    ["targets: { labels: { tier: db } }", [["north", "nodb"]]],
    ["targets: { labels: { tier: web }, exclude: [so01] }", [["north", web]]],
    ["targets: { labels: { constructor: x } }", []],
  ])("%s", (text, regions) => {
    expect(namesOf(text)).toEqual(regions);
  });
});

describe("an itinerary", () => {
  test("has every percentage resolved, for batches, regions and the rollout", () => {
    const { regions, maxBad } = frozen(
      'targets: { labels: { tier: web } }\nrollout: { batches: [1, "30%"], maxBad: "20%" }\n',
    );
    const sizes = regions.map((region) => region.batches.map((batch) => batch.instances.length));
    expect(sizes).toEqual([[1, 3, 3, 3], [1]]);
    expect(regions[0]!.batches.map((batch) => batch.maxBad)).toEqual([0, 0, 0, 0]);
    expect(regions.map((region) => region.maxBad)).toEqual([2, 0]);
    expect(maxBad.rollout).toBe(2);
  });

  test("bakes the first region by bakeFirst, which takes what it does not say from bake", () => {
    const { regions } = frozen("rollout: { bake: { settle: 1s }, bakeFirst: { stable: 2m } }\n");
    expect(regions.map((region) => region.bake)).toEqual([
      { settleMs: 1000, stableMs: 120_000, retryMs: 60_000 },
      { settleMs: 1000, stableMs: 30_000, retryMs: 60_000 },
    ]);
  });

  test("waits for approval where the plan says so", () => {
    expect(
      frozen("rollout: { approve: [south] }\n").regions.map((region) => region.approve),
    ).toEqual([false, true]);
  });

  test("waits for the people whom the plan names, and says nothing of whom it does not", () => {
    const { regions } = frozen(
      "rollout: { approve: [north, { region: south, by: 2, from: [ann, bob], expires: 4h }] }\n",
    );
    expect(regions.map(({ approve, approval }) => [approve, approval])).toEqual([
      [true, undefined],
      [true, { by: 2, from: ["ann", "bob"], expiresMs: 14_400_000, starter: false }],
    ]);
  });

  test("has the action's work in place of do, and its name", () => {
    const { plan } = frozen(
      'actions: { restart: { run: "./restart" } }\nsteps: [{ name: s, do: restart, undo: { do: restart } }]\n',
    );
    const work = { kind: "run", args: "./restart" };
    expect(plan.steps[0]).toMatchObject({ work, undo: work, action: "restart" });
  });

  test("says which steps leave a receipt on the host", () => {
    const steps =
      'steps: [{ name: a, run: "true" }, { name: b, http: { url: "https://example.com/" } }]\n';
    const { receipted, plan } = frozen(steps);
    expect(receipted).toEqual([true, false]);
    expect(plan.steps.map((step) => step.on)).toEqual(["host", "controller"]);
  });

  test("has the variables of each instance, and of its further hosts", () => {
    const { instances } = frozen('vars: { at: "http://${address}/" }\n');
    expect(instances["no07"]!.variables).toMatchObject({ home: "/srv/no07", index: "07" });
    expect(instances["no07"]!.byHost).toBeUndefined();
    expect(instances["so01"]!.variables).toMatchObject({ host: "a", at: "http://10.0.0.1/" });
    expect(instances["so01"]!.byHost).toMatchObject({ b: { host: "b", at: "http://10.0.0.2/" } });
  });

  test("survives the journal: it is plain JSON", () => {
    const itinerary = frozen('protect: [{ path: "${home}", policy: keep }]\n');
    expect(JSON.parse(JSON.stringify(itinerary))).toEqual(itinerary);
  });

  test("keeps what names a file, and not its content", () => {
    const withContent = { ...file, content: new Uint8Array(3) };
    const { files } = freeze({
      plan: planOf(""),
      inventory: fleet,
      files: { "a.txt": [withContent] },
      rollout: "r",
      digest: "d",
    });
    expect(files).toEqual({ "a.txt": [file] });
  });
});

describe("the digest", () => {
  const input = (text: string, changes: Partial<Parameters<typeof digestInput>[0]> = {}) =>
    digestInput({
      plan: planOf(text),
      inventory: fleet,
      files: { "a.txt": [file] },
      tool: "1.0.0",
      ...changes,
    });
  const base = input("vars: { a: x, b: y }\n");

  test.each([
    ["the order of keys", input("vars: { b: y, a: x }\n")],
    ["where the inventory lies", input("inventory: elsewhere.yaml\nvars: { a: x, b: y }\n")],
    [
      "the key that opens the login",
      input("vars: { a: x, b: y }\n", {
        inventory: inventoryOf(fleetText.replace("~/.ssh/id_ed25519", "/other")),
      }),
    ],
  ])("does not change with %s", (_what, same) => {
    expect(same).toBe(base);
  });

  test.each([
    ["a variable", input("vars: { a: x, b: z }\n")],
    ["a step", input('vars: { a: x, b: y }\nsteps: [{ name: s, run: "false" }]\n')],
    ["the targets", input("vars: { a: x, b: y }\ntargets: { exclude: [no03] }\n")],
    [
      "the content of a file",
      input("vars: { a: x, b: y }\n", { files: { "a.txt": [{ ...file, sha256: "01" }] } }),
    ],
    [
      "the mode of a file",
      input("vars: { a: x, b: y }\n", { files: { "a.txt": [{ ...file, mode: "0755" }] } }),
    ],
    ["the version of Handrail", input("vars: { a: x, b: y }\n", { tool: "1.0.1" })],
    [
      "an address",
      input("vars: { a: x, b: y }\n", {
        inventory: inventoryOf(fleetText.replace("10.0.0.2", "10.0.0.3")),
      }),
    ],
  ])("changes with %s", (_what, other) => {
    expect(other).not.toBe(base);
  });
});

test("canonical JSON is the same text for the same data, whatever the order of its keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const turned = Object.fromEntries(Object.entries(data).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(data));
      expect(JSON.parse(canonicalJson(data))).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});
