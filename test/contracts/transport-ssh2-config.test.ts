import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HandrailError } from "../../src/core/failure.ts";
import type { Host } from "../../src/core/plan/inventory.ts";
import type { SshSettings } from "../../src/transports/ssh-settings.ts";
import type { Hop } from "../../src/transports/ssh2/hop.ts";
import { routeTo } from "../../src/transports/ssh2/route.ts";
import { spawnSync } from "../support/bounded-process.ts";
import { describeWith } from "../support/parts.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-ssh2-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

const host = (address: string, change: Partial<Host> = {}): Host => ({
  name: "ap01",
  address,
  via: "ssh2",
  user: null,
  port: null,
  identity: null,
  become: null,
  spool: "/var/lib/handrail",
  ...change,
});

const settings = (configFiles: readonly string[]): SshSettings => ({
  home: "/home/me",
  userName: "me",
  configFiles,
  knownHostsFiles: null,
  agentSocket: "/run/agent",
  tempFolder: "/tmp",
  environment: { OTHER_AGENT: "/run/other" },
});

async function route(text: string, to: Host = host("ap01")): Promise<readonly Hop[]> {
  const config = join(folder, "config");
  await writeFile(config, text);
  return routeTo(to, settings([config]));
}

async function last(text: string, to: Host = host("ap01")): Promise<Hop> {
  const hop = (await route(text, to)).at(-1);
  if (hop === undefined) throw new Error("a route without a hop");
  return hop;
}

describe("what the config says of a host", () => {
  test("nothing: the usual values of ssh", async () => {
    expect(await last("")).toMatchObject({
      hostname: "ap01",
      port: 22,
      user: "me",
      knownNames: ["ap01"],
      knownHostsFiles: [
        "/home/me/.ssh/known_hosts",
        "/home/me/.ssh/known_hosts2",
        "/etc/ssh/ssh_known_hosts",
        "/etc/ssh/ssh_known_hosts2",
      ],
      identitiesOnly: false,
      agentSocket: "/run/agent",
      connectTimeoutMs: null,
      proxyJump: null,
    });
  });

  test("the inventory wins over the config", async () => {
    const text = "User other\nPort 23\nIdentityFile ~/config\n";
    const hop = await last(text, host("ap01", { user: "deploy", port: 24, identity: "~/own" }));
    expect(hop).toMatchObject({ user: "deploy", port: 24, identitiesOnly: true });
    expect(hop.identities.map(({ file }) => file)).toEqual(["/home/me/own", "/home/me/config"]);
  });

  test.each([
    ["IdentityAgent none", { agentSocket: null }],
    ["IdentityAgent $OTHER_AGENT", { agentSocket: "/run/other" }],
    ["IdentityAgent ~/agent", { agentSocket: "/home/me/agent" }],
    ["IdentityAgent SSH_AUTH_SOCK", { agentSocket: "/run/agent" }],
    ["ConnectTimeout 3", { connectTimeoutMs: 3_000 }],
    ["IdentitiesOnly yes", { identitiesOnly: true }],
    ["HostKeyAlias fleet", { knownNames: ["fleet"] }],
    ["Port 2222", { knownNames: ["[ap01]:2222", "ap01"] }],
    ["HostName %h.example.com", { hostname: "ap01.example.com" }],
    [
      "UserKnownHostsFile %d/a ~/b\nGlobalKnownHostsFile none",
      { knownHostsFiles: ["/home/me/a", "/home/me/b"] },
    ],
    [
      "IdentityFile ~/%r@%h-%n-%p-%u-%%",
      { identities: [{ file: "/home/me/me@ap01-ap01-22-me-%", named: true }] },
    ],
    ["proxycommand none\nProxyJump none", { proxyJump: null }],
  ])("%s", async (text, expected) => {
    expect(await last(`${text}\n`)).toMatchObject(expected);
  });
});

const hops = async (text: string, to?: Host) =>
  (await route(text, to)).map(({ user, hostname, port }) => `${user}@${hostname}:${port}`);

