import { execFileSync } from "../support/bounded-process.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { holdTool } from "./support/held-tool.ts";
import { raceLookAgainstFire } from "./support/look-race.ts";
import { key, snapshot } from "./support/restoring.ts";
import { dash, present, runOrder, ShellHost, text, until, valueOf } from "./support/shell-hosts.ts";
import { armed, armOrder, fired, recordOf, switchOf, waiterOf } from "./support/switches.ts";

const quietly = { key, changesMax: 10, moment: "quiet" as const };

test.concurrent("a request that begins while a switch decides is let end before the switch goes back", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  host.sh("echo old >a");
  await snapshot(guard, host.tree);
  await armed(guard, armOrder(host));
  host.sh("echo new >a");
  const next = await host.open({ epoch: 2 });
  // It has looked for guards at work, and seen none.
  const deciding = holdTool(host, "ln", '*"/fired "*');
  host.channels[0]!.destroy();
  await deciding.reached();
  const looking = holdTool(host, "find", '"./tree "*');
  const compared = next.compare(quietly);
  await looking.reached();
  deciding.letGo();
  const spare = `${host.spool}/fix-1/switches/${key}/spare`;
  await until("what the switch does", () => !existsSync(spare) || isDozing(waiterOf(host)));
  expect(existsSync(spare)).toBe(true);
  expect(switchOf(host)).toBe("fired");
  looking.letGo();
  const seen = valueOf(await compared);
  expect(seen.kind === "compared" && seen.changes.map(({ path }) => path)).toContain(
    `${host.tree}/a`,
  );
  await recordOf(host);
  expect(host.sh("cat a")).toBe("old\n");
});

test.concurrent("no switch fires, however long a request takes, while the runner that waits for it lives", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  await armed(guard, armOrder(host));
  const looking = holdTool(host, "find", '"./tree "*');
  const compared = guard.compare(quietly);
  await looking.reached();
  const before = deadlineOf(host);
  await until("a renewed lease", () => deadlineOf(host) > before);
  looking.letGo();
  expect(valueOf(await compared)).toMatchObject({ kind: "compared" });
  expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
});

test.concurrent.each(present)(
  "what comes of a long payload renews the lease, with $name, and none of it is lost",
  async (userland) => {
    await using host = await ShellHost.start(userland);
    const guard = await host.hold({ epoch: 1 });
    await snapshot(guard, host.tree);
    await armed(guard, armOrder(host, { leaseMs: 60_000 }));
    const before = deadlineOf(host);
    const { stdin } = host.channels[0]!;
    const write = stdin.write.bind(stdin);
    const rest = Promise.withResolvers<void>();
    // A line that takes half of it, and the rest when it is let.
    const held = vi.spyOn(stdin, "write").mockImplementation((bytes: Uint8Array, done: unknown) => {
      const written = () => {
        if (typeof done === "function") Reflect.apply(done, undefined, []);
      };
      if (bytes.length < 1_000_000) return write(bytes, written);
      void rest.promise.then(() => write(bytes.subarray(1_000_000), written));
      return write(bytes.subarray(0, 1_000_000));
    });
    const content = Uint8Array.from({ length: 2_000_003 }, (_, at) => (at * 7) % 251);
    const order = runOrder({
      armed: key,
      script: 'md5sum <"$HANDRAIL_FILES/big"',
      files: [{ name: "big", content }],
    });
    const running = guard.run(order);
    await until("a renewed lease", () => deadlineOf(host) > before);
    rest.resolve();
    held.mockRestore();
    const ran = valueOf(await running);
    writeFileSync(`${host.folder}/big`, content);
    const sum = host.sh('md5sum <"$FOLDER/big"');
    expect(ran.kind === "finished" && text(ran.stdout).split(/\s+/)).toEqual(sum.split(/\s+/));
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
  },
);

test.concurrent("what a killed guard has left is swept by the next claim, and nothing of a living one", async () => {
  await using host = await ShellHost.start(dash);
  const dead = await host.hold({ epoch: 1 });
  await snapshot(dead, host.tree);
  await armed(dead, armOrder(host, { leaseMs: 60_000 }));
  const [deadNote] = presence(host).filter((name) => name.startsWith(".busy."));
  const alive = await host.hold({ epoch: 1 });
  await armed(alive, armOrder(host, { leaseMs: 60_000 }));
  const both = presence(host);
  expect(both).toHaveLength(4);
  const { pid } = noteOf(host, deadNote!);
  process.kill(pid, "SIGKILL");
  await host.channels[0]!.ended;
  writeFileSync(`${host.spool}/fix-1/switches/.armed-by.0000`, `${key} 1\n`);
  // A guard that has just made its note, and not written it.
  writeFileSync(`${host.spool}/fix-1/switches/.busy.1111`, "");
  expect(presence(host)).toHaveLength(6);
  const next = await host.open();
  valueOf(await next.claim({ holder: "next", epoch: 2 }));
  const nonce = deadNote!.slice(".busy.".length);
  const living = both.filter((name) => !name.endsWith(nonce));
  expect(living).toHaveLength(2);
  expect(presence(host)).toEqual([...living, ".busy.1111"].sort());
  const question = { script: "exit 0", env: {}, timeoutMs: 9_000, outputMax: 9 };
  expect(valueOf(await alive.ask(question))).toMatchObject({ exitCode: 0 });
});

