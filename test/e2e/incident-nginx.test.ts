import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeEd25519Key } from "../../fixtures/demo/fleet/ed25519-key.ts";
import { inventoryText } from "../../fixtures/demo/fleet/inventory-text.ts";
import { differences, listTree, type TreeListing } from "../../fixtures/demo/fleet/tree-listing.ts";
import { eventsOf, runHandrail, type EventLine } from "../support/demo-fleet-handrail.ts";
import { startNginx, type Nginx } from "../support/nginx.ts";
import { describeWays, isLong, longOnly } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";

// The incident with stock software: five instances, each nginx behind an OpenSSH sshd of its own. The
// fix deletes the folder for upload bodies. On three instances something reloads nginx, on cn01 not.

const REGIONS = [
  { name: "apac", timezone: "Asia/Singapore", instances: ["ap01"] },
  { name: "eu", timezone: "Europe/Berlin", instances: ["eu01"] },
  { name: "na", timezone: "America/Chicago", instances: ["na01"] },
  { name: "cn", timezone: "Asia/Shanghai", instances: ["cn01", "cn02"] },
];
const FORGETFUL = new Set(["cn01", "cn02"]);
const TREES = ["etc", "lib", "tmp"];

interface Instance {
  readonly name: string;
  readonly region: string;
  readonly sshd: Sshd;
  readonly nginx: Nginx;
}

interface Replay extends AsyncDisposable {
  readonly inventory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly instance: (name: string) => Instance;
  readonly tree: (name: string) => TreeListing;
}

