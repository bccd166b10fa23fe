import { expect, test } from "vitest";
import { differsFromBefore } from "../../../src/core/verdict/leftovers.ts";
import { changeOf, protectedBy } from "./made-up.ts";

test("what is not as before is named by tree and kind, with numbers", () => {
  const changes = [
    changeOf("deleted", "/srv/app/tmp/a"),
    changeOf("deleted", "/srv/app/tmp/b"),
    changeOf("content", "/srv/app/tmp/c"),
    changeOf("metadata", "/srv/app/etc/x"),
    changeOf("created", "/srv/app/lib/new.jar"),
  ];
  const protect = [protectedBy("keep"), protectedBy("keep-content", "/srv/app/etc")];
  const findings = differsFromBefore({
    changes,
    total: 5,
    protect,
    writes: ["/srv/app/lib/new.jar"],
  });
  expect(findings.map((finding) => `${finding.policy}: ${finding.message}`)).toEqual([
    "keep-content: 1 file below /srv/app/etc still has another mode or owner than before, after the rollback",
    "writes: 1 file at /srv/app/lib/new.jar was not there before and is still there, after the rollback",
    "keep: 2 files below /srv/app/tmp are still missing, after the rollback",
  ]);
});

test("a comparison that was cut short verifies nothing", () => {
  const order = { changes: [], total: 3, protect: [protectedBy("keep")], writes: [] };
  expect(differsFromBefore(order).map((finding) => finding.message)).toEqual([
    "3 paths differ from before and 3 of them could not be listed, so the rollback could not be verified",
  ]);
});
