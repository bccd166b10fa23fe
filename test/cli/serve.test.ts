import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { liveWorld, type LiveWorld } from "../support/live-world.ts";
import { scenario } from "../views/support/scenarios.ts";
import { tempFolder } from "./run-handrail.ts";

let world: LiveWorld;

beforeAll(async () => {
  world = await liveWorld([scenario("goes well")[0]!.record]);
  await world.goOn();
});

afterAll(() => world[Symbol.asyncDispose]());

async function run(...argv: string[]) {
  const said = { stdout: "", stderr: "" };
  const exit = await main(argv, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    stdin: Readable.from([]),
    env: {},
    cwd: world.folder,
    called: "handrail",
    unread: AbortSignal.abort(Object.assign(new Error("closed"), { code: "EPIPE" })),
  });
  return { exit, ...said };
}

const served = (...argv: string[]) => run("serve", "--state", world.folder, ...argv);

// Nobody reads what it prints here, and so each of these ends at once.
describe("serve", () => {
  test("prints the address alone, and beside it who may do what", async () => {
    const looks = await served();
    expect(looks.exit).toBe(0);
    expect(looks.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{12}\/#token=[\w-]{43}\n$/);
    expect(looks.stderr).toContain(
      `shows the rollouts of ${world.folder}; whoever has this address`,
    );
    expect(looks.stderr).toContain("nothing can be changed from the page (--allow-actions");
    expect(looks.stderr).not.toContain("WARNING");
    expect(looks.stderr).toContain("only the page has ended: rollouts go on.");
    const acts = await served("--allow-actions", "--host", "::1");
    expect(acts.stdout).toMatch(/^http:\/\/\[::1\]:\d+\//);
    expect(acts.stderr).toContain("and can pause, resume, abort and approve, as the login");
  });

  test("refuses what it can't listen on, with what to do", async () => {
    await using taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const at = taken.address();
    const port = typeof at === "object" ? at?.port : at;
    const cases: readonly (readonly [string[], string])[] = [
      [["--port", "x"], '--port takes a number up to 65535, and "x" is none'],
      [["--port", "65536"], "--port takes a number up to 65535"],
      [["--port", "-1"], "--port takes a number up to 65535"],
      [
        ["--port", String(port)],
        `can't listen on port ${port} of 127.0.0.1: another program has it`,
      ],
      [["--host", "192.0.2.1"], "can't listen on 192.0.2.1: this machine has no such address"],
      [["--host", "0.0.0.0"], "0.0.0.0 is every address of this machine"],
      [["--host", "::"], ":: is every address of this machine"],
    ];
    for (const [words, says] of cases) {
      const { exit, stdout, stderr } = await served(...words);
      expect([words, exit, stdout]).toEqual([words, 3, ""]);
      expect(stderr).toContain(says);
      expect(stderr).toMatch(/\n {2}next: /);
    }
  });

  test("waits for the first rollout where there is no journal yet, and makes none", async () => {
    await using folder = await tempFolder();
    const state = `${folder.path}/none`;
    const { exit, stdout, stderr } = await run("serve", "--state", state);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^http:/)]);
    expect(stderr).toContain(`shows the rollouts of ${state}; `);
    expect(stderr).toContain("no rollout yet; waiting: the first one that begins there");
    expect(existsSync(state)).toBe(false);
    expect((await served()).stderr).not.toContain("waiting");
  });
});