describeWith(["sshd", "ssh", "nginx"], "the incident on nginx behind sshd", () => {
  describeWays(["openssh", "ssh2"], (via) => {
    test.skipIf(!isLong)(
      `cn01 is restored byte for byte, serves uploads again, and cn02 is not touched${longOnly}`,
      async () => {
        await using replay = await startReplay(via);
        const before = { cn01: replay.tree("cn01"), cn02: replay.tree("cn02") };

        const outcome = await runHandrail(
          [
            "apply",
            "fixtures/nginx/flawed-fix/plan.yaml",
            "--inventory",
            replay.inventory,
            "--json",
          ],
          replay.environment,
        );

        expect(outcome.stderr).toBe("");
        expect(outcome.exitCode).toBe(4);
        expect(differences(before.cn01, replay.tree("cn01"))).toEqual([]);
        expect(differences(before.cn02, replay.tree("cn02"))).toEqual([]);
        for (const name of ["ap01", "eu01", "na01", "cn01", "cn02"]) {
          const { nginx } = replay.instance(name);
          expect([name, await nginx.upload(), await nginx.api()]).toEqual([name, 200, 200]);
        }
        const events = eventsOf(outcome);
        expect(namesIn(events, "instance.sealed")).toEqual(["ap01", "eu01", "na01"]);
        expect(namesIn(events, "instance.bad")).toEqual(["cn01"]);
        expect(namesIn(events, "step.started")).not.toContain("cn02");
        expect(events.at(-1)).toMatchObject({ type: "summary", outcome: "halted", exit: 4 });
      },
    );
  });

  test.skipIf(!isLong)(
    `where every exit code is 0, nothing is kept and nobody probes, cn01 is told from the others${longOnly}`,
    async () => {
      await using replay = await startReplay("openssh");
      const before = replay.tree("cn02");
      const type = (...args: readonly string[]) => runHandrail(args, replay.environment);
      const plan = "fixtures/nginx/flawed-fix/plan-that-lets-go.yaml";

      const paused = await type("apply", plan, "--inventory", replay.inventory, "--json");

      const events = eventsOf(paused);
      const exitCodes = events
        .filter((it) => it.type === "step.finished")
        .map((it) => it["exitCode"]);
      expect(new Set(exitCodes)).toEqual(new Set([0]));
      expect(namesIn(events, "instance.sealed")).toEqual(["ap01", "eu01", "na01"]);
      expect(events.find((it) => it.type === "instance.inconclusive")).toMatchObject({
        instance: "cn01",
        failure: {
          code: "OUTSIDE_ENVELOPE",
          message: expect.stringContaining(
            "not back below ${home}/tmp, none on ap01, eu01 and na01",
          ),
        },
      });
      expect(namesIn(events, "step.started")).not.toContain("cn02");
      expect(differences(before, replay.tree("cn02"))).toEqual([]);
      expect(paused.exitCode).toBe(6);

      const id = String(events.at(-1)?.["rollout"]);
      const status = await type("status", id);
      expect(status.stdout).toMatch(/ap01 +eu01 +na01 +cn01\n/);
      expect(status.stdout).toMatch(/not back below \$\{home\}\/tmp +0 +0 +0 +\d+ +←/);

      expect((await type("resume", id)).exitCode).toBe(3);
      const accepted = await type("decide", id, "accept", "cn01", "--reason", "cleared on purpose");
      expect(accepted.exitCode).toBe(0);
      expect((await type("resume", id)).exitCode).toBe(0);
      expect((await type("report", id)).stdout).toContain("cleared on purpose");
    },
  );

  test("the harm is real: without a reload the API answers 200 and uploads answer 500", async () => {
    await using nginx = await startNginx({ regenerates: false });
    expect([await nginx.upload(), await nginx.api()]).toEqual([200, 200]);
    await rm(join(nginx.home, "tmp/body"), { recursive: true });
    expect([await nginx.upload(), await nginx.api()]).toEqual([500, 200]);
    expect(nginx.errorLog()).toMatch(/open\(\) ".*tmp\/body\/\d+" failed \(2: No such file/);
  });

  test("the stand-in is real: an instance that regenerates comes back by itself", async () => {
    await using nginx = await startNginx({ regenerates: true });
    await rm(join(nginx.home, "tmp/body"), { recursive: true });
    await expect.poll(() => nginx.upload(), { timeout: 5_000 }).toBe(200);
  });
});

function namesIn(events: readonly EventLine[], type: string): readonly unknown[] {
  return [
    ...new Set(events.filter((event) => event.type === type).map((event) => event["instance"])),
  ];
}

async function startReplay(via: string): Promise<Replay> {
  await using parts = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "handrail-replay-"));
  parts.defer(() => removeFolder(root));
  const login = makeEd25519Key("replay");
  const instances: Instance[] = [];
  for (const region of REGIONS) {
    for (const name of region.instances) {
      const sshd = parts.use(await startSshd({ authorizedKeys: [login.publicLine] }));
      const nginx = parts.use(await startNginx({ regenerates: !FORGETFUL.has(name) }));
      mkdirSync(join(nginx.home, "lib"));
      instances.push({ name, region: region.name, sshd, nginx });
    }
  }
  const find = (name: string): Instance => {
    const found = instances.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no instance "${name}"`);
    return found;
  };
  leaveBodies(find("cn01").nginx.home);
  const inventory = await layOutController({ root, via, instances, privateKey: login.privateKey });
  const owned = parts.move();
  return {
    inventory,
    environment: { HOME: join(root, "controller"), HANDRAIL_STATE: join(root, "state") },
    instance: find,
    tree: (name) => listTree(find(name).nginx.home, TREES),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a worker that died in the middle of uploads leaves behind: only the snapshot can bring it back. */
function leaveBodies(home: string): void {
  ["0000000041", "0000000042 (copy)", "0000000043\n-rf '$HOME'"].forEach((name, at) => {
    const path = join(home, "tmp/body", name);
    writeFileSync(path, Buffer.from([0, 255, 10, at]), { mode: 0o600 + at });
    utimesSync(path, 1_600_000_000 + at, 1_600_000_000.987_654 + at);
  });
}

async function layOutController(options: {
  readonly root: string;
  readonly via: string;
  readonly instances: readonly Instance[];
  readonly privateKey: string;
}): Promise<string> {
  const { root, instances } = options;
  const folder = join(root, "controller/.ssh");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = join(folder, "id_ed25519");
  writeFileSync(identity, options.privateKey, { mode: 0o600 });
  const known = await Promise.all(instances.map(({ sshd }) => readFile(sshd.knownHosts, "utf8")));
  writeFileSync(join(folder, "known_hosts"), known.join(""), { mode: 0o600 });
  const inventory = join(root, "inventory.yaml");
  writeFileSync(
    inventory,
    inventoryText({
      regions: REGIONS,
      instances: instances.map(({ name, region, sshd, nginx }) => ({
        name,
        region,
        home: nginx.home,
        spool: join(root, "spool", name),
        sshPort: sshd.port,
        webPort: nginx.port,
      })),
      user: userInfo().username,
      identity,
      via: options.via,
      vars: { nginx: instances[0]?.nginx.program ?? "nginx" },
    }),
  );
  return inventory;
}
