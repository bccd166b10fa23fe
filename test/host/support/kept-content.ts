import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { guardText, loaderText } from "../../../src/host/guard-text.ts";
import { shellBytes, word } from "../../../src/host/shell-text.ts";
import { execFileSync, spawnSync } from "../../support/bounded-process.ts";
import { programPath } from "../../support/parts.ts";
import { type Fidelity, portrait } from "./nasty-tree.ts";
import type { ShellHost } from "./shell-hosts.ts";

/** Asks a guard of its own, in the guard's own words; gives everything that it has answered. */
export function askInShell(host: ShellHost, request: string): string {
  const text = Buffer.from(
    shellBytes(
      guardText({
        nonce: randomBytes(8).toString("hex"),
        spool: host.spool,
        rollout: "fix-1",
        epoch: null,
        path: host.path,
        tools: [],
        firingMaxMs: 0,
      }),
    ),
  );
  const loader = Buffer.from(shellBytes(loaderText(text.length)));
  const asked = Buffer.from(`${request}\n:`, "latin1");
  const run = spawnSync(
    join(host.folder, "bin", "sh"),
    ["-c", `eval "$(dd bs=1 count=${loader.length} 2>/dev/null)"`],
    {
      input: Buffer.concat([loader, text, Buffer.from(`${asked.length}\n`), asked]),
      env: { ...process.env, PATH: host.path },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return `${run.stdout.toString("latin1")}${run.stderr.toString("latin1")}`;
}

export interface Wanted {
  readonly key: string;
  /** "./tree/…", one character a byte; absent: everything. */
  readonly names?: readonly string[];
}

/** Unpacks what snapshots hold of their first trees, each into a new folder of its own. */
export function unpackedAll(host: ShellHost, wanted: readonly Wanted[]): readonly string[] {
  const folders = wanted.map(() => mkdtempSync(join(host.folder, "unpacked-")));
  const orders = wanted.map(({ key, names }, at) => {
    const into = folders[at]!;
    if (names === undefined) return `unpack ${key} 0 - ${word(into)}`;
    const list = `${into}.list`;
    writeFileSync(list, Buffer.from(names.map((name) => `${name}\0`).join(""), "latin1"));
    return `unpack ${key} 0 ${word(list)} ${word(into)}`;
  });
  const failed = `|| echo "FAILED $trouble" >&2`;
  const said = askInShell(
    host,
    `need_work\n${orders.map((order) => `${order} ${failed}`).join("\n")}\nforget_work "$work"`,
  );
  if (!/ DONE 2\n0\0/.test(said) || said.includes("FAILED")) throw new Error(`unpack: ${said}`);
  return folders;
}

/** What one snapshot holds of its first tree, in a new folder. */
export function unpacked(host: ShellHost, key: string): string {
  return unpackedAll(host, [{ key }])[0]!;
}

/** What is below a folder, by names that begin there, so that two places can be compared. */
export function portraitBelow(folder: string, fidelity: Fidelity): Record<string, unknown> {
  const shift = (value: unknown): unknown =>
    typeof value === "string"
      ? value.replaceAll(`${folder}/`, "")
      : Array.isArray(value)
        ? value.map(shift)
        : value;
  return Object.fromEntries(
    Object.entries(portrait(`${folder}/tree`, fidelity)).map(([name, value]) => [
      name.replaceAll(`${folder}/`, ""),
      shift(value),
    ]),
  );
}

/** Puts a script in the place of a tool on the host; "$real" in it is the tool itself. */
export function wrapTool(host: ShellHost, tool: string, script: string): void {
  const path = join(host.folder, "bin", tool);
  const real = programPath(tool)!;
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\nreal=${word(real)}\n${script}\n`);
  chmodSync(path, 0o755);
}

/** KiB that the host's snapshots take. */
export function spoolSize(host: ShellHost): number {
  return Number(
    execFileSync("du", ["-sk", join(host.spool, "fix-1", "snapshots")])
      .toString()
      .split("\t")[0],
  );
}
