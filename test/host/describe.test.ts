import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { factsOf } from "../../src/core/host-portrait.ts";
import type { Guard, HostLook } from "../../src/ports/guard.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { describeWithShells, isRoot, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

/** Knows of one unit, which became active 100 s after the host's start. */
const systemctl = `#!/bin/sh
for unit do :; done
case $unit in
  app.service) echo NRestarts=7; echo LoadState=loaded; echo ActiveState=active
    echo StateChangeTimestampMonotonic=100000000 ;;
  gone) echo LoadState=not-found; echo ActiveState=inactive; echo StateChangeTimestampMonotonic=0 ;;
  *) exit 1 ;;
esac
`;

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

  test("a host says what systemd knows of units, and nothing where it knows none", async () => {
    await using host = await ShellHost.start(userland);
    const bin = join(host.folder, "bin");
    await writeFile(join(bin, "systemctl"), systemctl, { mode: 0o755 });
    const guard = await host.open();
    const units = ["app.service", "gone", "$(touch pwned)\nx"];
    const look = valueOf(await guard.look({ paths: [], described: [], units }));
    const [app, gone, strange] = look.portrait!.units!;
    expect(app).toMatchObject({ state: "active", restarts: 7 });
    expect(Math.abs(app!.seconds! - look.portrait!.upSeconds! + 100)).toBeLessThan(60);
    expect(gone).toEqual({ state: "not-found", seconds: null, restarts: null });
    expect(strange).toEqual({ state: null, seconds: null, restarts: null });
    expect(host.listing()).not.toContain("pwned");
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

test("units are named as the plan writes them; of one that systemd does not know nothing is compared", () => {
  const units = [
    { state: "active", seconds: 7_200, restarts: 3 },
    { state: null, seconds: null, restarts: null },
  ];
  const facts = factsOf(
    { kernel: "Linux 6.1", userland: "gnu", tools: [] },
    { os: null, upSeconds: null, paths: [], units },
    { paths: [], units: ["${app}", "queue"] },
  );
  expect(facts.slice(4)).toEqual([
    { about: "the state of unit ${app}", value: "active" },
    { about: "the hours since unit ${app} changed its state", value: 2, near: 24 },
    { about: "the restarts of unit ${app} by systemd", value: 3, near: 5 },
  ]);
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
    { paths: ["${home}/tmp"], units: [] },
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
