import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { key, snapshot } from "./support/restoring.ts";
import { dash, isRoot, rootOnly, runOrder, ShellHost, valueOf } from "./support/shell-hosts.ts";
import { armed, armOrder } from "./support/switches.ts";

/** A plain user that every host has. */
const nobody = 65534;
const cgroup = "/user.slice/user-65534.slice/session-3.scope";

interface Logind {
  /** What busctl(1) prints of a property; absent: it fails. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly cgroup?: string;
  readonly lingers?: boolean;
}

const kills = {
  KillUserProcesses: "b true",
  KillExcludeUsers: 'as 1 "root"',
  KillOnlyUsers: "as 0",
};

describe.skipIf(!isRoot)(`a plain user's guard where systemd is${rootOnly}`, () => {
  test.concurrent.each<readonly [string, Logind, RegExp]>([
    [
      "says that switches end with the login",
      { properties: kills },
      /^systemd-logind ends what a session of nobody leaves behind .*: loginctl enable-linger nobody$/,
    ],
    [
      "says that they may where it can't tell",
      {},
      /^systemd-logind may end what a session of nobody/,
    ],
    [
      "is at ease where what is left behind is left alone",
      { properties: { ...kills, KillUserProcesses: "b false" } },
      /^$/,
    ],
    [
      "is at ease where its user is left alone",
      { properties: { ...kills, KillExcludeUsers: 'as 2 "root" "nobody"' } },
      /^$/,
    ],
    [
      "is at ease where only others are not left alone",
      { properties: { ...kills, KillOnlyUsers: 'as 1 "guest"' } },
      /^$/,
    ],
    [
      "says that switches end where its user is among those",
      { properties: { ...kills, KillOnlyUsers: 'as 2 "guest" "nobody"' } },
      /^systemd-logind ends what a session of nobody/,
    ],
    [
      "is at ease outside of sessions",
      { properties: kills, cgroup: "/system.slice/ssh.service" },
      /^$/,
    ],
    ["is at ease where its user lingers", { properties: kills, lingers: true }, /^$/],
  ])("%s", async (_what, logind, fault) => {
    await using host = await ShellHost.start(dash);
    const guard = await host.open({ login: [plainLogin(host, logind)] });
    expect(guard.facts.uid).toBe(nobody);
    expect(guard.facts.logoutFault).toMatch(fault);
  });

  test.concurrent("starts switches and steps in scopes of the user's own manager, where its user lingers", async () => {
    await using host = await ShellHost.start(dash);
    const login = plainLogin(host, { properties: kills, lingers: true });
    chmodSync(`${host.folder}/site`, 0o777);
    const guard = await host.hold({ epoch: 1, login: [login] });
    await snapshot(guard, host.tree);
    await armed(guard, armOrder(host));
    const script = 'echo "${XDG_RUNTIME_DIR-none}"; exit 5';
    const order = runOrder({ key: "web01.1.1", armed: key, script });
    expect(valueOf(await guard.run(order))).toMatchObject({
      exitCode: 5,
      stdout: Buffer.from("none\n"),
    });
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(readFileSync(`${host.folder}/scopes`, "latin1").trim().split("\n")).toEqual([
      "/run/user/65534 true",
      "/run/user/65534 sh -c",
      expect.stringMatching(/^\/run\/user\/65534 sh \S+\/supervise$/) as unknown,
    ]);
  });
});

/** A login shell of a plain user, with stand-ins for what systemd would answer. */
function plainLogin(host: ShellHost, logind: Logind): string {
  const properties = Object.entries(logind.properties ?? {}).map(
    ([name, value]) => `*" ${name}") echo '${value}'; exit ;;`,
  );
  standIn(host, "busctl", [`case "$*" in`, ...properties, "esac", "exit 1"]);
  standIn(host, "loginctl", [
    `[ "$*" = "show-user ${nobody} -p Linger" ] && echo Linger=${logind.lingers === true ? "yes" : "no"}`,
  ]);
  const scopes = `${host.folder}/scopes`;
  writeFileSync(scopes, "");
  chmodSync(scopes, 0o666);
  standIn(host, "systemd-run", [
    `[ "$1 $2 $3" = "--user --quiet --scope" ] || exit 1`,
    "shift 3",
    `echo "$XDG_RUNTIME_DIR $1\${2:+ $2}" >>"${scopes}"`,
    `exec "$@"`,
  ]);
  standIn(host, "sed", [
    `case "$*" in *" /proc/self/cgroup") echo "0::${logind.cgroup ?? cgroup}" | /bin/sed -n "$2"; exit ;; esac`,
    `exec /bin/sed "$@"`,
  ]);
  chmodSync(host.folder, 0o755);
  const mounts = "mount -t tmpfs none /run && mkdir -p /run/systemd/system";
  const become = `setpriv --reuid ${nobody} --regid ${nobody} --clear-groups`;
  standIn(host, "login", [
    "unset XDG_RUNTIME_DIR",
    `exec unshare -m sh -c '${mounts} && exec ${become} "$0" "$@"' "${host.folder}/bin/sh" "$@"`,
  ]);
  return `${host.folder}/bin/login`;
}

function standIn(host: ShellHost, tool: string, lines: readonly string[]): void {
  const path = `${host.folder}/bin/${tool}`;
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
}
