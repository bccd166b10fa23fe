import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isRoot, rootOnly } from "../host/support/shell-hosts.ts";
import { schemaSays } from "../support/junit-schema.ts";
import { notPassed, readJunit } from "../support/junit-shape.ts";
import { describeWith } from "../support/parts.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { meant } from "../support/meant.ts";

// What the program itself leaves for a CI server, with hosts that print what XML 1.0 forbids: control characters, the
// end of a section, bytes that are no UTF-8, among them half of a surrogate pair, and U+FFFE.

const says = String.raw`printf 'a\001b\010c\033[2Jd]]>e<failure/>&f\377g\355\240\200h\357\277\276i\n'`;
/** How it must begin in the file. */
const said = String.raw`a\x01b\x08c\x1b[2Jd]]&gt;e&lt;failure/&gt;&amp;f`;

const read = (fleet: SmallFleet, name: string) => readFile(join(fleet.folder, name), "utf8");

describeWith(["xmllint"], "the JUnit file, held against its schema", () => {
  test("of a rollout that goes well, and of one that halts, whatever its hosts print", async () => {
    await using fleet = await smallFleet();
    const good = await fleet.writePlan(planText(`steps: [{ name: speak, run: '${yaml(says)}' }]`));
    const halting = join(fleet.folder, "halting.yaml");
    await writeFile(
      halting,
      planText(
        `steps: [{ name: speak, run: '${yaml(says)}; ${yaml(says)} >&2; exit 3', writes: ["\${home}/etc/conf"] }]`,
      ),
    );
    const runs = [
      [["apply", good, "--junit", "good.xml"], 0],
      [["apply", halting, "--junit", "halted.xml", "--markdown", "halted.md"], 4],
    ] as const;
    for (const [args, exit] of runs) expect((await fleet.run(args)).exit).toBe(exit);
    const files = {
      good: await read(fleet, "good.xml"),
      halted: await read(fleet, "halted.xml"),
    };
    expect(schemaSays(files)).toEqual({ good: null, halted: null });
    expect(notPassed(readJunit(files.good))).toEqual([]);
    expect(notPassed(readJunit(files.halted))).toEqual([
      "one.a1 1 speak: failure STEP_EXIT",
      "one.a1 end: skipped, not reached",
      "one.a2 1 speak: skipped, not touched",
      "one.a2 end: skipped, not touched",
      "fix outcome: failure halted",
    ]);
    expect(files.halted).toContain(said);
    expect(files.halted).toContain("\\u{fffe}i");
    expect(await read(fleet, "halted.md")).toMatch(/^### Handrail: halted\n/);
  });

  test.runIf(isRoot && isLong)(
    `of a rehearsal, whatever its steps print${rootOnly || longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const plan = await fleet.writePlan(
        planText(
          `protect: [{ path: "\${home}/tmp", policy: keep }]\nsteps: [{ name: clear, run: '${yaml(says)}; rm -rf "$home/tmp/work"', ${meant("deletes")} }]`,
        ),
      );
      const args = ["rehearse", plan, "--junit", "r.xml", "--markdown", "r.md"];
      expect((await fleet.run(args)).exit).toBe(7);
      const rehearsal = await read(fleet, "r.xml");
      expect(schemaSays({ rehearsal })).toEqual({ rehearsal: null });
      expect(notPassed(readJunit(rehearsal))).toEqual([
        "one.a1.a1 1 clear: failure CONTRACT_BROKEN",
        "fix outcome: failure exit 7",
      ]);
      const page = await read(fleet, "r.md");
      expect(page).toMatch(/^### Handrail: rehearsal, would-break\n/);
      expect(page).toContain(String.raw`a\x01b\x08c\x1b[2Jd]]>e<failure/>&f`);
    },
  );

  test.skipIf(!isLong)(
    `of a run that is killed in the middle of a step says that it did not finish, whatever stood there${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const plan = await fleet.writePlan(
        planText(
          `steps: [{ name: wait, run: 'echo half > "$home/etc/conf"; sleep 30', writes: ["\${home}/etc/conf"] }]`,
        ),
      );
      // From the run before, all green: the server must not read it as the outcome of this one.
      const stale = `<testsuites><testsuite name="stale" tests="1"/></testsuites>${" ".repeat(9_000)}`;
      await writeFile(join(fleet.folder, "k.xml"), stale);
      await writeFile(join(fleet.folder, "k.jsonl"), '{"type":"summary","exit":0}\n'.repeat(400));
      await writeFile(join(fleet.folder, "k.md"), `### Handrail: sealed\n${"x".repeat(9_000)}`);
      const files = ["--junit", "k.xml", "--markdown", "k.md", "--json-into", "k.jsonl"];
      const started = fleet.start(["apply", plan, "--json", ...files]);
      const conf = () => readFile(join(fleet.home("a1"), "etc", "conf"), "utf8");
      await expect.poll(conf, { timeout: 40_000 }).toBe("half\n");
      await started.event(({ type }) => type === "step.started");
      started.kill("SIGKILL");
      expect((await started.ended).exit).toBeNull();

      const junit = await read(fleet, "k.xml");
      expect(schemaSays({ junit })).toEqual({ junit: null });
      expect(notPassed(readJunit(junit))).toEqual(["handrail outcome: failure unfinished"]);
      expect(junit).toContain("Handrail was ended before it could say what came of it");
      expect(await read(fleet, "k.md")).toMatch(/^### Handrail: not finished\n/);
      expect(await read(fleet, "k.md")).not.toContain("sealed");
      // Every event until then, and no word of an end: who reads it must find it lacking.
      const lines = (await read(fleet, "k.jsonl")).trimEnd().split("\n");
      const types = lines.map((line) => String(Object(JSON.parse(line)).type));
      expect(types.slice(0, 2)).toEqual(["version", "rollout.started"]);
      expect(types).toContain("step.started");
      expect(types.filter((type) => /^(step\.finished|summary)$/.test(type))).toEqual([]);

      const [, rollout] = /"rollout":"([^"]+)"/.exec(lines[1]!) ?? [];
      const aborted = await fleet.run([
        "abort",
        rollout!,
        "--junit",
        "k.xml",
        "--markdown",
        "k.md",
      ]);
      expect(aborted.exit).toBe(4);
      const ended = await read(fleet, "k.xml");
      expect(schemaSays({ ended })).toEqual({ ended: null });
      expect(notPassed(readJunit(ended))).not.toContain("handrail outcome: failure unfinished");
      expect(await read(fleet, "k.md")).not.toContain("not finished");
    },
  );
});

/** For a word in single quotes. */
function yaml(text: string): string {
  return text.replaceAll("'", "''");
}
