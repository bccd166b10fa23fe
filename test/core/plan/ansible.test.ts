import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fromAnsible } from "../../../src/core/plan/ansible.ts";
import { readInventory } from "../../../src/core/plan/parse.ts";
import { sourceOfValue } from "../../../src/core/plan/source.ts";
import { options } from "../../sources/registries.ts";

const file = new URL("../../../fixtures/ansible/listing.json", import.meta.url);
const listing: unknown = JSON.parse(await readFile(file, "utf8"));

function read(value: unknown) {
  const made = fromAnsible("fleet", value);
  if (made === null) throw new Error("no listing");
  const { inventory, problems } = readInventory(sourceOfValue("listing", made), options.transports);
  expect(problems).toEqual([]);
  return inventory!.regions;
}

test("top-level groups become regions, hosts outside of them come last", () => {
  expect(
    read(listing).map(({ name, instances }) => [name, instances.map((one) => one.name)]),
  ).toEqual([
    ["apac", ["ap01", "ap02"]],
    ["cn", ["cn01"]],
    ["ungrouped", ["lone"]],
  ]);
});

test("Ansible's words for a login become ours", () => {
  const [apac, cn] = read(listing);
  expect(apac!.instances[0]!.hosts[0]).toMatchObject({
    address: "ap01.example.com",
    user: "deploy",
    port: 2222,
    identity: "~/.ssh/fleet",
    via: "openssh",
    become: null,
  });
  expect(apac!.instances[1]!.hosts[0]).toMatchObject({ become: "root" });
  expect(cn!.instances[0]!.hosts[0]).toMatchObject({ via: "local", become: "app", port: 22 });
});

test("groups below a region become labels", () => {
  const [apac] = read(listing);
  expect(apac!.instances.map(({ labels }) => labels)).toEqual([
    { apac_web: "true" },
    { apac_web: "true", apac_db: "true" },
  ]);
});

test("plain host variables are kept, with ${ as a text; lists and names that steer a shell are not", () => {
  const [apac] = read(listing);
  expect(apac!.instances[0]!.vars).toEqual({
    home: "/srv/alma",
    release: "7",
    motd: "costs $${5}",
  });
});

test.each([{}, null, [], "x", { all: {} }])("%j is no listing", (value) => {
  expect(fromAnsible("fleet", value)).toBeNull();
});

test("groups in a circle end", () => {
  const circle = {
    _meta: { hostvars: {} },
    all: { children: ["a"] },
    a: { children: ["b"], hosts: ["h"] },
    b: { children: ["a"] },
  };
  expect(read(circle).map(({ name }) => name)).toEqual(["a"]);
});
