import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { spawnSync } from "../support/bounded-process.ts";
import { perlMissing } from "./support/hostile-host.ts";
import { present, ShellHost } from "./support/shell-hosts.ts";

/** How long it is tried to go in, in milliseconds. */
const tryMs = 3_000;

/** renameat2(2) of both at once, by its number: no moment is there without a folder or a link. */
const exchange = process.arch === "x64" ? 316 : 276;
const swap = `my ($a, $b) = ("sub", "link"); syscall(${exchange}, -100, $a, -100, $b, 2) while 1`;

/** Prints a line each time that it went in: where it stood then. */
const goIn = `top=$PWD
while :; do
  at ./sub
  [ "$blocked" = no ] || continue
  if [ -e ./victim ]; then echo outside; else echo inside; fi
done`;

test.skipIf(perlMissing !== "").each(present)(
  `a folder that is swapped for a link all the time never leads who goes into it outside, with $name${perlMissing}`,
  async (userland) => {
    await using host = await ShellHost.start(userland);
    host.sh(
      'mkdir sub "$FOLDER/outside"; : >"$FOLDER/outside/victim"; ln -s "$FOLDER/outside" link',
    );
    const text = [
      await functionsOf("guard-channel.sh", ["standing", "enter"]),
      await functionsOf("guard-restore.sh", ["at"]),
      goIn,
    ].join("\n");
    const swapper = spawn("perl", ["-e", swap], { cwd: host.tree, stdio: "ignore" });
    const ran = spawnSync(`${host.folder}/bin/sh`, ["-c", text], {
      cwd: host.tree,
      timeout: tryMs,
    });
    swapper.kill("SIGKILL");
    expect(new Set(ran.stdout.toString().trim().split("\n"))).toEqual(new Set(["inside"]));
  },
);

/** The text of these functions of one part of the guard. */
async function functionsOf(part: string, names: readonly string[]): Promise<string> {
  const text = await readFile(new URL(`../../src/host/${part}`, import.meta.url), "utf8");
  return names
    .map((name) => new RegExp(`^${name}\\(\\) \\{\\n.*?^\\}$`, "ms").exec(text)![0])
    .join("\n");
}
