import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeEd25519Key } from "../../fixtures/demo/fleet/ed25519-key.ts";
import { startDemoFleet, type DemoFleet } from "../../fixtures/demo/fleet/start-fleet.ts";
import { differences } from "../../fixtures/demo/fleet/tree-listing.ts";
import { logIn } from "../support/demo-fleet-login.ts";

// The stage of the demo must be what it claims to be, or what is shown on it proves nothing.

let fleet: DemoFleet;

beforeAll(async () => {
  fleet = await startDemoFleet({
    regions: [
      { name: "eu", timezone: "Europe/Berlin", instances: ["eu01"] },
      { name: "cn", timezone: "Asia/Shanghai", instances: ["cn01"] },
    ],
  });
});
afterAll(() => fleet[Symbol.asyncDispose]());

describe("the web application", () => {
  test("serves its API but no uploads once its temp folder is gone, and all again after a restart", async () => {
    await using login = await logIn(fleet, "cn01");
    expect((await fleet.upload("cn01")).status).toBe(200);
    await login.run("rm -rf tmp/work");
    await sleep(1_000);
    expect((await fleet.upload("cn01")).status).toBe(500);
    expect((await fleet.api("cn01")).status).toBe(200);
    const restart = await login.run("bin/restart");
    expect(restart.code).toBe(0);
    expect(restart.stdout.toString()).toMatch(/^restarted: process \d+ gave way to \d+\n$/);
    expect((await fleet.upload("cn01")).status).toBe(200);
  });

  test("makes its temp files again by itself where it regenerates", async () => {
    await using login = await logIn(fleet, "eu01");
    const before = [...fleet.tree("eu01").keys()];
    await login.run("rm -rf tmp/work");
    expect((await fleet.upload("eu01")).status).toBe(500);
    await expect
      .poll(async () => (await fleet.upload("eu01")).status, { timeout: 3_000 })
      .toBe(200);
    expect([...fleet.tree("eu01").keys()]).toEqual(before);
  });

  test("keeps what it finds when it restarts", async () => {
    await using login = await logIn(fleet, "eu01");
    const before = fleet.tree("eu01");
    expect((await login.run("bin/restart")).code).toBe(0);
    expect(differences(before, fleet.tree("eu01"))).toEqual([]);
  });

  test("takes uploads in on the disk, and leaves nothing of them there", async () => {
    const before = fleet.tree("eu01");
    const answer = await fleet.upload("eu01", "y".repeat(200_000));
    expect(answer.text).toMatch(/^stored 200000 bytes, sha256 [0-9a-f]{64}\n$/);
    expect(differences(before, fleet.tree("eu01"))).toEqual([]);
  });

  test("fails uploads on demand", async () => {
    fleet.behave("eu01", { regenerates: true, uploads: false });
    expect((await fleet.upload("eu01")).status).toBe(500);
    fleet.behave("eu01", { regenerates: true, uploads: true });
    expect((await fleet.upload("eu01")).status).toBe(200);
  });
});