describe("the way to a host", () => {
  test.each([
    ["one jump", "Host ap01\nProxyJump gate", ["me@gate:22", "me@ap01:22"]],
    [
      "user and port of the jump",
      "Host ap01\nProxyJump you@gate:2222",
      ["you@gate:2222", "me@ap01:22"],
    ],
    [
      "a jump as a URI",
      "Host ap01\nProxyJump ssh://you@gate:2222",
      ["you@gate:2222", "me@ap01:22"],
    ],
    ["an IPv6 jump", "Host ap01\nProxyJump [::1]:2222", ["me@::1:2222", "me@ap01:22"]],
    ["a list in its order", "Host ap01\nProxyJump a,b", ["me@a:22", "me@b:22", "me@ap01:22"]],
    [
      "a jump's own jump",
      "Host ap01\nProxyJump b\nHost b\nProxyJump a",
      ["me@a:22", "me@b:22", "me@ap01:22"],
    ],
    [
      "a jump with its own config",
      "Host ap01\nProxyJump g\nHost g\nHostName gate\nUser you",
      ["you@gate:22", "me@ap01:22"],
    ],
  ])("%s", async (_name, text, expected) => {
    expect(await hops(text)).toEqual(expected);
  });

  test("the inventory's user, port and identity are not the jump's", async () => {
    const to = host("ap01", { user: "deploy", port: 24, identity: "/key" });
    const [jump] = await route("Host ap01\nProxyJump gate", to);
    expect(jump).toMatchObject({ user: "me", port: 22, identitiesOnly: false });
  });
});

describe("what only the ssh program can do is refused", () => {
  test.each([
    ["ProxyCommand nc %h %p", /proxycommand "nc/],
    ["CertificateFile ~/id-cert.pub", /certificatefile/],
    ["PKCS11Provider /lib/token.so", /pkcs11provider/],
    ["KnownHostsCommand /bin/keys", /knownhostscommand/],
    ["CanonicalizeHostname yes", /canonicalizehostname/],
    ['Match exec "touch /tmp/handrail-ran"\nUser x', /Match exec/],
    ["Match localnetwork 10.0.0.0/8\nUser x", /Match localnetwork/],
    ["IdentityFile ~/%i", /token "%i"/],
    ["Host *\nProxyJump *", /ProxyJump/],
    ["Host *\nProxyJump gate", /jumps in a circle/],
    ["HostName -oProxyCommand=x", /address "-oProxyCommand=x"/],
    ["Port many", /port/],
  ])("%s", async (text, because) => {
    const error = await route(`${text}\n`).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HandrailError);
    expect(error).toMatchObject({
      failure: { code: "TRANSPORT_UNSUPPORTED", message: expect.stringMatching(because) },
    });
  });

  test("but not where it is meant for another host", async () => {
    const text = 'Host b\nProxyCommand nc\nMatch host b exec "exit 0"\nUser x\n';
    expect(await last(text)).toMatchObject({ user: "me" });
  });
});

// What the real program makes of the same files is the measure.
describeWith(["ssh"], "ssh -G agrees", () => {
  test.each([
    ["the first value wins", "Host ap*\nUser one\nHost ap01\nUser two\nPort 23\n"],
    ["a negated pattern", "Host * !ap01\nUser no\nHost *\nUser yes\n"],
    ["several patterns", "Host x ap0? y\nUser some\n"],
    ["upper case keys, equals signs, quotes", 'HOST ap01\nUSER="deploy"\nport = 24\n'],
    ["Match host by the new name", "Host ap01\nHostName web\nMatch host web\nUser m\n"],
    ["Match originalhost", "Host ap01\nHostName web\nMatch originalhost ap01\nUser m\n"],
    ["Match host not by the old name", "Host ap01\nHostName web\nMatch host ap01\nUser m\n"],
    ["Match user", "User u\nMatch user u,v\nPort 25\n"],
    ["Match with two criteria", "User u\nMatch user u host x\nPort 25\n"],
    ["a negated Match", "Match !host ap02\nPort 26\n"],
    ["Match all ends a block", "Host other\nPort 1\nMatch all\nPort 27\n"],
    ["comments and blank lines", "# x\n\nHost ap01 # ap02\n  # User no\n  User c\n"],
    ["tabs", "Host\tap01\n\tUser\ttab\n"],
    ["HostName with a token", "HostName %h.example.com\n"],
  ])("%s", async (_name, text) => {
    const hop = await last(text);
    const config = join(folder, "config");
    const said = spawnSync("ssh", ["-F", config, "-G", "ap01"], { encoding: "utf8" });
    const line = (key: string) => new RegExp(`^${key} (.*)$`, "m").exec(said.stdout)?.[1];
    expect(hop).toMatchObject({ hostname: line("hostname"), port: Number(line("port")) });
    // "me" stands for whoever runs this.
    expect(hop.user === "me" ? userInfo().username : hop.user).toBe(line("user"));
  });
});
