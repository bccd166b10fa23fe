import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWays, isLong, longOnly } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";

const counting =
  'steps: [{ name: fix, run: \'echo run >> "${home}/runs"; sleep 3; echo new > "${home}/etc/conf"\', writes: ["${home}/etc/conf", "${home}/runs"] }]';

/** A fleet whose two instances are reached through one real sshd, under two loopback addresses. */
async function overSsh(
  via: string,
  change: (known: string, sshd: Sshd) => string = (known) => known,
): Promise<AsyncDisposable & { readonly fleet: SmallFleet; readonly sshd: Sshd }> {
  await using parts = new AsyncDisposableStack();
  const sshd = parts.use(await startSshd({ addresses: ["127.0.0.1", "127.0.0.2"] }));
  const home = await mkdtemp(join(tmpdir(), "handrail-home-"));
  parts.defer(() => removeFolder(home));
  await mkdir(join(home, ".ssh"), { mode: 0o700 });
  const known = await readFile(sshd.knownHosts, "utf8");
  await writeFile(join(home, ".ssh", "known_hosts"), change(known, sshd));
  const fleet = parts.use(
    await smallFleet({
      defaults: `via: ${via}, user: ${sshd.user}, port: ${sshd.port}, identity: ${sshd.identity}`,
      env: { HOME: home },
    }),
  );
  const owned = parts.move();
  return { fleet, sshd, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describeWith(["sshd", "ssh"], "trouble on the way to a host", () => {
  describeWays(["openssh", "ssh2"], (via) => {
    test("a connection that drops in the middle of a step is asked again, and the step ran once", async () => {
      await using world = await overSsh(via);
      const { fleet, sshd } = world;
      const plan = await fleet.writePlan(planText(counting));
      const started = fleet.start(["apply", plan, "--json"]);
      await started.event((it) => it.type === "step.started" && it["instance"] === "a1");
      await new Promise((wake) => setTimeout(wake, 800));
      for (const pid of await sshd.sessionPids()) process.kill(pid, "SIGKILL");
      const ran = await started.ended;
      expect({ exit: ran.exit, stderr: ran.stderr.slice(-800) }).toMatchObject({ exit: 0 });
      for (const name of fleet.names) {
        expect(await readFile(join(fleet.home(name), "runs"), "utf8")).toBe("run\n");
        expect(await readFile(join(fleet.home(name), "etc", "conf"), "utf8")).toBe("new\n");
      }
    });

    test("a changed host key refuses the rollout before anything is touched", async () => {
      await using other = await startSshd();
      const [strange = ""] = other.hostKeys;
      await using world = await overSsh(via, (_known, sshd) =>
        ["127.0.0.1", "127.0.0.2"]
          .map((address) => `[${address}]:${sshd.port} ${strange}\n`)
          .join(""),
      );
      const before = await world.fleet.listing(world.fleet.home("a1"));
      const plan = await world.fleet.writePlan(planText(counting));
      const ran = await world.fleet.run(["apply", plan, "--json"]);
      expect(ran.exit).toBe(3);
      expect(ran.stdout).toContain("HOST_KEY_CHANGED");
      expect(await world.fleet.listing(world.fleet.home("a1"))).toBe(before);
    });

    test("a host where nobody listens refuses the rollout before anything is touched", async () => {
      await using world = await overSsh(via);
      const before = await world.fleet.listing(world.fleet.home("a1"));
      const plan = await world.fleet.writePlan(planText(counting));
      await world.sshd.kill();
      const ran = await world.fleet.run(["apply", plan, "--json"]);
      expect(ran.exit).toBe(3);
      expect(ran.stdout).toContain("CONNECT_REFUSED");
      expect(ran.stdout).toContain("at most 0 allowed");
      expect(await world.fleet.listing(world.fleet.home("a1"))).toBe(before);
    });

    test.skipIf(!isLong)(
      `a host that is gone for good in the middle of a step halts, and is named${longOnly}`,
      async () => {
        await using world = await overSsh(via);
        const plan = await world.fleet.writePlan(planText(counting));
        const started = world.fleet.start(["apply", plan, "--json"]);
        await started.event((it) => it.type === "step.started" && it["instance"] === "a1");
        await world.sshd.kill();
        const ran = await started.ended;
        expect({ exit: ran.exit, out: ran.stdout.slice(-1_000) }).toMatchObject({ exit: 5 });
        expect(JSON.stringify(ran.events.at(-1))).toContain("a1");
        expect(await readFile(join(world.fleet.home("a2"), "etc", "conf"), "utf8")).toBe("old\n");
      },
    );
  });
});
