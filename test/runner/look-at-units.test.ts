import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { UnitsSeen } from "../../src/core/units-seen.ts";
import type { AskOrder } from "../../src/ports/guard.ts";
import { probeShells, realContext, temporaryFolder } from "../probes/probe-contexts.ts";
import { describeWith } from "../support/parts.ts";
import { type Answers, isOff } from "./support/host-answers.ts";
import { type Performed, performed, type Scene } from "./support/one-action.ts";

// There is no systemd in a test: a `systemctl` stands in for it, and says how the units are.

const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const world = {
  regions: { eu: [["a", "b", "c"]] },
  envelope: "pause",
  steps: [{ work: { kind: "service", args: { systemd: "app@${name}", do: "reload" } } }],
  actions: { queue: { kind: "service", args: { systemd: "queue.service", do: "restart" } } },
} as const;

function applied(scene: Scene & { readonly ask?: Answers["ask"] } = {}): Promise<Performed> {
  return performed(apply, {
    variables: { name: "ap01" },
    ...scene,
    world: { ...world, ...scene.world },
    state: { phase: "stepping", snapshotted: true, touched: 1, guard: "armed" },
    answers: () => (scene.ask === undefined ? {} : { ask: scene.ask }),
  });
}

/** The same where each question has the answer that the real program gives; time is played meanwhile. */
async function appliedOn(host: RealHost): Promise<Performed> {
  const answers: Awaited<ReturnType<RealHost["run"]>>[] = [];
  for (const order of (await applied()).orders("ask")) answers.push(await host.run(order));
  return applied({ ask: async () => answers.shift()! });
}

type RealHost = Awaited<ReturnType<typeof hostWith>>;

/** What the journal has of units, before the step and after it. */
function seen({ notes }: Performed): readonly (UnitsSeen | undefined)[] {
  return notes.flatMap((note) =>
    note.kind === "step.started" || note.kind === "verdict" ? [note.units] : [],
  );
}

const block = (more: Readonly<Record<string, string>>): string =>
  Object.entries({
    ActiveState: "active",
    ActiveEnterTimestampMonotonic: "1000",
    MainPID: "40",
    NRestarts: "0",
    ...more,
  })
    .map((pair) => pair.join("="))
    .join("\n");

/** A host on which `systemctl` says this of its units, one call after the other; none: it has no such tool. */
async function hostWith(calls: readonly string[] | null, exit = 0) {
  const folder = await temporaryFolder();
  const tool = join(folder.path, "systemctl");
  if (calls !== null) {
    for (const [at, text] of calls.entries())
      await writeFile(join(folder.path, `says-${at + 1}`), text);
    await writeFile(
      tool,
      `#!/bin/sh
cd ${folder.path}
echo "$*" >>asked
if [ ${exit} != 0 ]; then echo "not booted with systemd" >&2; exit ${exit}; fi
exec /bin/cat "says-$(grep -c . asked)"
`,
    );
    await chmod(tool, 0o755);
  }
  const real = realContext(probeShells[0]!);
  const search = calls === null ? folder.path : `${folder.path}:/usr/bin:/bin`;
  return {
    run: (order: AskOrder) => real.run({ ...order, env: { ...order.env, PATH: search } }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describeWith(["dash"], "the units that a plan names", () => {
  test("are read in one question before a step, and in one when it is judged", async () => {
    const before = [block({}), block({ MainPID: "0", ActiveState: "inactive" })].join("\n\n");
    const after = [block({ MainPID: "41", NRestarts: "1" }), block({ ActiveState: "failed" })];
    await using host = await hostWith([before, after.join("\n\n")]);
    const it = await appliedOn(host);
    expect(it.outcome).toEqual({ is: "done" });
    expect(seen(it)).toEqual([
      {
        units: [
          { state: "active", activeSinceUs: 1_000, pid: 40, restarts: 0 },
          { state: "inactive", activeSinceUs: 1_000, pid: 0, restarts: 0 },
        ],
      },
      {
        units: [
          { state: "active", activeSinceUs: 1_000, pid: 41, restarts: 1 },
          { state: "failed", activeSinceUs: 1_000, pid: 40, restarts: 0 },
        ],
      },
    ]);
    expect(it.orders("ask").map(({ args }) => args)).toEqual([
      ["app@ap01", "queue.service"],
      ["app@ap01", "queue.service"],
    ]);
  });

  test("that count nothing and have no process are known all the same; strange ones are not", async () => {
    const timer = "ActiveState=active\nActiveEnterTimestampMonotonic=7";
    const strange = block({ ActiveState: "\u001B[31mactive" });
    await using host = await hostWith([`${timer}\n\n${strange}\n`, `${timer}\n\n${strange}\n`]);
    expect(seen(await appliedOn(host))[0]).toEqual({
      units: [{ state: "active", activeSinceUs: 7, pid: null, restarts: null }, null],
    });
  });

  test.each<[string, readonly string[] | null, number, string]>([
    ["there is no systemctl", null, 0, "systemctl is not on the host"],
    ["systemd does not run", ["", ""], 1, "not booted with systemd"],
    [
      "systemctl tells of one only",
      [block({}), block({})],
      0,
      "systemctl told of other units than it was asked about",
    ],
  ])("are unknown where %s, and the step goes on", async (_where, calls, exit, because) => {
    await using host = await hostWith(calls, exit);
    const it = await appliedOn(host);
    expect(it.outcome).toEqual({ is: "done" });
    expect(seen(it)).toEqual([{ because }, { because }]);
  });

  test("are unknown where the host can't be asked", async () => {
    const it = await applied({ ask: () => isOff("unknown") });
    expect(seen(it)[0]).toEqual({ because: "it said CONNECT_LOST" });
  });
});

describe("nobody is asked about units", () => {
  test.each<[string, Scene]>([
    ["where the plan names none", { world: { steps: [{}], actions: {} } }],
    ["where no envelope is looked at", { world: { envelope: "off" } }],
    [
      "where there are too few instances to be held against",
      { world: { regions: { eu: [["a", "b"]] } } },
    ],
    ["by a step on the controller", { world: { steps: [{ on: "controller" }] } }],
  ])("%s", async (_where, scene) => {
    const it = await applied({ ...scene, ask: () => isOff("not-sent") });
    expect(it.orders("ask")).toEqual([]);
    expect(seen(it)).toEqual([undefined, undefined]);
  });
});
