import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { meant } from "../support/meant.ts";
import { describeWays, isLong } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { fleetAddresses, type FleetName, realFleet } from "../support/real-fleet.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

/** Between two looks at what is sealed. */
const everyMs = 2_000;
/** For a machine that is busy with other tests: a look that begins late, and takes its time. */
const slackMs = 8_000;

/**
 * The first step is the fault: in the second region it empties the temp folder of eu1, once eu1 was
 * looked at after its seal (it is asked, then listed, so two more questions enclose a list), and says
 * when. Then it goes on until the test lets it.
 */
const plan = `rollout:
  batches: ["100%"]
  concurrency: 2
  bake: { settle: 0s, stable: 100ms, retry: 10s }
  guard: { observe: 0s }
  watch: { every: ${everyMs / 1_000}s }
  retention: 0s
protect: [{ path: "\${home}/tmp", policy: keep }]
probes:
  - name: up
    surface: ui
    interval: 100ms
    run: 'echo asked >> "\${log}.asked"; test -e "\${home}/etc/app.conf"'
steps:
  - name: fix
    writes: ["\${home}/etc"]
    probes: false
    ${meant("deletes")}
    timeout: 60s
    run: |
      echo "mode = new" > "$home/etc/app.conf"
      test "$region" = us || exit 0
      asked() { wc -l < "$home/../steps-eu1.log.asked"; }
      upto=$(($(asked) + 2))
      while [ "$(asked)" -lt "$upto" ]; do sleep 0.1; done
      test "$name" != us1 || find "$home/../eu1/tmp" -type f -exec rm -f {} +
      echo "spoiled at $(date +%s)"
      while [ ! -e "$home/../halted" ]; do sleep 0.1; done
  - { name: last, run: ":" }
`;

describeWith(
  ["sshd", "ssh"],
  "harm on a sealed instance while the next region is under way",
  () => {
    describeWays(["openssh", "ssh2"], (via) => {
      test(
        "halts within one interval, ends and takes back what is under way, and is told by both names",
        { timeout: 170_000 },
        async () => {
          await using sshd: Sshd = await startSshd({ addresses: fleetAddresses });
          const names: readonly FleetName[] = isLong ? ["eu1", "us1", "us2"] : ["eu1", "us1"];
          await using fleet = await realFleet({ plan, sshd, via, names });
          const before = await Promise.all(names.map((name) => fleet.listing(name)));

          const controller = fleet.start(["apply", fleet.plan, "--json"]);
          await halted(controller);
          await writeFile(join(fleet.folder, "halted"), "");
          const { exit, events, stderr } = await controller.ended;
          expect({ exit, stderr }).toEqual({ exit: 4, stderr: "" });
          const told = (type: string): Told | undefined => events.find((it) => it.type === type);

          const sentence =
            "1 bad in eu batch 1 (eu1), at most 0 allowed; eu1 of region eu was sealed and turned bad while region us was under way";
          expect(told("halted")).toMatchObject({
            sentence,
            late: [{ instance: "eu1", region: "eu", during: "us" }],
          });

          const lost = join(fleet.home("eu1"), "tmp");
          expect(told("instance.harmed")).toMatchObject({
            region: "eu",
            instance: "eu1",
            during: "us",
            is: "lost",
            path: lost,
            count: 3,
          });
          // The running ones of the second region are as before, and so is the one that was harmed.
          expect(told("summary")?.["instances"]).toMatchObject({ rolledBack: names, sealed: [] });
          expect(await Promise.all(names.map((name) => fleet.listing(name)))).toEqual(before);

          const spoilt = events.find(
            (it) => it.type === "step.finished" && it["step"] === "fix" && it["instance"] === "us1",
          );
          const [, second] = /^spoiled at (\d+)$/m.exec(String(spoilt?.["output"])) ?? [];
          const tookMs = Date.parse(String(told("halted")?.["at"])) - Number(second) * 1_000;
          expect(tookMs).toBeGreaterThan(0);
          expect(tookMs).toBeLessThan(everyMs + slackMs);

          const rollout = String(told("rollout.started")?.["rollout"]);
          const report = await fleet.start(["report", rollout]).ended;
          expect(report.stdout).toContain(`- rule: ${sentence}`);
          expect(report.stdout).toContain(
            `LATE_HARM: eu1 was sealed, and turned bad while region us was under way: 3 entries are gone below "${lost}" (keep): `,
          );
        },
      );
    });
  },
);

type Controller = ReturnType<Awaited<ReturnType<typeof realFleet>>["start"]>;
type Told = Controller extends { events(): readonly (infer One)[] } ? One : never;

/** Resolves once the rollout has halted, or ended without. */
async function halted(controller: Controller): Promise<void> {
  for (let seen = 1; await controller.reached(seen); seen += 1)
    if (controller.events().some(({ type }) => type === "halted")) return;
}
