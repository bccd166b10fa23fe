import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { evenRollout } from "../support/even-rollout.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";

// What the verbs that carry a rollout say where all goes well, kept as text beside the transcripts of
// test/cli: `HANDRAIL_TESTS=long TRANSCRIPTS=update npx vitest run test/e2e/transcript.test.ts`.

const kept = new URL("../cli/transcripts/a-rollout.txt", import.meta.url);

test.skipIf(!isLong)(
  `from apply to undo, and to abort, a rollout is told as it was last read by a person${longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const body = `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`;
    const text = planText(body, "approve: [one]").replace("retention: 0s", "retention: 1h");
    await fleet.writePlan(text);
    const ids: string[] = [];
    let told = "";
    const run = async (line: string, exit: number): Promise<void> => {
      const words = line.replace("ROLLOUT", ids.at(-1) ?? "").split(" ");
      const ran = await fleet.run(words);
      const id = /\bfix-\d{8}-\d{4}-[0-9a-f]{4}\b/.exec(ran.stdout)?.[0];
      if (line.startsWith("apply") && id !== undefined) ids.push(id);
      told += `$ handrail ${line}\n${ran.stdout}${ran.stderr}[exit ${ran.exit}]\n\n`;
      expect({ line, exit: ran.exit, told: ran.stderr }).toMatchObject({ exit });
    };
    await run("apply plan.yaml", 6);
    await run("approve ROLLOUT one --reason checked", 0);
    await run("resume ROLLOUT", 0);
    await run("snapshots", 0);
    await run("watch ROLLOUT --for 1s", 0);
    await run("undo ROLLOUT", 0);
    await run("reconcile ROLLOUT", 3);
    await run("apply plan.yaml", 6);
    // Nothing was touched yet.
    await run("abort ROLLOUT", 3);
    const page = evenRollout(told, fleet.folder);
    if (process.env["TRANSCRIPTS"] === "update") await writeFile(kept, page);
    expect(page).toBe(await readFile(kept, "utf8"));
  },
);
