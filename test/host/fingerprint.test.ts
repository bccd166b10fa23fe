import { expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import { fillNastily } from "./support/nasty-tree.ts";
import { describeWithShells, isRoot, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

/** Of the tree and of its folder alone. */
async function prints(guard: Guard, path: string): Promise<readonly (string | null)[]> {
  const asked = (["whole", "itself"] as const).map((extent) => ({ path, extent }));
  const look = valueOf(await guard.look({ paths: [], prints: asked }));
  return (look.prints ?? []).map(({ print }) => print);
}

const changes: readonly (readonly [string, string, "whole" | "both"])[] = [
  ["content of the same size and another time", "printf 54321 >a", "whole"],
  ["content of another size", "echo more >>a", "whole"],
  ["a mode", "chmod 0600 a", "whole"],
  ["a file more", "echo x >new", "whole"],
  ["a file less", "rm d/b", "whole"],
  ["a file by another name", "mv a z", "whole"],
  ["where a link leads", "ln -sfn d l", "whole"],
  ["a folder deep in it", "mkdir d/deep", "whole"],
  ["the mode of a folder in it", "chmod 0700 d", "whole"],
  ["the mode of the tree itself", "chmod 0700 .", "both"],
];

describeWithShells({ soon: ["dash"] }, (userland) => {
  test("a fingerprint tells every change, is the same without one, and writes nothing", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("printf 12345 >a; touch -d '2020-02-02 02:02:02' a; mkdir d; echo x >d/b; ln -s a l");
    const guard = await host.open();
    let [whole, itself] = await prints(guard, host.tree);
    expect(itself).toMatch(/^[0-9a-f]{64}$/);
    const told: string[] = [];
    for (const [what, change, seen] of changes) {
      host.sh(change);
      const listing = host.listing();
      const [wholeNow, itselfNow] = await prints(guard, host.tree);
      expect(host.listing()).toBe(listing);
      expect(wholeNow).toMatch(/^[0-9a-f]{64}$/);
      if (wholeNow !== whole && (itselfNow === itself) === (seen === "whole")) told.push(what);
      [whole, itself] = [wholeNow, itselfNow];
    }
    expect(told).toEqual(changes.map(([what]) => what));
    expect(await prints(guard, host.tree)).toEqual([whole, itself]);
  });

  test("a tree that was put back exactly has the fingerprint that it had", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    const guard = await host.open();
    const before = await prints(guard, host.tree);
    host.sh("cp -a . ../copy; find . -mindepth 1 -delete; cp -a ../copy/. .; rm -rf ../copy");
    expect(await prints(guard, host.tree)).toEqual(before);
  });

  test("what is not there, or only by way of a link, is none", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p real/in; ln -s real link");
    const guard = await host.open();
    expect(await prints(guard, `${host.tree}/none`)).toEqual(["none", "none"]);
    expect(await prints(guard, `${host.tree}/link/in`)).toEqual(["none", "none"]);
  });

  test.runIf(isRoot)(`what this user may not read is not told as anything${rootOnly}`, async () => {
    await using host = await ShellHost.start(userland);
    host.sh('chmod 0755 "$FOLDER" "$FOLDER/site"; mkdir shut; echo x >shut/f; chmod 0700 shut');
    const nobody = [
      "/usr/bin/setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
    ] as const;
    const guard = await host.open({ login: [...nobody, `${host.folder}/bin/sh`] });
    const [whole] = await prints(guard, host.tree);
    expect(whole).toBeNull();
  });
});
