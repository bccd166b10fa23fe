import { describe, expect, test } from "vitest";
import { fingerprintPaths } from "../../src/core/fingerprint.ts";
import { hostChanges, planChanges, type PreviewFile } from "../../src/core/preview-file.ts";

const sha = (letter: string): string => letter.repeat(64);

const file: PreviewFile = {
  handrail: 1,
  kind: "preview",
  id: "0".repeat(32),
  at: "2026-11-28T03:00:00.000Z",
  tool: "0.1.0",
  plan: "plan.yaml",
  inventory: null,
  digest: sha("d"),
  parts: {
    plan: sha("a"),
    order: sha("b"),
    targets: { ap01: sha("1"), ap02: sha("2") },
    files: { "app.jar": sha("f") },
  },
  hosts: {
    ap01: [
      { path: "/srv/etc", extent: "whole", print: sha("e") },
      { path: "/srv/tmp", extent: "itself", print: "none" },
    ],
  },
  preview: {},
};

const same = { tool: "0.1.0", digest: file.digest, parts: file.parts };
const { parts } = file;

describe("a preview is stale, and says why, where", () => {
  test.each([
    ["Handrail is another one", { tool: "0.2.0" }, ["Handrail was 0.1.0 and is 0.2.0"]],
    ["the plan is", { parts: { ...parts, plan: sha("0") } }, ["the plan says something else"]],
    [
      "a file is",
      { parts: { ...parts, files: { "app.jar": sha("0") } } },
      ['the file "app.jar" is another one'],
    ],
    [
      "a target is, is gone, or is new",
      { parts: { ...parts, targets: { ap01: sha("0"), ap03: sha("3") } } },
      ['the target "ap01" is another one', 'the target "ap02" is gone', 'the target "ap03" is new'],
    ],
    [
      "the order of its targets is",
      { parts: { ...parts, order: sha("0") } },
      ["regions, batches or limits are not what they were"],
    ],
    ["the digest is, whatever the parts say", { digest: sha("0") }, ["the digest is another one"]],
  ])("%s", (_, now, changes) => {
    expect(planChanges(file, { ...same, ...now })).toEqual(changes);
  });

  test("many changes of one kind are counted", () => {
    const targets = Object.fromEntries(
      Array.from({ length: 40 }, (unused, at) => [`x${at}`, sha("9")]),
    );
    const changes = planChanges(file, { ...same, parts: { ...parts, targets } });
    expect(changes).toHaveLength(6);
    expect(changes.at(-1)).toBe("and 37 more of this kind");
  });

  const [etc, tmp] = file.hosts["ap01"]!;
  test.each([
    [
      "a host has it otherwise",
      [{ ...etc!, print: sha("0") }, tmp!],
      ['"/srv/etc" on ap01 is not as it was'],
    ],
    [
      "it is there by now",
      [etc!, { ...tmp!, print: sha("0") }],
      ['"/srv/tmp" on ap01 is not as it was'],
    ],
    [
      "a host can't tell",
      [{ ...etc!, print: null }, tmp!],
      ['"/srv/etc" on ap01 can\'t be looked at now'],
    ],
    [
      "nobody looked at it then",
      [etc!, tmp!, { path: "/srv/new", extent: "whole" as const, print: sha("e") }],
      ['"/srv/new" on ap01 is not as it was'],
    ],
  ])("%s", (_, prints, named) => {
    expect(hostChanges(file, { ap01: prints })).toEqual(named);
  });

  test("and it is not where everything is as it was", () => {
    expect(planChanges(file, same)).toEqual([]);
    expect(hostChanges(file, { ap01: [etc!, tmp!] })).toEqual([]);
  });
});

test("trees that live are fingerprinted by themselves, and what nobody may change by all that is in it", () => {
  const policies = [
    ["/srv/tmp", { kind: "keep" }],
    ["/srv/etc/", { kind: "keep-content" }],
    ["/srv/log", { kind: "may-change" }],
  ] as const;
  expect(
    fingerprintPaths({
      protect: policies.map(([path, policy]) => ({ path, policy })),
      files: ["/srv/lib/app.jar", "/srv/log"],
    }),
  ).toEqual([
    { path: "/srv/etc", extent: "whole" },
    { path: "/srv/lib/app.jar", extent: "whole" },
    { path: "/srv/log", extent: "whole" },
    { path: "/srv/tmp", extent: "itself" },
  ]);
});
