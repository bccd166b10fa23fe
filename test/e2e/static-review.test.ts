import { access, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { planText, smallFleet } from "../support/small-fleet.ts";
import { meant } from "../support/meant.ts";

const incident = fileURLToPath(
  new URL("../../fixtures/demo/plans/flawed-fix/files/clear-stale-sessions.sh", import.meta.url),
);

/** The incident's own fix; `more`: further keys of its step. */
function flawedFix(more = ""): string {
  return planText(`protect: [{ path: "\${home}/tmp", policy: keep }]
steps:
  - name: clear stale sessions
    script: { file: clear-stale-sessions.sh }
${more}`);
}

test("the incident's own fix is refused before anything is touched, by its text alone", async () => {
  await using fleet = await smallFleet();
  await copyFile(incident, join(fleet.folder, "clear-stale-sessions.sh"));
  const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
  const plan = await fleet.writePlan(flawedFix());
  const ran = await fleet.run(["apply", plan, "--json"]);
  expect([ran.exit, ran.events.map(({ type }) => type)]).toEqual([3, ["version", "summary"]]);
  expect(ran.stderr).toMatch(
    /clear-stale-sessions\.sh:5: the step "clear stale sessions" would take away .*\/a1\/tmp\/work, inside of the protected .*\/a1\/tmp: policy keep lets nothing go \(REVIEW_BREAKS\)/,
  );
  const after = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
  expect(after).toEqual(before);
  await expect(access(fleet.spool)).rejects.toThrow("ENOENT");
});

test("where its plan accepts that, it is still caught at run time, and the reason is in the journal", async () => {
  await using fleet = await smallFleet({ names: ["a1"] });
  await copyFile(incident, join(fleet.folder, "clear-stale-sessions.sh"));
  const before = await fleet.listing(fleet.home("a1"));
  const plan = await fleet.writePlan(flawedFix(`    ${meant("deletes")}\n    prevent: false\n`));
  const ran = await fleet.run(["apply", plan, "--json"]);
  expect(ran.exit).toBe(4);
  expect(ran.stdout).toContain("CONTRACT_BROKEN");
  expect(await fleet.listing(fleet.home("a1"))).toBe(before);
  const rollout = String(ran.events.find(({ type }) => type === "rollout.started")?.["rollout"]);
  const journal = await fleet.run(["journal", rollout, "--json"]);
  expect(journal.stdout).toContain("this harm is what the test is about");
});
