import { beforeAll, describe, expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { deeds, inCopy, refusedInCopy } from "./support/rehearsing.ts";
import { isRoot, rootOnly, ShellHost, text } from "./support/shell-hosts.ts";

const nobody = ["/usr/bin/setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"] as const;

/** Does this machine let a plain user have namespaces? */
function userNamespaces(): boolean {
  try {
    execFileSync(nobody[0], [...nobody.slice(1), "unshare", "-Urm", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const can = isRoot && isLong && userNamespaces();
const skipped =
  isRoot && !can ? " (skipped, because this machine has no user namespaces)" : rootOnly;

beforeAll(() => {
  // Nothing may be mounted below a folder that a plain user lays over, and other tests mount in /tmp.
  process.env["TMPDIR"] = "/var/tmp";
});

async function ownHost(): Promise<ShellHost> {
  const host = await ShellHost.start();
  host.sh('chmod 755 "$FOLDER"; chown -R 1234:1234 "$FOLDER/site"');
  return host;
}

const login = (host: ShellHost) => [...nobody, `${host.folder}/bin/sh`] as const;

describe.runIf(can)(`a plain user${skipped}`, () => {
  test("sees what a step would do to files of its own, as itself, and nothing changes", async () => {
    await using host = await ownHost();
    host.sh(`mkdir -p d/deep; printf 1 >d/deep/f; printf m >mode; printf t >grows; printf k >kept
      chown -R 1234:1234 .`);
    const before = host.listing();
    const steps = await inCopy(
      host,
      [
        `id -u; rm -rf d; chmod 600 mode; echo more >>grows; mkdir d; : >new; ls -ld kept | cut -d " " -f 3
         scratch=$(mktemp); rm "$scratch"`,
        "test -d d; rm new; umount /proc 2>/dev/null || echo held",
      ],
      { login: login(host) },
    );
    expect(steps.map(({ exitCode, stderr }) => [exitCode, text(stderr)])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect(steps.map(({ stdout }) => text(stdout))).toEqual(["1234\n1234\n", "held\n"]);
    expect(steps.map(({ inside }) => deeds(inside.changes, host.tree))).toEqual([
      ["deleted d/deep", "deleted d/deep/f", "content grows", "metadata mode", "created new"],
      ["deleted new"],
    ]);
    expect(steps[0]!.inside.changes.find(({ path }) => path.endsWith("/new"))?.after?.uid).toBe(
      1234,
    );
    expect(host.listing()).toBe(before);
  });

  test("can't write outside of the copy, by way of links, of /proc or of its own namespaces", async () => {
    await using host = await ownHost();
    host.sh("cd ..; mkdir own; printf 1 >own/f; ln -s ../own tree/link; chown -R 1234:1234 .");
    const before = host.listing();
    const [step] = await inCopy(
      host,
      [
        `set +e; echo 2 >link/f; echo 3 >>"/proc/1/root/$home/g"; echo 4 >/proc/self/cwd/h
         unshare -Urm sh -c 'umount -l /dev; umount -l "$home"; mount -o remount,rw /; echo 5 >"$home/../own/f"; echo 6 >/boot/x'
         exit 0`,
      ],
      { login: login(host) },
    );
    expect(step!.exitCode).toBe(0);
    expect(host.listing()).toBe(before);
  });

  test("is told that files of others can't be copied, and is not told that nothing happens", async () => {
    await using host = await ownHost();
    host.sh("mkdir d; : >d/roots");
    expect(await refusedInCopy(host, ["rm -rf d"], { login: login(host) })).toMatch(
      /NOT_REHEARSABLE: .*\/tree\/d.* belongs to another user/,
    );
  });

  test("is told so where something is mounted below what is protected", async () => {
    await using host = await ownHost();
    host.sh("mkdir in; mount -t tmpfs tmpfs in; chown 1234 in");
    try {
      expect(await refusedInCopy(host, ["true"], { login: login(host) })).toMatch(
        /NOT_REHEARSABLE: .*something else is mounted below/,
      );
    } finally {
      host.sh("umount in");
    }
  });
});

test.runIf(isRoot && isLong)(
  `a user whom the host gives no namespaces is told so${rootOnly || longOnly}`,
  async () => {
    await using host = await ownHost();
    // As on a host that has them switched off: a program that is in the way says what unshare(1) would.
    host.sh(
      `cd ../../bin; printf '#!/bin/sh\\necho "unshare: unshare failed: Operation not permitted" >&2\\nexit 1\\n' >unshare; chmod 755 unshare`,
    );
    expect(await refusedInCopy(host, ["true"], { login: login(host) })).toMatch(
      /NOT_REHEARSABLE: .*can't have namespaces of its own here: unshare: unshare failed: Operation not permitted$/,
    );
  },
);
