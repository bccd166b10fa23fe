import { describe, expect, test } from "vitest";
import { instanceVariables } from "../../../src/core/plan/instance-variables.ts";
import { resolveVars } from "../../../src/core/plan/resolve-vars.ts";
import { inventoryOf } from "./read.ts";

const fleet = inventoryOf(`
defaults: { user: deploy, port: 2222, vars: { a: defaults, b: defaults, c: defaults, d: defaults, log: "\${home}/log", home: "/srv/\${name}" } }
regions:
  - name: north
    timezone: Europe/Oslo
    vars: { b: region, c: region, d: region }
    instances:
      - name: no[02:02]
        address: 10.0.0.\${index}
        labels: { tier: web }
        vars: { c: instance, d: instance }
  - name: south
    instances: [{ name: so01, hosts: [{ name: so01-a, address: 10.0.1.1 }, { name: so01-b, address: 10.0.1.2 }] }]
`);

function variablesOf(region: number, host: number, vars: Readonly<Record<string, string>> = {}) {
  const there = fleet.regions[region]!;
  const instance = there.instances[0]!;
  return instanceVariables({ vars, region: there, instance, host: instance.hosts[host]! });
}

test("the order is Ansible's: defaults, region, instance, and the plan's vars above them", () => {
  expect(variablesOf(0, 0, { d: "plan" }).variables).toMatchObject({
    a: "defaults",
    b: "region",
    c: "instance",
    d: "plan",
  });
});

test("Handrail gives the names of where it is, and labels with their prefix", () => {
  expect(variablesOf(0, 0).variables).toMatchObject({
    name: "no02",
    host: "no02",
    region: "north",
    index: "02",
    timezone: "Europe/Oslo",
    address: "10.0.0.02",
    user: "deploy",
    port: "2222",
    label_tier: "web",
  });
});

test("what has no value is not there, rather than empty", () => {
  expect(Object.keys(variablesOf(1, 0).variables)).not.toContain("index");
  expect(Object.keys(variablesOf(1, 0).variables)).not.toContain("timezone");
});

test("variables may name each other, in any order", () => {
  expect(variablesOf(0, 0).variables).toMatchObject({ home: "/srv/no02", log: "/srv/no02/log" });
});

test("each host of an instance has its own name and address, and what is made of them", () => {
  const vars = { url: "http://${address}:${port}/" };
  expect(variablesOf(1, 1, vars).variables).toMatchObject({
    host: "so01-b",
    name: "so01",
    url: "http://10.0.1.2:2222/",
  });
});

describe("variables that can't be filled in", () => {
  test.each([
    ["an unknown name", { a: "${b}" }, [{ variable: "a", kind: "unknown", what: "b" }]],
    ["a name of itself", { a: "${a}" }, [{ variable: "a", kind: "circle", what: "a → a" }]],
    ["a circle", { a: "${b}", b: "${a}" }, [{ variable: "a", kind: "circle", what: "a → b → a" }]],
  ])("%s is told once, and left out", (_what, given, troubles) => {
    expect(resolveVars(given, {})).toEqual({ variables: {}, troubles });
  });

  test("values that double each other end at the limit", () => {
    const names = Array.from({ length: 60 }, (_, at) => `v${at}`);
    const given = Object.fromEntries(
      names.map((name, at) => [name, `\${v${at + 1}}\${v${at + 1}}`]),
    );
    const { troubles } = resolveVars({ ...given, v60: "x".repeat(100) }, {});
    expect(troubles.map(({ kind }) => kind)).toContain("too-long");
  });

  test("a name of Object's own is as unknown as any other", () => {
    expect(resolveVars({ a: "${constructor}" }, {}).troubles).toMatchObject([{ kind: "unknown" }]);
  });
});
