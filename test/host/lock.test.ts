import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { fillNastily } from "./support/nasty-tree.ts";
import { dash, describeWithShells, runOrder, ShellHost, valueOf } from "./support/shell-hosts.ts";

/** Without the folder that holds everything: its own times move. */
function site(listing: string): readonly string[] {
  return listing.split("\n").filter((line) => !line.endsWith(" ."));
}

const holder = "deploy@laptop, pid 4711";

describeWithShells((userland) => {
  test("the lock is granted again to its rollout, and refused to another with who holds it", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    expect(valueOf(await guard.claim({ holder, epoch: 1 }))).toEqual({ kind: "granted" });
    expect(valueOf(await guard.claim({ holder, epoch: 1 }))).toEqual({ kind: "granted" });
    const other = await host.open({ rollout: "fix-2" });
    const refused = valueOf(await other.claim({ holder: "someone", epoch: 1 }));
    expect(refused).toMatchObject({
      kind: "refused",
      failure: { code: "HOST_LOCKED", host: "web01" },
    });
    expect(JSON.stringify(refused)).toContain(`held by rollout \\"fix-1\\" (${holder}) since 2`);
    const order = runOrder({ script: `: >"${host.tree}/ran"` });
    expect(valueOf(await other.run(order))).toMatchObject({ failure: { code: "HOST_LOCKED" } });
    expect(existsSync(`${host.tree}/ran`)).toBe(false);
    valueOf(await guard.release({ keepUntil: null }));
    expect(valueOf(await other.claim({ holder: "someone", epoch: 1 }))).toEqual({
      kind: "granted",
    });
  });

  test("a runner that another one has replaced may not claim, run, snapshot or restore", async () => {
    await using host = await ShellHost.start(userland);
    const old = await host.open();
    valueOf(await old.claim({ holder, epoch: 1 }));
    const young = await host.open();
    valueOf(await young.claim({ holder, epoch: 2 }));
    const fenced = { kind: "refused", failure: { code: "FENCED" } };
    const path = { path: host.tree, content: true };
    expect(valueOf(await old.claim({ holder, epoch: 1 }))).toMatchObject(fenced);
    expect(valueOf(await old.run(runOrder({ script: "" })))).toMatchObject(fenced);
    expect(valueOf(await old.snapshot({ key: "a", paths: [path], reserveBytes: 0 }))).toMatchObject(
      fenced,
    );
    expect(valueOf(await old.restore({ key: "a", rules: [], later: "keep" }))).toMatchObject(
      fenced,
    );
    expect(valueOf(await young.run(runOrder({ script: "" })))).toMatchObject({ kind: "finished" });
  });

  test("a runner that another one has replaced gives nothing back", async () => {
    await using host = await ShellHost.start(userland);
    const old = await host.open();
    valueOf(await old.claim({ holder, epoch: 1 }));
    const young = await host.open();
    valueOf(await young.claim({ holder, epoch: 2 }));
    expect(await old.release({ keepUntil: null })).toMatchObject({
      kind: "not-sent",
      failure: { code: "FENCED" },
    });
    const other = await host.open({ rollout: "fix-2" });
    expect(valueOf(await other.claim({ holder, epoch: 1 }))).toMatchObject({ kind: "refused" });
    expect(valueOf(await young.release({ keepUntil: null }))).toEqual({ left: 0 });
  });

  test("nothing is left after a release that keeps nothing, not even folders made for the spool", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    const before = host.listing();
    const guard = await host.open();
    valueOf(await guard.claim({ holder, epoch: 1 }));
    valueOf(
      await guard.snapshot({
        key: "a.1",
        paths: [{ path: host.tree, content: true }],
        reserveBytes: 0,
      }),
    );
    const files = [{ name: "x", content: new Uint8Array(100_000) }];
    valueOf(await guard.run(runOrder({ script: "echo a lot", snapshot: "a.1", files })));
    valueOf(await guard.compare({ key: "a.1", changesMax: 100, moment: "after-step" }));
    host.sh("rm file");
    valueOf(
      await guard.restore({
        key: "a.1",
        rules: [{ path: host.tree, how: "deleted" }],
        later: "keep",
      }),
    );
    valueOf(await guard.settle({ key: "a.2", waitMs: 0 }));
    expect(valueOf(await guard.release({ keepUntil: null }))).toEqual({ left: 0 });
    expect(site(host.listing())).toEqual(site(before));
    expect(valueOf(await guard.release({ keepUntil: null }))).toEqual({ left: 0 });
    expect(site(host.listing())).toEqual(site(before));
  });
});

test("what is kept stays until its time, and the next rollout's release sweeps it", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  valueOf(await guard.claim({ holder, epoch: 1 }));
  host.sh("echo x >x");
  valueOf(
    await guard.snapshot({
      key: "a.1",
      paths: [{ path: host.tree, content: true }],
      reserveBytes: 0,
    }),
  );
  expect(valueOf(await guard.release({ keepUntil: guard.facts.time + 3_600 }))).toEqual({
    left: 1,
  });
  // The lock is free, and the snapshot can still be put back.
  const other = await host.open({ rollout: "fix-2" });
  expect(valueOf(await other.claim({ holder, epoch: 1 }))).toEqual({ kind: "granted" });
  valueOf(await other.release({ keepUntil: null }));
  host.sh("rm x");
  valueOf(await guard.claim({ holder, epoch: 2 }));
  const rules = [{ path: host.tree, how: "deleted" as const }];
  expect(valueOf(await guard.restore({ key: "a.1", rules, later: "keep" }))).toMatchObject({
    restored: 1,
    conflicts: { total: 0 },
  });
  valueOf(await guard.release({ keepUntil: guard.facts.time - 1 }));
  expect(existsSync(`${host.spool}/fix-1`)).toBe(false);
  expect(existsSync(host.spool)).toBe(false);
});

test("a spool folder that was there before stays", async () => {
  await using host = await ShellHost.start(dash);
  host.sh('mkdir -p "$SPOOL"; chmod 0700 "$SPOOL"');
  const guard = await host.open();
  valueOf(await guard.claim({ holder, epoch: 1 }));
  valueOf(await guard.release({ keepUntil: null }));
  expect(host.sh('ls -A "$SPOOL"')).toBe("");
});

test("of guards of several rollouts that claim at once, one gets the host", async () => {
  await using host = await ShellHost.start(dash);
  const guards = await Promise.all(
    Array.from({ length: 8 }, (_, index) => host.open({ rollout: `fix-${index}` })),
  );
  const claims = await Promise.all(guards.map((guard) => guard.claim({ holder, epoch: 1 })));
  expect(claims.map(valueOf).filter((claim) => claim.kind === "granted")).toHaveLength(1);
});
