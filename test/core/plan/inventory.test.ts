import { describe, expect, test } from "vitest";
import { inventoryOf } from "./read.ts";

const hostsOf = (text: string) =>
  inventoryOf(text).regions.flatMap((region) => region.instances.flatMap(({ hosts }) => hosts));

test("what is not said has its default", () => {
  const inventory = inventoryOf("regions: [{ name: north, instances: [{ name: no01 }] }]\n");
  expect(inventory).toEqual({
    name: "fleet",
    production: true,
    spool: "/var/lib/handrail",
    regions: [
      {
        name: "north",
        timezone: null,
        maintenance: [],
        instances: [
          {
            name: "no01",
            region: "north",
            index: null,
            labels: {},
            vars: {},
            hosts: [
              {
                name: "no01",
                address: "no01",
                via: "openssh",
                user: null,
                port: null,
                identity: null,
                become: null,
                spool: "/var/lib/handrail",
              },
            ],
          },
        ],
      },
    ],
  });
});

test("the nearer word wins: host, instance, region, defaults", () => {
  const hosts = hostsOf(`
defaults: { user: d, port: 1, become: root, spool: /d }
regions:
  - name: north
    user: r
    port: 2
    instances:
      - { name: a }
      - { name: b, user: i, become: false }
      - name: c
        port: 3
        hosts: [{ name: c1, spool: /h }, { name: c2, user: h, become: app }]
`);
  expect(hosts.map(({ user, port, become, spool }) => [user, port, become, spool])).toEqual([
    ["r", 2, "root", "/d"],
    ["i", 2, null, "/d"],
    ["r", 3, "root", "/h"],
    ["h", 3, "app", "/d"],
  ]);
});

test("the inventory's spool stands where defaults say nothing", () => {
  const hosts = hostsOf(
    'spool: "/s/${name}"\nregions: [{ name: n, instances: [{ name: "a[1:2]" }] }]\n',
  );
  expect(hosts.map(({ spool }) => spool)).toEqual(["/s/a1", "/s/a2"]);
});

describe("a range", () => {
  test("makes one instance each, with the index in the other fields", () => {
    const hosts = hostsOf(`
regions:
  - name: north
    vars: { domain: example.com }
    instances:
      - { name: "ap[09:11]", address: "ap\${index}.\${domain}", user: "u\${index}" }
`);
    expect(hosts.map(({ name, address, user }) => [name, address, user])).toEqual([
      ["ap09", "ap09.example.com", "u09"],
      ["ap10", "ap10.example.com", "u10"],
      ["ap11", "ap11.example.com", "u11"],
    ]);
  });

  test("reaches labels and the fields of several hosts", () => {
    const [instance] = inventoryOf(`
regions:
  - name: north
    instances:
      - name: "x[7:7]"
        labels: { shard: "s\${index}" }
        hosts: [{ name: "x\${index}-a", address: "\${host}.\${region}" }]
`).regions[0]!.instances;
    expect(instance!.labels).toEqual({ shard: "s7" });
    expect(instance!.hosts[0]).toMatchObject({ name: "x7-a", address: "x7-a.north" });
  });
});

test("an inventory has an end: more instances than the limit are refused, and told once", () => {
  const entries = ["a", "b", "c"].map((letter) => `{ name: "${letter}[1:10000]" }`).join(", ");
  const text = `regions: [{ name: north, instances: [${entries}] }]\n`;
  expect(() => inventoryOf(text)).toThrow(
    /^test.yaml:3:\d+: the inventory has more than 20000 instances$/,
  );
});

test("variables of defaults, region and instance are merged, the nearer one winning", () => {
  const [first, second] = inventoryOf(`
defaults: { vars: { a: d, b: d, c: d } }
regions:
  - name: north
    vars: { b: r, c: r }
    instances: [{ name: no01, vars: { c: i } }, { name: no02 }]
`).regions[0]!.instances;
  expect(first!.vars).toEqual({ a: "d", b: "r", c: "i" });
  expect(second!.vars).toEqual({ a: "d", b: "r", c: "r" });
});