test.concurrent("a guard that has given the host back leaves nothing of itself there, even when it is killed", async () => {
  await using host = await ShellHost.start(dash);
  const dead = await host.hold({ epoch: 1 });
  await snapshot(dead, host.tree);
  await armed(dead, armOrder(host, { leaseMs: 60_000 }));
  const { pid } = noteOf(
    host,
    presence(host).find((name) => name.startsWith(".busy."))!,
  );
  process.kill(pid, "SIGKILL");
  await host.channels[0]!.ended;
  const guard = await host.open({ epoch: 2 });
  await armed(guard, armOrder(host, { leaseMs: 60_000 }));
  valueOf(await guard.disarm({ key }));
  valueOf(await guard.release({ keepUntil: guard.facts.time + 3_600 }));
  expect(existsSync(`${host.spool}/fix-1/switches/${key}/decision`)).toBe(true);
  expect(presence(host)).toEqual([]);
});

test.concurrent("a host whose switch goes back without end is not given back, and nothing else is done there", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  valueOf(await guard.claim({ holder: "one", epoch: 1 }));
  host.sh("echo old >a");
  await snapshot(guard, host.tree);
  const recover = [
    runOrder({
      key: "web01.1.recover",
      script: `: >"${host.folder}/up"; while [ ! -e "${host.folder}/go" ]; do sleep 0.05; done`,
    }),
  ];
  const order = armOrder(host, { recover });
  await armed(guard, order);
  host.sh("echo new >a");
  host.channels[0]!.destroy();
  await until("the recovery", () => existsSync(`${host.folder}/up`));
  const atWork = {
    code: "HOST_LOCKED",
    message: expect.stringMatching(/the dead-man switch of web01\.1 .*still goes back/) as unknown,
    hint: expect.stringContaining("wait until that is over") as unknown,
  };
  const firingMaxMs = 300;
  const onlooker = await host.open({ firingMaxMs });
  expect(await onlooker.release({ keepUntil: null })).toMatchObject({
    kind: "not-sent",
    failure: atWork,
  });
  const next = await host.open({ epoch: 2, firingMaxMs });
  const refused = { kind: "refused", failure: atWork };
  const files = [{ name: "x", content: new Uint8Array(100_000) }];
  expect(valueOf(await next.run(runOrder({ script: "exit 0", files })))).toMatchObject(refused);
  expect(valueOf(await next.settle({ key: order.receipt, waitMs: 0 }))).toMatchObject(refused);
  expect(await next.release({ keepUntil: null })).toMatchObject({ failure: atWork });
  expect(readFileSync(`${host.spool}/.lock`, "utf8")).toContain("fix-1");
  writeFileSync(`${host.folder}/go`, "");
  await recordOf(host);
  expect(await fired(next, order)).toMatchObject({ complete: true });
  expect(host.sh("cat a")).toBe("old\n");
  expect(valueOf(await next.release({ keepUntil: null }))).toEqual({ left: 0 });
});

test.concurrent("a host that is given back while its switch fires waits for it", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  host.sh("echo old >a");
  await snapshot(guard, host.tree);
  const up = `${host.folder}/up`;
  const recover = [
    runOrder({ key: "web01.1.recover", script: `: >"${up}"; sleep 1; echo done >>"${up}"` }),
  ];
  await armed(guard, armOrder(host, { recover }));
  host.sh("echo new >a");
  host.channels[0]!.destroy();
  await until("the recovery", () => existsSync(up));
  valueOf(await (await host.open()).release({ keepUntil: null }));
  expect(readFileSync(up, "utf8")).toBe("done\n");
  expect(existsSync(host.spool)).toBe(false);
  expect(host.sh("cat a")).toBe("old\n");
});

test.concurrent(
  `a request and a firing switch at the same moment: one waits for the other${longOnly}`,
  { skip: !isLong },
  async () => {
    const outcome = await raceLookAgainstFire({ rounds: 14, seed: 11 });
    expect(outcome.wrong).toEqual([]);
    // A race that only one side can win would prove nothing.
    expect(Math.min(outcome.lookedFirst, outcome.firedFirst)).toBeGreaterThanOrEqual(2);
  },
);

/** What stands beside the folders of the switches. */
function presence(host: ShellHost): readonly string[] {
  return readdirSync(`${host.spool}/fix-1/switches`)
    .filter((name) => name.startsWith("."))
    .sort();
}

function noteOf(host: ShellHost, name: string): { readonly pid: number } {
  const note = readFileSync(`${host.spool}/fix-1/switches/${name}`, "utf8");
  return { pid: Number(note.split(/\s+/)[1]) };
}

/** When the lease is over, in hundredths of a second of uptime. */
function deadlineOf(host: ShellHost): number {
  return Number(readFileSync(`${host.spool}/fix-1/switches/${key}/lease`, "utf8").split(/\s+/)[0]);
}

/** Does this process sleep for a moment, as a switch does that waits for a guard? */
function isDozing(pid: number): boolean {
  return execFileSync("ps", ["-eo", "ppid,args"])
    .toString()
    .split("\n")
    .some((line) => line.trim() === `${pid} sleep 0.25`);
}
