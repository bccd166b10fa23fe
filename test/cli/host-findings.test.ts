import { expect, test } from "vitest";
import { hostFindings } from "../../src/cli/host-findings.ts";
import type { PreviewHost } from "../../src/views/preview-hosts.ts";

const host: PreviewHost = {
  name: "ap01",
  instances: ["ap01"],
  failure: null,
  says: "as user 1000",
  lock: null,
  spool: { path: "/var/lib/handrail", exists: true, fault: "", freeBytes: null, freeInodes: null },
  protected: { trees: 1, entries: 1, bytes: 1, unfinished: false, each: [] },
  needs: { bytes: 1, inodes: 1, ms: null },
  losses: [],
  facts: [],
  preventionFault: "",
  logoutFault: "",
  troubles: [],
};

test("doctor says where the dead-man switch may be ended with the connection, and else nothing of it", () => {
  expect(saidOfSwitches(host)).toEqual([]);
  expect(saidOfSwitches({ ...host, logoutFault: "systemd-logind ends it" })).toEqual([
    "the dead-man switch may not outlive a connection: systemd-logind ends it",
  ]);
});

function saidOfSwitches(it: PreviewHost): readonly string[] {
  const notes = hostFindings(it).filter(({ is }) => is === "note");
  return notes.map(({ says }) => says).filter((says) => says.includes("dead-man switch"));
}
