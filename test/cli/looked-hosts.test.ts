import { expect, test } from "vitest";
import { lookedHosts } from "../../src/cli/looked-hosts.ts";
import type { PlannedHost } from "../../src/cli/planned-steps.ts";
import { snapshotMs } from "../../src/core/verdict/snapshot-needs.ts";
import type { Guard, GuardDoor, HostLook } from "../../src/ports/guard.ts";
import { localHost } from "../support/local-host.ts";

const planned: PlannedHost = {
  host: localHost("a1", "/s"),
  instances: ["a1"],
  paths: [{ path: "/srv/tmp", content: true }],
  prints: [],
  units: [],
  protects: [{ path: "/srv/tmp", written: "${home}/tmp" }],
  places: [{ instance: "a1", protects: [{ path: "/srv/tmp", written: "${home}/tmp" }], units: [] }],
  needs: [{ tool: "patch", step: "fix" }],
  changes: () => [],
};

function door(look: Partial<HostLook>, tools: readonly string[]): GuardDoor {
  const facts = {
    uid: 0,
    kernel: "Linux",
    userland: "gnu",
    bootId: "b",
    tools,
    time: 0,
    losses: [],
    preventionFault: "",
    logoutFault: "",
  };
  const whole: HostLook = {
    lock: null,
    spool: { exists: true, fault: "", freeBytes: 9e9, freeInodes: 9e9 },
    trees: [{ path: "/srv/tmp", exists: true, entries: 60_000, bytes: 0, losses: [] }],
    ...look,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a look asks for nothing else
  const guard = {
    facts,
    look: async () => ({ kind: "result", value: whole }),
    [Symbol.asyncDispose]: async () => undefined,
  } as unknown as Guard;
  return { open: async () => ({ kind: "result", value: guard }) };
}

test("a program that a step needs and the host has not is told as a preflight would", async () => {
  const order = { concurrency: 1 };
  const [lacking] = await lookedHosts([planned], { ...order, door: door({}, ["tar"]) });
  expect(lacking?.troubles).toEqual([
    {
      code: "GUARD_HOST_UNFIT",
      message: 'a1 has no "patch", which step "fix" needs',
      hint: "install patch there, or write the step another way",
    },
  ]);
  const [fit] = await lookedHosts([planned], { ...order, door: door({}, ["patch"]) });
  expect(fit?.troubles).toEqual([]);
});

test("what is protected is told tree by tree, and how long a snapshot of it takes, where the host said enough", async () => {
  const order = { concurrency: 1 };
  const tools = ["patch"];
  const [timed] = await lookedHosts([planned], { ...order, door: door({ walkedMs: 220 }, tools) });
  expect(timed?.needs.ms).toBe(3960);
  expect(timed?.protected.each).toEqual([
    { path: "/srv/tmp", written: "${home}/tmp", entries: 60_000, bytes: 0 },
  ]);
  const [silent] = await lookedHosts([planned], { ...order, door: door({}, tools) });
  expect(silent?.needs.ms).toBeNull();
});

test.each([
  ["few entries: their walk is that of starting find(1)", 3, 0, { trees: 1, walkedMs: 30 }, 400],
  ["many trees", 50, 0, { trees: 50, walkedMs: 890 }, 20_000],
  ["many entries", 60_000, 0, { trees: 1, walkedMs: 220 }, 3960],
  ["much content", 1, 1024 ** 3, { trees: 1, walkedMs: 0 }, 10_640],
])("the time of a snapshot of %s", (_says, entries, bytes, seen, ms) => {
  expect(snapshotMs({ entries, bytes, spoolBytes: 0, inodes: 0 }, seen)).toBe(ms);
});
