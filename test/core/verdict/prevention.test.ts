import { describe, expect, test } from "vitest";
import type { Allowance, Policy, ProtectedPath } from "../../../src/core/plan/plan.ts";
import { prevention, type PreventionOrder } from "../../../src/core/verdict/prevention.ts";

const keep: Policy = { kind: "keep" };
const keepContent: Policy = { kind: "keep-content" };
const regenerates: Policy = { kind: "regenerates", withinMs: 1_000, recover: [] };
const mayChange: Policy = { kind: "may-change" };
const step = { work: { kind: "run", args: "true" }, on: "host", prevent: true } as const;

const protect = (path: string, policy: Policy = keep): ProtectedPath => ({ path, policy });
const allow = (glob: string): Allowance => ({ effect: "delete", glob, max: null });

const order = (change: Partial<PreventionOrder>): PreventionOrder => ({
  step,
  protect: [protect("/srv/app/tmp")],
  writes: [],
  allow: [],
  prevent: true,
  ...change,
});

describe("a step can't write to", () => {
  test.each<[string, Partial<PreventionOrder>, readonly string[]]>([
    ["a path under keep", {}, ["/srv/app/tmp"]],
    ["a path under keep-content", { protect: [protect("/etc/app", keepContent)] }, ["/etc/app"]],
    [
      "a path that the plan writes with a slash too many",
      { protect: [protect("/srv//app/tmp/")] },
      ["/srv/app/tmp"],
    ],
    [
      "a neighbour of what it writes",
      { writes: ["/srv/app/tmp2", "/srv/app/lib"] },
      ["/srv/app/tmp"],
    ],
    [
      "a neighbour of what it may delete",
      { allow: [allow("/srv/app/cache/**")] },
      ["/srv/app/tmp"],
    ],
    [
      "what lies beside an open path",
      { protect: [protect("/srv/app/tmp"), protect("/srv/app/cache", regenerates)] },
      ["/srv/app/tmp"],
    ],
  ])("%s", (_name, change, readOnly) => {
    expect(prevention(order(change)).readOnly).toEqual(readOnly);
  });
});

test.each<[string, Partial<PreventionOrder>]>([
  ["a command line", { step: { ...step, work: { kind: "run", args: "nohup ./bin/app &" } } }],
  ["a script's file", { text: "#!/bin/sh\ncd /srv/app\n./bin/app >log 2>&1 &\n" }],
])(
  "nothing is closed to %s that starts a daemon by itself, and the reason is told",
  (_, change) => {
    expect(prevention(order(change))).toEqual({
      readOnly: [],
      open: [
        { path: "/srv/app/tmp", because: "its text starts a daemon, which must be able to write" },
      ],
    });
  },
);

describe("a path stays open, and the reason is told, where", () => {
  test.each<[string, Partial<PreventionOrder>, string]>([
    ["the step writes the path", { writes: ["/srv/app/tmp"] }, "it writes /srv/app/tmp"],
    ["the step writes above it", { writes: ["/srv/app"] }, "it writes /srv/app"],
    ["the step writes below it", { writes: ["/srv/app/tmp/a"] }, "it writes /srv/app/tmp/a"],
    [
      "a budget lies at it",
      { allow: [allow("/srv/app/tmp")] },
      "`allow` lets it delete /srv/app/tmp",
    ],
    [
      "a budget lies below it",
      { allow: [allow("/srv/app/tmp/x/*.jar")] },
      "`allow` lets it delete /srv/app/tmp/x/*.jar",
    ],
    [
      "a budget reaches it from above",
      { allow: [allow("/srv/**/*.jar")] },
      "`allow` lets it delete /srv/**/*.jar",
    ],
    ["a budget reaches everything", { allow: [allow("/**")] }, "`allow` lets it delete /**"],
    [
      "it regenerates",
      { protect: [protect("/srv/app/tmp", regenerates)] },
      "policy regenerates lets it change",
    ],
    [
      "it may change",
      { protect: [protect("/srv/app/tmp", mayChange)] },
      "policy may-change lets it change",
    ],
    [
      "a path below it may change",
      { protect: [protect("/srv/app/tmp"), protect("/srv/app/tmp/x", mayChange)] },
      "/srv/app/tmp/x below it may change",
    ],
    [
      "the step starts a service",
      { step: { ...step, work: { kind: "service", args: {} } } },
      "it starts a service, which must be able to write",
    ],
    [
      "the step is a request",
      { step: { ...step, work: { kind: "http", args: {} } } },
      "it is a request, which runs nothing on the host",
    ],
    [
      "the step runs on the controller",
      { step: { ...step, on: "controller" } },
      "it runs on the controller",
    ],
    ["the step says so", { step: { ...step, prevent: false } }, "the step says `prevent: false`"],
    ["the plan says so", { prevent: false }, "the plan says `prevent: false`"],
  ])("%s", (_name, change, because) => {
    const { readOnly, open } = prevention(order(change));
    expect(open[0]).toMatchObject({ because });
    expect(readOnly).not.toContain(open[0]?.path);
  });
});

test("every protected path is either closed or told of", () => {
  const paths = [protect("/a"), protect("/b", mayChange), protect("/c", keepContent)];
  const { readOnly, open } = prevention(order({ protect: paths, writes: ["/c/d"] }));
  expect([...readOnly, ...open.map(({ path }) => path)].sort()).toEqual(["/a", "/b", "/c"]);
});
