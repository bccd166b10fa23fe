import { chmodSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  dash,
  describeWithShells,
  isRoot,
  present,
  runOrder,
  ShellHost,
  text,
  valueOf,
} from "./support/shell-hosts.ts";

/** A login shell of the test's own; `$2` is the command that was sent. */
function login(host: ShellHost, script: string): readonly [string, ...string[]] {
  writeFileSync(`${host.folder}/login`, `#!/bin/sh\n${script}\n`);
  chmodSync(`${host.folder}/login`, 0o755);
  return [`${host.folder}/login`];
}

/** Stands in for sudo: does what `script` says with the arguments that sudo got. */
function sudo(host: ShellHost, script: string): void {
  writeFileSync(`${host.folder}/bin/sudo`, `#!/bin/sh\n${script}\n`);
  chmodSync(`${host.folder}/bin/sudo`, 0o755);
}

describeWithShells((userland) => {
  test("the facts tell who we are, what the host is and which tools are there", async () => {
    await using host = await ShellHost.start(userland);
    const { facts } = await host.open();
    expect(facts).toMatchObject({
      uid: process.getuid?.(),
      userland: userland.name === "busybox" ? "busybox" : "gnu",
      kernel: expect.stringMatching(/^Linux \d/) as unknown,
      bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      tools: expect.arrayContaining(["setsid", "tar"]) as unknown,
    });
    expect(Math.abs(facts.time - Date.now() / 1000)).toBeLessThan(5);
    expect(facts.tools).not.toContain("openvms");
    expect(facts.losses).toEqual(
      userland.name === "busybox"
        ? [
            "access control lists and extended attributes",
            "holes of sparse files",
            "times of symbolic links",
          ]
        : [],
    );
    expect(facts.preventionFault).toBe(isRoot ? "" : "only root can close paths to a command");
  });

  test("opening and closing leaves no trace", async () => {
    await using host = await ShellHost.start(userland);
    const before = host.listing();
    const guard = await host.open();
    await guard[Symbol.asyncDispose]();
    expect(host.listing()).toBe(before);
  });
});

test("what a login prints before the guard speaks is skipped", async () => {
  await using host = await ShellHost.start(dash);
  const motd = `printf 'Welcome!\\n0123456789abcdef HELLO 5\\n\\377\\000'; echo more >&2; exec "${host.folder}/bin/sh" "$@"`;
  const guard = await host.open({ login: login(host, motd) });
  expect(
    text(
      valueOf(await guard.ask({ script: "echo ok", env: {}, timeoutMs: 5_000, outputMax: 10 }))
        .stdout,
    ),
  ).toBe("ok\n");
});

test.each([
  ["that prints without end", "exec yes", "GUARD_PROTOCOL"],
  ["that only says no", "echo 'This account is not available.' >&2; exit 1", "GUARD_HOST_UNFIT"],
  ["that never speaks", "exec sleep 5", "CONNECT_TIMEOUT"],
])("a login shell %s is not sent anything", async (_what, script, code) => {
  await using host = await ShellHost.start(dash);
  const answer = await host.tryOpen({ login: login(host, script), helloTimeoutMs: 1_000 });
  expect(answer).toMatchObject({ kind: "not-sent", failure: { code, host: "web01" } });
});

test("what the host said when it would not run the guard is in the failure", async () => {
  await using host = await ShellHost.start(dash);
  const answer = await host.tryOpen({ login: login(host, "echo 'no\\033[31m entry' >&2; exit 1") });
  expect(answer).toMatchObject({ failure: { detail: String.raw`no\x1b[31m entry` } });
});

test("steps run as the user of become, by sudo -n, unless the login is that user", async () => {
  await using host = await ShellHost.start(dash);
  sudo(
    host,
    `[ "$1 $2 $3 $4" = "-n -u app --" ] || exit 9; shift 4; BECAME=app; export BECAME; exec "$@"`,
  );
  const guard = await host.open({ become: "app" });
  const result = valueOf(await guard.run(runOrder({ script: 'echo "$BECAME"' })));
  expect(result.kind === "finished" && text(result.stdout)).toBe("app\n");
  sudo(host, "exit 9");
  const own = await host.open({ become: host.sh("id -un").trim() });
  expect(own.facts.uid).toBe(process.getuid?.());
});

test("a host that wants a password for sudo fails with BECOME_FAILED", async () => {
  await using host = await ShellHost.start(dash);
  sudo(host, "echo 'sudo: a password is required' >&2; exit 1");
  const answer = await host.tryOpen({ become: "app" });
  expect(answer).toMatchObject({
    kind: "not-sent",
    failure: { code: "BECOME_FAILED", detail: "sudo: a password is required" },
  });
});

test("a host without sudo fails with BECOME_FAILED too", async () => {
  await using host = await ShellHost.start(present.find((it) => it.name === "busybox") ?? dash);
  const answer = await host.tryOpen({ become: "app" });
  expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "BECOME_FAILED" } });
});

test.each(["spool", "/var/../spool", "/with\nnewline", "/"])(
  "the spool %j is refused",
  async (spool) => {
    await using host = await ShellHost.start(dash);
    expect(await host.tryOpen({ host: { spool } })).toMatchObject({
      kind: "not-sent",
      failure: { code: "SPOOL_UNUSABLE" },
    });
  },
);

test("a transport that nobody knows is told with those that are there", async () => {
  await using host = await ShellHost.start(dash);
  expect(await host.tryOpen({ host: { via: "pigeon" } })).toMatchObject({
    kind: "not-sent",
    failure: { code: "TRANSPORT_UNSUPPORTED", hint: "one of: local" },
  });
});
