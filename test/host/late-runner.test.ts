import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { HandrailError } from "../../src/core/failure.ts";
import { describeWithShells, runOrder, ShellHost, valueOf } from "./support/shell-hosts.ts";

const holder = "deploy@laptop, pid 4711";
const gone = new HandrailError({ code: "FENCED", message: "replaced", hint: "leave it" });

/** Everything that a spool has left, its own folder among it. */
function left(host: ShellHost): readonly string[] {
  return readdirSync(dirname(host.tree)).toSorted();
}

describeWithShells((userland) => {
  test("what a runner asks after a later one has given the host back is refused, and leaves nothing", async () => {
    await using host = await ShellHost.start(userland);
    const late = await host.open();
    valueOf(await late.claim({ holder, epoch: 1 }));
    const later = await host.open();
    valueOf(await later.claim({ holder, epoch: 2 }));
    valueOf(await later.release({ keepUntil: null }));
    const fenced = { kind: "refused", failure: { code: "FENCED", host: "web01" } };
    const paths = [{ path: host.tree, content: true }];
    expect(valueOf(await late.snapshot({ key: "a.1", paths, reserveBytes: 0 }))).toMatchObject(
      fenced,
    );
    expect(valueOf(await late.run(runOrder({ script: ": >ran" })))).toMatchObject(fenced);
    expect(valueOf(await late.settle({ key: "a.1.1", waitMs: 0 }))).toMatchObject(fenced);
    valueOf(await late.release({ keepUntil: null }));
    expect(left(host)).toEqual(["tree"]);
  });

  test("a late claim of a runner that was replaced is taken back, and rejects with the reason", async () => {
    await using host = await ShellHost.start(userland);
    const late = await host.open();
    const confirm = (): Promise<void> => Promise.reject(gone);
    await expect(late.claim({ holder, epoch: 1, confirm })).rejects.toBe(gone);
    expect(left(host)).toEqual(["tree"]);
    const other = await host.open({ rollout: "fix-2" });
    expect(valueOf(await other.claim({ holder, epoch: 1 }))).toEqual({ kind: "granted" });
  });

  test("a claim whose runner is gone before it has seen the lock leaves no lock", async () => {
    await using host = await ShellHost.start(userland);
    const late = await host.open();
    const asked = Promise.withResolvers<void>();
    const claim = late.claim({
      holder,
      epoch: 1,
      confirm: () => (asked.resolve(), new Promise(() => undefined)),
    });
    claim.catch(() => undefined);
    await asked.promise;
    host.channels[0]!.destroy();
    await expect.poll(() => left(host), { timeout: 10_000 }).toEqual(["tree"]);
  });

  test("a lock that a later runner has come to stays, whatever becomes of the claim that made it", async () => {
    await using host = await ShellHost.start(userland);
    const late = await host.open();
    const later = await host.open();
    const confirm = async (): Promise<void> => {
      valueOf(await later.claim({ holder: "the later one", epoch: 2 }));
      throw gone;
    };
    await expect(late.claim({ holder, epoch: 1, confirm })).rejects.toBe(gone);
    expect(readFileSync(join(host.spool, ".lock"), "utf8")).toContain("fix-1");
    expect(valueOf(await later.run(runOrder({ script: "" })))).toMatchObject({ kind: "finished" });
  });

  test("a claim whose answer comes when a later runner has given the host back is refused", async () => {
    await using host = await ShellHost.start(userland);
    const late = await host.open();
    const later = await host.open();
    const confirm = async (): Promise<void> => {
      valueOf(await later.claim({ holder: "the later one", epoch: 2 }));
      valueOf(await later.release({ keepUntil: null }));
      mkdirSync(host.spool, { recursive: true, mode: 0o700 });
    };
    expect(valueOf(await late.claim({ holder, epoch: 1, confirm }))).toMatchObject({
      kind: "refused",
      failure: { code: "FENCED" },
    });
    expect(readdirSync(host.spool)).toEqual([]);
  });
});
