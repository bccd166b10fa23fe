import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { service } from "../../src/steps/service.ts";
import { planFiles, StepHost, stepShells } from "./step-shells.ts";

/**
 * A systemctl that notes what it is asked and plays the states in the file `states`, one for each
 * is-active; the last one stays. There is no systemd to ask in a test.
 */
const systemctl = `#!/bin/sh
echo "$*" >>asked
case $1 in
  is-active)
    state=$(head -n 1 states)
    if [ "$(wc -l <states)" -gt 1 ]; then sed -i 1d states; fi
    echo "$state"
    [ "$state" = active ] ;;
  show) cat shown ;;
  status) echo "the unit's own status" ;;
  *) exit "$(cat exit)" ;;
esac
`;
const journalctl = "#!/bin/sh\necho last words of the unit\n";
/** A sleep that takes no time, for the looks one second apart. */
const sleep = "#!/bin/sh\nexit 0\n";

const shell = stepShells[0]!;
const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;

const runWith = async (
  verb: "restart" | "reload" | "start" | "stop",
  plays: { states: string[]; exit?: number; shown?: string },
) => {
  await using host = await StepHost.start(shell, { systemctl, journalctl, sleep });
  await writeFile(join(host.work, "states"), plays.states.map((state) => `${state}\n`).join(""));
  await writeFile(join(host.work, "exit"), String(plays.exit ?? 0));
  await writeFile(join(host.work, "shown"), plays.shown ?? "Type=simple\nResult=success\n");
  const given = service.args.parse({ systemd: "app@1.service", do: verb });
  const ran = await host.run(service.orders(given, { env: {}, files: planFiles([]) }));
  return { ...ran, asked: await readFile(join(host.work, "asked"), "utf8") };
};

describe.skipIf(shell.missing !== null)(`service${skip}`, () => {
  test.each(["restart", "reload", "start", "stop"] as const)(
    "%s asks systemctl for it",
    async (verb) => {
      const ran = await runWith(verb, { states: [verb === "stop" ? "inactive" : "active"] });
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(ran.asked.split("\n")[0]).toBe(`${verb} -- app@1.service`);
    },
  );

  test("a restart that systemd refuses fails with the unit's last words", async () => {
    const ran = await runWith("restart", { states: ["failed"], exit: 1 });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("the unit's own status");
    expect(ran.stderr).toContain("last words of the unit");
    expect(ran.stderr).toContain("systemctl restart app@1.service failed");
  });

  test("a service that dies right after its start fails the step", async () => {
    const ran = await runWith("start", { states: ["active", "failed"] });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("app@1.service is failed after start");
  });

  test("a service that takes its time is waited for", async () => {
    const states = ["activating", "activating", "reloading", "active"];
    expect(await runWith("restart", { states })).toMatchObject({ code: 0 });
  });

  test("a service that never gets up fails in the end", async () => {
    const ran = await runWith("restart", { states: ["activating"] });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("app@1.service is activating after restart");
  });

  test("a oneshot that ran well is inactive, and that is good", async () => {
    const shown = "Type=oneshot\nResult=success\n";
    expect(await runWith("start", { states: ["inactive"], shown })).toMatchObject({ code: 0 });
  });

  test("a simple service that is inactive after its start fails", async () => {
    expect(await runWith("start", { states: ["inactive"] })).toMatchObject({ code: 1 });
  });

  test("a stop after which the unit still runs fails", async () => {
    const ran = await runWith("stop", { states: ["active"] });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("app@1.service is active after stop");
  });

  test.each(["-x", "--force", "a b", "app*", "$(touch pwned)", "a\nb", ""])(
    "the unit name %j is refused, by the schema, in review and on the host",
    async (unit) => {
      expect(service.args.safeParse({ systemd: unit, do: "start" }).success).toBe(false);
      const given = { systemd: unit, do: "start" } as const;
      expect(service.review(given, planFiles([]))).toEqual([
        `"${unit}" is no name of a systemd unit`,
      ]);
      await using host = await StepHost.start(shell, { systemctl });
      const ran = await host.run(service.orders(given, { env: {}, files: planFiles([]) }));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain("is no name of a unit");
      await expect(readFile(join(host.work, "asked"))).rejects.toThrow("ENOENT");
    },
  );
});
