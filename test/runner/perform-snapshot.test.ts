import { expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import type { CommandResult } from "../../src/ports/guard-command.ts";
import type { ReferredContent } from "../../src/ports/step-kind.ts";
import { type Answers, printed, refuses, says } from "./support/host-answers.ts";
import { failureIn, performed, type Scene } from "./support/one-action.ts";

const snapshot: Action = { kind: "snapshot", instance: "a", step: 0 };
const copied: Partial<StepSpec> = {
  work: { kind: "copy", args: { from: "conf", to: "/srv/app/conf" } },
};

/** A folder in the plan, with a folder in it. */
const conf: ReferredContent = () =>
  ["app.yml", "extra/more.yml"].map((path) => ({ path, mode: "0644", content: new Uint8Array() }));

/** A host on which those of the folders that a step would make are missing that are at these places. */
function missing(...places: readonly number[]): () => Answers {
  const stdout = places.map((at) => `${at}\n`).join("");
  return () => ({ ask: () => says(printed(stdout)) });
}

test.each<[string, Scene, readonly string[]]>([
  ["what is protected, where the step writes nothing that anyone knows of", {}, ["/srv/app/tmp"]],
  [
    "what the plan says that the step writes",
    { world: { steps: [{ writes: ["/srv/app/lib"] }] } },
    ["/srv/app/lib", "/srv/app/tmp"],
  ],
  [
    "what a step of this kind writes, and no folder that is there already",
    { world: { steps: [copied] }, parts: { files: conf }, answers: missing() },
    ["/srv/app/conf/app.yml", "/srv/app/conf/extra/more.yml", "/srv/app/tmp"],
  ],
  [
    "a folder that the step will make",
    { world: { steps: [copied] }, parts: { files: conf }, answers: missing(1) },
    ["/srv/app/conf/app.yml", "/srv/app/conf/extra", "/srv/app/tmp"],
  ],
])("a snapshot covers %s", async (_what, scene, paths) => {
  const it = await performed(snapshot, scene);
  expect(it.outcome).toEqual({ is: "done" });
  const [order] = it.orders("snapshot");
  expect(order?.paths).toEqual(paths.map((path) => ({ path, content: true })));
});

test("a snapshot is taken on each host of the step, under the name of its generation", async () => {
  const it = await performed(snapshot, { hosts: ["a1", "a2"], state: { generation: 3 } });
  expect(it.asked.filter((each) => each.startsWith("snapshot"))).toEqual([
    "snapshot a1",
    "snapshot a2",
  ]);
  expect(it.orders("snapshot").map(({ key }) => key)).toEqual(["a.1.g3", "a.1.g3"]);
  expect(it.notes.map((note) => [note.kind, note.host])).toEqual([
    ["snapshot.taken", "a1"],
    ["snapshot.taken", "a2"],
  ]);
});

test("a snapshot that one host refuses ends the action, and no other host is asked", async () => {
  const it = await performed(snapshot, {
    hosts: ["a1", "a2"],
    answers: () => ({ snapshot: () => refuses("SNAPSHOT_NO_SPACE") }),
  });
  expect(failureIn(it)?.code).toBe("SNAPSHOT_NO_SPACE");
  expect(it.orders("snapshot")).toHaveLength(1);
});

test.each<[string, Partial<CommandResult>]>([
  ["ends with an error", { exitCode: 1 }],
  ["does not end in time", { timedOut: true }],
  ["says more than it can say", { dropped: 1 }],
])("where the look for folders %s, no snapshot is taken by guess", async (_what, change) => {
  const it = await performed(snapshot, {
    world: { steps: [copied] },
    parts: { files: conf },
    answers: () => ({ ask: () => says(printed("", change)) }),
  });
  expect(failureIn(it)?.code).toBe("SNAPSHOT_UNREADABLE");
  expect(it.orders("snapshot")).toEqual([]);
});
