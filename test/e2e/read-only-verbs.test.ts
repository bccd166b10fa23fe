import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isLong } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { fleetAddresses, type RealFleet, realFleet } from "../support/real-fleet.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

/**
 * Invariant 8: a read-only verb changes nothing on any host and takes no lock. The host has a /tmp, a
 * /var/tmp, a /dev/shm and a home of its own, so that everything that appears there is seen.
 */

const isRoot = process.getuid?.() === 0;
const rootOnly = isRoot ? "" : " (skipped, because this needs root)";

/** Every entry, with all that stat(2) says but the time of access: type, mode, links, sizes, times, inode. */
const listingScript = String.raw`
find . -printf '%P\t%y %m %n %U:%G %s %b %i %T@ %C@ %l\0' | LC_ALL=C sort -z | tr '\n\0' '?\n'
find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum -z | tr '\n\0' '?\n'`;

/** The server's folders and the fleet's stay in sight where its own /tmp is put over that of this machine. */
const ownGround = String.raw`
base=$1 home=$2
shift 2
for last do config=$last; done
mount --make-rprivate /
for each in tmp vartmp shm home; do mkdir -p "$base/host/$each"; done
for seen in "$base" "$(dirname "$config")"; do
  mkdir -p "$base/host/tmp/$(basename "$seen")"
  mount --rbind "$seen" "$base/host/tmp/$(basename "$seen")"
done
mount --rbind "$base/host/vartmp" /var/tmp
mount --rbind "$base/host/shm" /dev/shm
mount --rbind "$base/host/home" "$home"
mount --rbind "$base/host/tmp" /tmp
exec "$@"`;

const steps = `
rollout: { batches: [1], bake: { settle: 0s, stable: 100ms, retry: 1s }, guard: { observe: 0s }, retention: 1h }
protect:
  - { path: "\${home}/tmp", policy: keep }
  - { path: "\${home}/etc", policy: keep-content }
checks: [{ name: conf, run: 'test -e "\${home}/etc/app.conf"', why: "there must be one" }]
steps:
  - { name: conf, copy: { from: files/app.conf, to: "\${home}/etc/app.conf" } }
  - { name: other, patch: { diff: files/other.diff, in: "\${home}/etc" } }
  - { name: clear, remove: { paths: ["\${home}/var/cache"] } }
  - { name: warm, run: 'date >"\${home}/var/state"', writes: ["\${home}/var/state"] }
`;

describeWith(
  ["sshd", "ssh", "unshare", "patch"],
  `a host that is only looked at${rootOnly}`,
  () => {
    let base: string;
    let sshd: Sshd;
    let fleet: RealFleet;
    let rollout = "";

    beforeAll(async () => {
      if (!isRoot) return;
      base = await mkdtemp(join(tmpdir(), "handrail-only-"));
      await mkdir(join(base, "host"));
      const within = ["unshare", "--mount", "sh", "-euc", ownGround, "sh", base, homedir()];
      sshd = await startSshd({ addresses: fleetAddresses.slice(0, 3), within });
      fleet = await realFleet({
        plan: steps,
        sshd,
        via: "openssh",
        names: ["eu1", "us1"],
        parent: base,
      });
      if (!isLong) return;
      // Of one host the spool has snapshots, receipts and what else a rollout leaves for its undo.
      const { exit, events, stderr } = await fleet.start(["apply", "plan.yaml", "--json"]).ended;
      if (exit !== 0) throw new Error(`there was no rollout: ${stderr}`);
      rollout = String(events.find(({ type }) => type === "rollout.started")?.["rollout"]);
    });
    afterAll(async () => {
      if (!isRoot) return;
      await fleet[Symbol.asyncDispose]();
      await sshd[Symbol.asyncDispose]();
      await removeFolder(base);
    });

    /** Everything of the host: its trees and spools, and its own places for temporary files. */
    async function host(): Promise<string> {
      const folders = [
        ...["tmp", "vartmp", "shm", "home"].map((name) => join(base, "host", name)),
        ...["eu1", "us1"].map((name) => fleet.home(name)),
        ...(await readdir(fleet.folder))
          .filter((name) => name.startsWith("spool-"))
          .map((name) => join(fleet.folder, name)),
      ];
      const options = { maxBuffer: 16 * 1024 * 1024 };
      const texts = await Promise.all(
        folders.map(async (cwd) => {
          const ran = await promisify(execFile)("sh", ["-c", listingScript], { cwd, ...options });
          return `${cwd}\n${ran.stdout}`;
        }),
      );
      return texts.join("\n");
    }

    /** What still runs of the sessions of this server: their environment names it. */
    async function processes(): Promise<readonly string[]> {
      const found: string[] = [];
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
        if (!environment.split("\0").includes(`HANDRAIL_TEST_SSHD=${sshd.folder}`)) continue;
        found.push(await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""));
      }
      return found;
    }

    /** A session ends a moment after its client. */
    async function idle(): Promise<void> {
      await expect.poll(processes, { timeout: 10_000 }).toEqual([]);
      await expect.poll(() => sshd.sessionPids(), { timeout: 10_000 }).toEqual([]);
    }

    const looks: readonly (readonly [string, readonly string[], number])[] = [
      ["preview", ["preview", "plan.yaml", "--hosts", "--json", "--out", "preview.json"], 0],
    ];
    /** On hosts that a rollout has been to, where the fix is in and a patch does not fit any more. */
    const later: readonly (readonly [string, readonly string[], number])[] = [
      ["a preview in words", ["preview", "plan.yaml", "--hosts"], 3],
      ["a preview that can't be kept", ["preview", "plan.yaml", "--json", "--out", "no.json"], 3],
      ["a preview of no host", ["preview", "plan.yaml", "--detailed-exitcode"], 2],
      ["apply --dry-run", ["apply", "plan.yaml", "--dry-run", "--hosts"], 3],
      ["doctor", ["doctor", "plan.yaml"], 0],
      ["validate", ["validate", "plan.yaml"], 0],
      ["locks", ["locks", "plan.yaml"], 0],
      ["status", ["status"], 0],
      ["status of one", ["status", "ROLLOUT"], 0],
      ["snapshots", ["snapshots"], 0],
      ["report", ["report", "ROLLOUT"], 0],
      ["journal", ["journal", "ROLLOUT"], 0],
      ["journal verify", ["journal", "ROLLOUT", "verify"], 0],
    ];

    const suite = isLong ? later : looks;
    test.skipIf(!isRoot).each(suite)(
      "is the same after %s, with no process left and no lock taken",
      async (_says, words, exit) => {
        await idle();
        const before = await host();
        const args = words.map((word) => (word === "ROLLOUT" ? rollout : word));
        const ran = await fleet.start(args).ended;
        expect({ exit: ran.exit, out: ran.stdout.slice(-500), err: ran.stderr }).toMatchObject({
          exit,
        });
        await idle();
        expect(await host()).toBe(before);
      },
    );
  },
);