describe("the SSH server", () => {
  test.each([
    { command: "exit 0", code: 0, signal: null },
    { command: "exit 7", code: 7, signal: null },
    { command: "exit 255", code: 255, signal: null },
    { command: "kill -9 $$", code: null, signal: "SIGKILL" },
    { command: "/no/such/program", code: 127, signal: null },
  ])("tells how `$command` ended", async ({ command, code, signal }) => {
    await using login = await logIn(fleet, "eu01");
    const outcome = await login.run(command);
    expect([outcome.code, outcome.signal]).toEqual([code, signal]);
  });

  test("carries every byte both ways, and standard error apart", async () => {
    await using login = await logIn(fleet, "eu01");
    const input = randomBytes(5_000_000);
    const outcome = await login.run("cat; echo done >&2", input);
    expect(outcome.stdout.equals(input)).toBe(true);
    expect(outcome.stderr.toString()).toBe("done\n");
  });

  test("keeps both outputs whole when both have to wait for the client", async () => {
    await using login = await logIn(fleet, "eu01");
    const input = randomBytes(7_000_000);
    await login.run("cat > run/blob", input);
    const outcome = await login.run("cat run/blob >&2 & cat run/blob; wait; echo late >&2");
    expect(outcome.stdout.equals(input)).toBe(true);
    expect(outcome.stderr.equals(Buffer.concat([input, Buffer.from("late\n")]))).toBe(true);
  }, 10_000);

  test("survives a command that leaves its input unread", async () => {
    await using login = await logIn(fleet, "eu01");
    const outcome = await login.run("head -c 3", randomBytes(4_000_000));
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toHaveLength(3);
  });

  test("holds a fast command back while the client reads slowly", async () => {
    await using login = await logIn(fleet, "eu01");
    const channel = await login.exec('head -c 60000000 /dev/zero && touch "$HOME/run/all-written"');
    // Nobody reads: only what fits in windows and buffers may have left the command.
    await sleep(500);
    const home = fleet.instances.find((one) => one.name === "eu01")?.home ?? "";
    expect(existsSync(join(home, "run/all-written"))).toBe(false);
    let bytes = 0;
    channel.on("data", (chunk: Buffer) => (bytes += chunk.length));
    await new Promise((resolve) => channel.on("close", resolve));
    expect(bytes).toBe(60_000_000);
  });

  test("runs several commands on one connection, at most ten at once as sshd does", async () => {
    await using login = await logIn(fleet, "eu01");
    const channels = await Promise.all(Array.from({ length: 10 }, () => login.exec("cat")));
    await expect(login.exec("cat")).rejects.toThrow(/channel open failure/i);
    for (const channel of channels) channel.end();
  });

  test("lets nobody in but the one user with the one key", async () => {
    const stranger = makeEd25519Key("stranger").privateKey;
    await expect(logIn(fleet, "eu01", { privateKey: stranger })).rejects.toThrow(/authentication/i);
    await expect(logIn(fleet, "eu01", { user: "root" })).rejects.toThrow(/authentication/i);
  });

  test("lets a quiet command finish whose connection was cut", async () => {
    await using login = await logIn(fleet, "eu01");
    const home = fleet.instances.find((one) => one.name === "eu01")?.home ?? "";
    await login.exec("sleep 0.5; echo finished > run/after-the-cut");
    expect(await fleet.cutConnections("eu01")).toBe(1);
    await login.closed;
    await expect.poll(() => existsSync(join(home, "run/after-the-cut"))).toBe(true);
  });

  test("ends the input of a command whose connection was cut", async () => {
    await using login = await logIn(fleet, "eu01");
    const home = fleet.instances.find((one) => one.name === "eu01")?.home ?? "";
    await login.exec("cat > run/read-so-far; echo end of input > run/ended");
    await fleet.cutConnections("eu01");
    await expect.poll(() => existsSync(join(home, "run/ended"))).toBe(true);
  });
});

describe("a tree listing", () => {
  test.each([
    {
      what: "a file that is gone",
      harm: (home: string) => rmSync(join(home, "lib/version")),
      said: /"lib\/version" is gone/,
    },
    {
      what: "a file that is new",
      harm: (home: string) => writeFileSync(join(home, "lib/new"), ""),
      said: /"lib\/new" is new/,
    },
    {
      what: "other bytes of the same length",
      harm: (home: string) => writeFileSync(join(home, "lib/version"), "2021.9.9\n"),
      said: /"lib\/version": holds was [0-9a-f]{64}, is [0-9a-f]{64}/,
    },
    {
      what: "another mode",
      harm: (home: string) => chmodSync(join(home, "lib/version"), 0o600),
      said: /"lib\/version": mode was 0644, is 0600/,
    },
    {
      what: "another time of change alone",
      harm: (home: string) =>
        writeFileSync(join(home, "lib/version"), readFileSync(join(home, "lib/version"))),
      said: /^"lib\/version": changedNs was \d+, is \d+$/,
    },
  ])("shows $what", async ({ harm, said }) => {
    await using own = await startDemoFleet({
      regions: [{ name: "eu", timezone: "Europe/Berlin", instances: ["eu01"] }],
    });
    const before = own.tree("eu01");
    harm(own.instances[0]?.home ?? "");
    expect(differences(before, own.tree("eu01")).join("\n")).toMatch(said);
  });
});

test("a fleet that was disposed of leaves neither files nor processes", async () => {
  let root = "";
  let port = 0;
  {
    await using own = await startDemoFleet({
      regions: [{ name: "eu", timezone: "Europe/Berlin", instances: ["eu01"] }],
    });
    root = own.root;
    port = own.instances[0]?.webPort ?? 0;
    await using login = await logIn(own, "eu01");
    await login.exec("sleep 300");
  }
  expect(existsSync(root)).toBe(false);
  await expect(fetch(`http://127.0.0.1:${port}/api`)).rejects.toThrow("fetch failed");
});

test("a fleet whose owner was killed ends by itself and removes its files", async () => {
  const tempFolder = await mkdtemp(join(tmpdir(), "handrail-orphans-"));
  const child = spawn(process.execPath, ["fixtures/demo/demo.ts", "--fleet"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: tempFolder },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 20_000 }).toContain("The fleet is running");
  const port = /127\.0\.0\.1:(\d+)\/upload/.exec(output)?.[1];
  child.kill("SIGKILL");
  await expect.poll(() => readdirSync(tempFolder), { timeout: 20_000 }).toEqual([]);
  // Its servers may be a moment behind its files.
  const answer = (): Promise<string> =>
    fetch(`http://127.0.0.1:${port}/upload`).then(
      () => "served",
      (error: Error) => error.message,
    );
  await expect.poll(answer, { timeout: 20_000 }).toBe("fetch failed");
  rmSync(tempFolder, { recursive: true });
});
