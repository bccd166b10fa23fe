import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcomeOf, type RehearsalOutcome } from "../../src/core/rehearsal/rehearsal.ts";
import { breaking } from "../../src/core/static-review/finding.ts";
import { rehearsedInstances } from "../../src/cli/rehearsed-instances.ts";
import { previewOf } from "../../src/cli/show-preview.ts";
import { openGuardDoor } from "../../src/host/guard-door.ts";
import { local } from "../../src/transports/local.ts";
import { type Fix, fixesOf, fixHost, planOf } from "../support/fixes.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { programPath } from "../support/parts.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { clock, isRoot, rootOnly } from "./support/shell-hosts.ts";

const can = isRoot && isLong;
const skipped = rootOnly || longOnly;
const harmful = (await fixesOf("harmful")).filter(({ needs }) => needs !== undefined);
const harmless = await fixesOf("harmless");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-rehearsed-"));
});
afterAll(() => removeFolder(folder));

/** The fix as a step of a plan, rehearsed on the host that it needs. */
async function rehearsed(fix: Fix): Promise<RehearsalOutcome> {
  const loaded = await planOf(fix, folder);
  const login = await hostFor(fix);
  const transport = local({ shell: login, environment: process.env });
  const door = openGuardDoor({ transports: new Map([["local", transport]]), clock });
  const itinerary = await previewOf(loaded);
  const found = await rehearsedInstances({
    door,
    loaded,
    itinerary,
    chosen: ["cn01"],
    secrets: {},
    network: false,
    trace: false,
  });
  const [failure] = found.flatMap(({ hosts }) => hosts.flatMap((host) => host.failure ?? []));
  expect(failure).toBeUndefined();
  return outcomeOf(found);
}

/**
 * A login shell whose file system is this machine's with what the fix wants to be there, in a mount
 * namespace of its own: nothing of it is on this machine.
 */
async function hostFor(fix: Fix): Promise<readonly [string, ...string[]]> {
  const lines = [
    "mount --make-rprivate /",
    'mount -t tmpfs tmpfs "$0.d"',
    ...["srv", "etc", "var/tmp", "var/backups", "var/lib", "var/cache"].flatMap((at) => [
      `mkdir -p "$0.d/${at}/up" "$0.d/${at}/work"`,
      `[ ! -d /${at} ] || mount -t overlay -o "lowerdir=/${at},upperdir=$0.d/${at}/up,workdir=$0.d/${at}/work" overlay /${at}`,
    ]),
    ...Object.entries({ ...(await fixHost()), ...fix.host }).flatMap(([path, content]) => [
      `mkdir -p ${quoted(path.slice(0, path.lastIndexOf("/")))}`,
      `printf %s ${quoted(content)} >${quoted(path)}`,
      ...(content.startsWith("#!") ? [`chmod 755 ${quoted(path)}`] : []),
    ]),
    ...Object.entries(fix.links ?? {}).map(([path, to]) => `ln -s ${quoted(to)} ${quoted(path)}`),
    ...(fix.setup === undefined ? [] : [`( ${fix.setup}\n) >/dev/null`]),
    'exec /bin/sh "$@"',
  ];
  const shell = join(await mkdtemp(join(folder, "host-")), "enter");
  await writeFile(shell, `#!/bin/sh\nset -eu\nmkdir "$0.d"\n${lines.join("\n")}\n`);
  await chmod(shell, 0o755);
  return ["/usr/bin/unshare", "-m", shell];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

describe.runIf(can)(`a harmful fix whose text does not show it${skipped}`, () => {
  test.each(harmful)("$name", async (fix) => {
    const isThere = fix.with === undefined || programPath(fix.with) !== null;
    expect(await rehearsed(fix)).toBe(isThere ? "would-break" : "inconclusive");
  });
});

describe.runIf(can)(`a harmless fix is not blocked${skipped}`, () => {
  const outcomes: RehearsalOutcome[] = [];

  test.each(harmless)("$name", async (fix) => {
    const outcome = await rehearsed(fix);
    outcomes.push(outcome);
    expect(["effects", "no-effects", "inconclusive"]).toContain(outcome);
    expect(breaking((await planOf(fix, folder)).findings)).toEqual([]);
  });

  test("and of most the copy shows all that they do", () => {
    const shown = outcomes.filter((outcome) => outcome !== "inconclusive");
    expect(shown.length).toBeGreaterThan(outcomes.length * 0.6);
  });
});
