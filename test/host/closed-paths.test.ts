import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import type { RunOrder, RunResult } from "../../src/ports/guard-command.ts";
import { programPath } from "../support/parts.ts";
import {
  isRoot,
  present,
  rootOnly,
  runOrder,
  ShellHost,
  text,
  valueOf,
} from "./support/shell-hosts.ts";

type Finished = Extract<RunResult, { kind: "finished" }>;

async function finished(guard: Guard, order: RunOrder): Promise<Finished> {
  const result = valueOf(await guard.run(order));
  if (result.kind !== "finished") throw new Error(JSON.stringify(result));
  return result;
}

function mountsBelow(folder: string): readonly string[] {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));
}

describe.skipIf(!isRoot).each(present)(
  `with $name, paths closed to a command${rootOnly}`,
  (userland) => {
    test("can't be deleted, changed or filled by it, nor by what it starts", async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir keep open; echo a >keep/a; echo b >open/b");
      const order = runOrder({
        script: `cd "${host.tree}"; rm -rf keep 2>&1 || true; sh -c ': >keep/new' 2>&1 || true
        (echo other >keep/a) 2>&1 || true; rm open/b; echo end`,
        readOnly: [`${host.tree}/keep`, `${host.tree}/not-there`],
      });
      const result = await finished(await host.open(), order);
      expect(result.readOnly).toEqual({ kind: "held", leftPid: null });
      expect(text(result.stdout)).toMatch(/read-only file system/i);
      expect(text(result.stdout)).toMatch(/end\n$/);
      expect(host.sh("cat keep/a; ls keep open")).toBe("a\nkeep:\na\n\nopen:\n");
    });

    test("stay open to everyone else meanwhile, and no mount is left", async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir keep; echo a >keep/a");
      const order = runOrder({
        script: `cd "${host.tree}"; : >begun; while [ ! -e keep/by-application ]; do sleep 0.1; done; cat keep/by-application`,
        readOnly: [`${host.tree}/keep`],
      });
      const running = finished(await host.open(), order);
      while (!existsSync(join(host.tree, "begun"))) await new Promise((go) => setTimeout(go, 20));
      host.sh("echo mine >keep/next; mv keep/next keep/by-application; rm keep/a");
      const result = await running;
      expect([result.exitCode, text(result.stdout)]).toEqual([0, "mine\n"]);
      expect(mountsBelow(host.folder)).toEqual([]);
    });

    test("are closed by every other mount that shows them too, and nothing else is", async () => {
      await using host = await ShellHost.start(userland);
      await using other = boundElsewhere(host);
      host.sh(
        `mkdir -p "it's/keep/in" beside; echo a >"it's/keep/a"; echo b >"it's/keep/in/b"; echo c >beside/c`,
      );
      other.bind("$PWD", "all of it");
      other.bind("$PWD/it's/keep/in", "part");
      other.bind("$PWD/it's/keep/in", "covered");
      host.sh('mkdir "$FOLDER/fresh"; echo d >"$FOLDER/fresh/d"');
      other.bind("$FOLDER/fresh", "covered");
      const order = runOrder({
        script: `cd "${host.folder}"
        rm -rf "all of it/it's/keep/a" "part/b" 2>&1 || true
        mv "all of it/it's/keep/in" "all of it/moved" 2>&1 || true
        echo more >"all of it/beside/c"; rm covered/d`,
        readOnly: [`${host.tree}/it's/keep`],
      });
      const result = await finished(await host.open(), order);
      expect(result).toMatchObject({ exitCode: 0, readOnly: { kind: "held", leftPid: null } });
      expect(host.sh(`cat "it's/keep/a" "it's/keep/in/b" beside/c`)).toBe("a\nb\nmore\n");
      expect(host.sh('ls "$FOLDER/fresh"')).toBe("");
    });

    test("where it can't be told what else shows them, they are not said to be held", async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir keep real; ln -s real via; mkdir real/keep; echo a >real/keep/a");
      // The kernel names a mount by its real path.
      const result = await finished(
        await host.open(),
        runOrder({ script: `rm "${host.tree}/real/keep/a"`, readOnly: [`${host.tree}/via/keep`] }),
      );
      expect(result.readOnly.kind).toBe("impossible");
    });

    test("a file alone, names with blanks and quotes, and paths within one another are closed too", async () => {
      await using host = await ShellHost.start(userland);
      host.sh(`mkdir -p "it's a/b c"; echo x >"it's a/b c/f"; echo y >single`);
      const order = runOrder({
        script: `cd "${host.tree}"; rm -rf "it's a" single 2>/dev/null || true`,
        readOnly: [`${host.tree}/it's a`, `${host.tree}/it's a/b c`, `${host.tree}/single`],
      });
      const result = await finished(await host.open(), order);
      expect(result.readOnly).toEqual({ kind: "held", leftPid: null });
      expect(host.sh(`cat "it's a/b c/f" single`)).toBe("x\ny\n");
    });

    test.skipIf(userland.name === "busybox" || programPath("setpriv") === null)(
      "stay closed when the command tries to take the mounts away (skipped where setpriv is missing)",
      async () => {
        await using host = await ShellHost.start(userland);
        host.sh("mkdir keep; echo a >keep/a");
        const order = runOrder({
          script: `umount "${host.tree}/keep" || mount -o remount,bind,rw "${host.tree}/keep" || true; rm -rf "${host.tree}/keep" || true`,
          readOnly: [`${host.tree}/keep`],
        });
        expect((await finished(await host.open(), order)).readOnly).toEqual({
          kind: "held",
          leftPid: null,
        });
        expect(host.sh("cat keep/a")).toBe("a\n");
      },
    );

    test("a command that is ended at its time limit leaves no mount", async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir keep");
      const order = runOrder({
        script: "sleep 60",
        readOnly: [`${host.tree}/keep`],
        timeoutMs: 700,
      });
      expect(await finished(await host.open(), order)).toMatchObject({ timedOut: true });
      expect(mountsBelow(host.folder)).toEqual([]);
    });

    // BusyBox takes its own unshare, whatever PATH says.
    test.skipIf(userland.name === "busybox")(
      "where the host refuses it, the command runs all the same and the answer says why (skipped on BusyBox)",
      async () => {
        await using host = await ShellHost.start(userland);
        host.sh("mkdir keep; echo a >keep/a");
        // As in a container that may not mount.
        const unshare = join(host.folder, "bin", "unshare");
        await writeFile(unshare, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        const result = await finished(
          await host.open(),
          runOrder({ script: `rm "${host.tree}/keep/a"`, readOnly: [`${host.tree}/keep`] }),
        );
        expect(result).toMatchObject({
          exitCode: 0,
          readOnly: {
            kind: "impossible",
            because: "this host lets nobody mount in a namespace of its own",
          },
        });
      },
    );

    test("a daemon that is left behind is named, because the paths stay closed to it", async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir keep");
      const order = runOrder({
        script: `setsid sh -c 'echo $$ >"$0"; exec sleep 20' "${host.tree}/pid" >/dev/null 2>&1 & while [ ! -s "${host.tree}/pid" ]; do sleep 0.1; done`,
        readOnly: [`${host.tree}/keep`],
      });
      const result = await finished(await host.open(), order);
      const leftPid = Number(host.sh("cat pid"));
      host.sh(`kill ${leftPid}`);
      expect(result.readOnly).toEqual({ kind: "held", leftPid });
    });

    test("nothing is closed where nothing was asked for", async () => {
      await using host = await ShellHost.start(userland);
      const result = await finished(await host.open(), runOrder({ script: "true" }));
      expect(result.readOnly).toEqual({ kind: "not-asked" });
    });
  },
);

/** Shows a folder of the host at another place, "$FOLDER/NAME", too. */
function boundElsewhere(host: ShellHost) {
  const names: string[] = [];
  return {
    bind(source: string, name: string): void {
      host.sh(`mkdir -p "$FOLDER/${name}"; mount --bind "${source}" "$FOLDER/${name}"`);
      names.unshift(name);
    },
    async [Symbol.asyncDispose]() {
      for (const name of names) host.sh(`umount "$FOLDER/${name}"`);
    },
  };
}
