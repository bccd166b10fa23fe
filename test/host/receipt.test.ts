import { expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import {
  dash,
  describeWithShells,
  isRoot,
  present,
  processesWith,
  rootOnly,
  runOrder,
  ShellHost,
  smallSpool,
  text,
  until,
  valueOf,
} from "./support/shell-hosts.ts";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { holdTool } from "./support/held-tool.ts";

describeWithShells({ about: ", on a disk that fills up", asRoot: true }, (userland) => {
  test("a command that ended after the spool ran full has its exit code in the receipt", async () => {
    await using host = await ShellHost.start(userland);
    await using disk = smallSpool(host, "size=512k");
    const order = runOrder({
      script: `cd "${host.tree}"; echo said; : >begun; while [ ! -e go ]; do sleep 0.1; done; echo more; exit 7`,
    });
    const running = (await host.open()).run(order);
    await until("the command", () => existsSync(`${host.tree}/begun`));
    fill(`${disk.path}/ballast`);
    host.sh(": >go");
    const result = valueOf(await running);
    expect(result).toMatchObject({ kind: "finished", exitCode: 7, timedOut: false });
    const again = valueOf(await (await host.open()).run(order));
    expect(again).toMatchObject({ kind: "finished", exitCode: 7 });
  });

  test("a command that was ended by its limit on a full disk is told as timed out", async () => {
    await using host = await ShellHost.start(userland);
    await using disk = smallSpool(host, "size=512k");
    const order = runOrder({ script: `: >"${host.tree}/begun"; sleep 60`, timeoutMs: 1_500 });
    const running = (await host.open()).run(order);
    await until("the command", () => existsSync(`${host.tree}/begun`));
    fill(`${disk.path}/ballast`);
    expect(valueOf(await running)).toMatchObject({ kind: "finished", timedOut: true });
  });
});

test("a receipt that was not written whole says so, and is never taken for an exit code", async () => {
  const [userland] = present;
  if (userland === undefined) throw new Error("there is no shell to test with");
  await using host = await ShellHost.start(userland);
  const guard = await host.open();
  const order = runOrder({ script: "echo said" });
  expect(valueOf(await guard.run(order))).toMatchObject({ kind: "finished", exitCode: 0 });
  for (const torn of ["", "0 no", "0 no 12 en", "\n"]) {
    writeFileSync(`${host.spool}/fix-1/runs/${order.key}/rc`, torn);
    const again = valueOf(await (await host.open()).run(order));
    const message: unknown = expect.stringContaining("the disk may be full");
    expect(again).toMatchObject({
      kind: "interrupted",
      failure: { code: "STEP_INTERRUPTED", message },
    });
  }
});

test.skipIf(!isRoot)(
  `a command whose output has no room any more ends as it would have, with what was kept${rootOnly}`,
  async () => {
    const [userland] = present;
    if (userland === undefined) throw new Error("there is no shell to test with");
    await using host = await ShellHost.start(userland);
    await using disk = smallSpool(host, "size=256k");
    expect(existsSync(disk.path)).toBe(true);
    const order = runOrder({
      script: "head -c 400000 /dev/zero | tr '\\0' x; echo; echo end >&2; exit 3",
      outputMax: 1_000_000,
    });
    const result = valueOf(await (await host.open()).run(order));
    if (result.kind !== "finished") throw new Error(JSON.stringify(result));
    expect(result.exitCode).toBe(3);
    expect(text(result.stdout)).toMatch(/^x+$/);
  },
);

test.concurrent.each([
  ["whose supervisor is slow once it has won", "sync", '*"/runs/web01.1.1"'],
  ["whose process is slow to come up", "setsid", '*"/launch "*'],
])("a command %s does not run after it was settled", async (_how, tool, words) => {
  await using host = await ShellHost.start(dash);
  const starting = holdTool(host, tool, words);
  const running = (await host.open()).run(runOrder({ script: `: >"${host.folder}/ran"` }));
  await starting.reached();
  const settled = await (await host.open()).settle({ key: "web01.1.1", waitMs: 0 });
  expect(valueOf(settled)).toMatchObject({ kind: "interrupted" });
  starting.letGo();
  await until("an end of it all", () => processesWith(`${host.spool}/fix-1/runs/`).length === 0);
  expect(existsSync(`${host.folder}/ran`)).toBe(false);
  expect(valueOf(await running)).toMatchObject({ kind: "interrupted" });
});

test.concurrent("a command that never began may still begin where only those that did were settled", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const settled = guard.settle({ key: "web01.1.1", waitMs: 0, onlyIfBegun: true });
  expect(valueOf(await settled)).toEqual({ kind: "never" });
  const order = runOrder({ script: "sleep 60" });
  const running = guard.run(order);
  const other = await host.open();
  await until("a command", () => processesWith(`${host.spool}/fix-1/runs/`).length > 0);
  expect(
    valueOf(await other.settle({ key: order.key, waitMs: 0, onlyIfBegun: true })),
  ).toMatchObject({ kind: "finished" });
  expect(valueOf(await running)).toMatchObject({ kind: "finished" });
});

test("a command that can't be kept from beginning is not said never to begin", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  writeFileSync(`${host.folder}/bin/ln`, "#!/bin/sh\nexit 1\n");
  chmodSync(`${host.folder}/bin/ln`, 0o755);
  expect(valueOf(await guard.settle({ key: "web01.1.1", waitMs: 0 }))).toMatchObject({
    kind: "refused",
    failure: { code: "SPOOL_UNUSABLE" },
  });
});

/** Takes all the room there is. */
function fill(path: string): void {
  try {
    execFileSync("sh", ["-c", 'cat /dev/zero >"$1" 2>/dev/null', "fill", path]);
  } catch {
    // It ends with an error on purpose: the disk is full.
  }
}
