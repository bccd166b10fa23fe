import { expect, test } from "vitest";
import { factsOf } from "../../src/core/host-portrait.ts";
import type { Guard, HostLook } from "../../src/ports/guard.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { describeWithShells, isRoot, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

type Portrait = NonNullable<HostLook["portrait"]>;

async function portrait(guard: Guard, ...described: readonly string[]): Promise<Portrait> {
  const look = valueOf(await guard.look({ paths: [], described }));
  return look.portrait!;
}

describeWithShells({ soon: ["dash", "busybox"] }, (userland) => {
  test("a host says what its protected paths are like, and writes nothing", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(
      "mkdir d; touch -d '10 days ago' d/old; touch -d '2 hours ago' d/new; chmod 1777 d; echo x >f",
    );
    const guard = await host.open();
    const before = host.listing();
    const seen = await portrait(guard, `${host.tree}/d`, `${host.tree}/f`, `${host.tree}/none`);
    expect(host.listing()).toBe(before);
    expect(seen.upSeconds).toBeGreaterThan(0);
    const [folder, file, none] = seen.paths;
    expect(folder).toMatchObject({
      exists: true,
      kind: "directory",
      entries: 2,
      cleanedAfter: null,
    });
    expect(folder!.rights).toMatch(/^1777 \S+:\S+$/);
    expect(folder!.mount).toMatch(/^shared \S+/);
    expect(Math.round(folder!.oldestSeconds! / 86_400)).toBe(10);
    expect(Math.round(folder!.newestSeconds! / 3600)).toBe(2);
    expect(folder!.free).toBeGreaterThanOrEqual(0);
    expect(folder!.free).toBeLessThanOrEqual(100);
    expect(file).toMatchObject({ exists: true, kind: "regular file", entries: 0 });
    expect(none).toMatchObject({ exists: false, kind: null, entries: null });
  });

  test.skipIf(!isRoot)(`a mount of its own is told from a shared one${rootOnly}`, async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir own shared");
    execFileSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      "size=1m,nosuid,nodev",
      "none",
      `${host.tree}/own`,
    ]);
    try {
      const guard = await host.open();
      const { paths } = await portrait(guard, `${host.tree}/own`, `${host.tree}/shared`);
      expect(paths[0]?.mount).toBe("own tmpfs nosuid nodev");
      expect(paths[1]?.mount).toMatch(/^shared /);
    } finally {
      execFileSync("umount", ["-l", `${host.tree}/own`]);
    }
  });
});

test("facts are named as the plan writes a path, wherever instances have it", () => {
  const path = {
    path: "/srv/a/tmp",
    exists: true,
    kind: "directory",
    rights: "1777 root:root",
    mount: "own tmpfs",
    free: null,
    freeInodes: null,
    cleanedAfter: "10d",
    entries: 7,
    oldestSeconds: 7200,
    newestSeconds: null,
  };
  const facts = factsOf(
    { kernel: "Linux 6.1", userland: "gnu", tools: ["tar", "setfacl"] },
    { os: null, upSeconds: null, paths: [path] },
    ["${home}/tmp"],
  );
  const said = Object.fromEntries(facts.map(({ about, value }) => [about, value]));
  expect(said).toEqual({
    "the system": "not known",
    "the kernel": "Linux 6.1",
    "the userland": "gnu",
    "the set of tools": "setfacl tar",
    "what ${home}/tmp is": "directory",
    "the mode and owner of ${home}/tmp": "1777 root:root",
    "the mount of ${home}/tmp": "own tmpfs",
    "the cleaner of ${home}/tmp": "systemd-tmpfiles after 10d",
    "the entries in ${home}/tmp": 7,
    "the age of the oldest entry in ${home}/tmp, in hours": 2,
  });
});
