import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import { key, snapshot } from "./support/restoring.ts";
import {
  dash,
  describeWithShells,
  isRoot,
  rootOnly,
  runOrder,
  ShellHost,
  smallSpool,
  valueOf,
} from "./support/shell-hosts.ts";
import { armed, armOrder, endlessStep, fired, recordOf, stepBegun } from "./support/switches.ts";

describeWithShells(
  { about: ", on a disk that is full", asRoot: true, concurrent: true },
  (userland) => {
    test("a switch that has no room is not armed, and leaves nothing", async () => {
      await using host = await ShellHost.start(userland);
      await using disk = smallSpool(host, "size=2m");
      const guard = await host.hold({ epoch: 1 });
      await snapshot(guard, host.tree);
      fill(`${disk.path}/ballast`);
      expect(valueOf(await guard.arm(armOrder(host)))).toMatchObject({
        kind: "refused",
        failure: { code: "SNAPSHOT_NO_SPACE" },
      });
      execFileSync("rm", [`${disk.path}/ballast`]);
      await armed(guard, armOrder(host));
      expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    });

    test("a switch that was armed before fires, restores, recovers and tells it all the same", async () => {
      await using host = await ShellHost.start(userland);
      await using disk = smallSpool(host, "size=4m");
      const guard = await host.hold({ epoch: 1 });
      host.sh("echo old >a; echo b >b");
      await snapshot(guard, host.tree);
      const recover = [
        runOrder({ key: "web01.1.recover", script: `: >"${host.folder}/recovered"` }),
      ];
      const order = armOrder(host, { recover });
      await armed(guard, order);
      const running = guard.run(endlessStep(host));
      await stepBegun(host);
      fill(`${disk.path}/ballast`);
      host.channels[0]!.destroy();
      await running;
      await recordOf(host);
      expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
      expect(existsSync(`${host.folder}/recovered`)).toBe(true);
      expect(await fired(await host.open({ epoch: 2 }), order)).toMatchObject({
        complete: true,
        failed: [],
        commands: [{ key: "web01.1.recover", exitCode: 0 }],
      });
    });

    test("a switch that can't work on a full disk says that not all is done", async () => {
      await using host = await ShellHost.start(userland);
      await using disk = smallSpool(host, "size=4m");
      const guard = await host.hold({ epoch: 1 });
      host.sh("echo old >a; echo b >b");
      await snapshot(guard, host.tree);
      const order = armOrder(host, {
        recover: [runOrder({ key: "web01.1.recover", script: "exit 0" })],
      });
      await armed(guard, order);
      host.sh("echo new >a; rm b");
      execFileSync("rm", [`${disk.path}/fix-1/switches/${key}/spare`]);
      fill(`${disk.path}/ballast`);
      host.channels[0]!.destroy();
      await recordOf(host);
      const told = await fired(await host.open({ epoch: 2 }), order);
      expect(told).toMatchObject({ complete: false });
      expect(told.failed).not.toEqual([]);
    });
  },
);

test.skipIf(!isRoot)(
  `where systemd is, what waits and what runs is in a scope of its own${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    // Stands in for systemd-run(1): notes what it was asked for, and becomes it.
    const log = `${host.folder}/scopes`;
    const fake = `${host.folder}/bin/systemd-run`;
    writeFileSync(
      fake,
      `#!/bin/sh\n[ "$1 $2" = "--quiet --scope" ] || exit 1\nshift 2\necho "$1 $2" >>"${log}"\nexec "$@"\n`,
    );
    chmodSync(fake, 0o755);
    const login = `${host.folder}/login`;
    writeFileSync(
      login,
      `#!/bin/sh\nexec unshare -m sh -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$0" "$@"' "${host.folder}/bin/sh" "$@"\n`,
    );
    chmodSync(login, 0o755);
    const guard = await host.hold({ epoch: 1, login: [login] });
    await snapshot(guard, host.tree);
    await armed(guard, armOrder(host));
    const order = runOrder({ key: "web01.1.1", armed: key, script: "exit 5" });
    expect(valueOf(await guard.run(order))).toMatchObject({ kind: "finished", exitCode: 5 });
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(readFileSync(log, "latin1").split("\n").slice(1)).toEqual([
      "sh -c",
      expect.stringMatching(/^sh \S+\/supervise$/) as unknown,
      "",
    ]);
  },
);

function fill(file: string): void {
  execFileSync("sh", ["-c", 'cat /dev/zero >"$1" 2>/dev/null || true', "fill", file]);
}
