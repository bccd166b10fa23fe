import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Loopback, webServer } from "../probes/loopback-servers.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, type SmallFleet, smallFleet } from "../support/small-fleet.ts";

const slowMs = 150;
const names = Array.from({ length: 20 }, (_, at) => `a${String(at + 1).padStart(2, "0")}`);

/**
 * Serves every instance of the fleet, each at its own path: always status 200, always the wanted text. What
 * the fix has written makes answers slow; `/NAME/stats` counts the requests.
 */
async function servers(fleet: SmallFleet): Promise<Loopback> {
  const served = new Map<string, number>();
  return webServer((request, response) => {
    const [, name = "", page = ""] = (request.url ?? "").split("/");
    const conf = readFile(join(fleet.home(name), "etc", "conf"), "utf8");
    const answer = async (): Promise<string> => {
      if (page === "stats") return JSON.stringify({ requests: served.get(name) ?? 0 });
      served.set(name, (served.get(name) ?? 0) + 1);
      if ((await conf).startsWith("new")) await sleep(slowMs);
      return "hello";
    };
    answer().then(
      (text) => response.writeHead(200).end(text),
      () => response.writeHead(500).end(),
    );
  });
}

const fix = `steps: [{ name: fix, touches: [ui], run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`;

describe("a fix that makes every answer slower, each with status 200 and the right text", () => {
  test.skipIf(!isLong)(`is halted by its control group, and taken back${longOnly}`, async () => {
    await using fleet = await smallFleet({ names });
    await using server = await servers(fleet);
    const plan = planText(
      `probes: [{ name: page, surface: ui, interval: 500ms, http: { url: "${server.url}/\${name}/", contains: hello } }]
metrics:
  - { name: wait, probe: page, of: time, interval: 250ms, compare: { with: control, worseBy: 50%, atLeast: 40ms, mode: gate } }
${fix}`,
      "bake: { settle: 200ms, stable: 3s, retry: 1s }",
    ).replace("batches: [1]", "batches: [5, 15]");
    const ran = await fleet.run(["apply", await fleet.writePlan(plan), "--json"]);
    expect({ exit: ran.exit, stderr: ran.stderr }).toEqual({ exit: 4, stderr: "" });
    expect(ran.events.filter((it) => it.type === "probe" && it["is"] !== "pass")).toEqual([]);
    expect(ran.events.find((it) => it.type === "control.compared")).toMatchObject({
      metric: "ui.wait",
      mode: "gate",
      is: "harm",
      instances: names.slice(0, 5),
      changed: { instances: 5 },
      control: { instances: 15 },
    });
    expect(ran.events.find((it) => it.type === "halted")?.["sentence"]).toMatch(
      /, at most 0 allowed; a\d\d is of a batch on which ui\.wait is worse than on instances not yet changed: [\d.]+ on 5 changed, [\d.]+ on 15 others, by chance in 1 of \d+ at most$/,
    );
    const confs = names.map((name) => readFile(join(fleet.home(name), "etc", "conf"), "utf8"));
    expect((await Promise.all(confs)).filter((text) => text.startsWith("new"))).toEqual([]);
  });
});

describe("a bake that waits for evidence", () => {
  test.skipIf(!isLong)(
    `ends once users have asked often enough, and pauses where they do not${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      await using server = await servers(fleet);
      const plan = (number: number): string =>
        planText(
          `probes: [{ name: page, surface: ui, interval: 100ms, http: { url: "${server.url}/\${name}/", contains: hello } }]
metrics:
  - { name: requests, surface: ui, as: counter, interval: 200ms, http: { url: "${server.url}/\${name}/stats", value: $.requests } }
${fix}`,
          `bake: { settle: 0s, stable: 500ms, retry: 500ms, until: { and: "ui.requests >= ${number}" }, deadline: 6s }`,
        );
      const enough = await fleet.run(["apply", await fleet.writePlan(plan(5)), "--json"]);
      expect({ exit: enough.exit, stderr: enough.stderr }).toEqual({ exit: 0, stderr: "" });
      const last = enough.events.findLast((it) => it.type === "bake.evidence");
      expect(last).toMatchObject({ metric: "ui.requests", enough: true });
      const paused = await fleet.run(["apply", await fleet.writePlan(plan(10_000)), "--json"]);
      expect(paused.exit).toBe(6);
      expect(paused.events.find((it) => it.type === "instance.inconclusive")).toMatchObject({
        failure: {
          code: "EVIDENCE_MISSING",
          message: expect.stringMatching(
            /after 6s, ui\.requests is \d+, and ui\.requests >= 10000 is/,
          ),
        },
      });
    },
  );
});

test.skipIf(!isLong).each([
  [2, 0, true],
  [5, 6, false],
] as const)(
  `a bake that waits for at most 3 lines in a log sees %d since the step, and ends with %d${longOnly}`,
  async (lines, exit, enough) => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const log = join(fleet.home("a1"), "app.log");
    await writeFile(log, "ERROR from long ago\n".repeat(20));
    const plan = planText(
      `probes: [{ name: errors, surface: ui, interval: 100ms, log: { path: "\${home}/app.log", not: ERROR, max: 9 } }]
metrics: [{ name: matches, probe: errors, interval: 200ms }]
steps: [{ name: fix, touches: [ui], run: 'for n in ${"1 2 3 4 5".slice(0, lines * 2 - 1)}; do echo "ERROR $n" >> "\${home}/app.log"; done', writes: ["\${home}/app.log"] }]`,
      `bake: { settle: 0s, stable: 500ms, retry: 500ms, until: { and: "errors.matches <= 3" }, deadline: 5s }`,
    );
    const ran = await fleet.run(["apply", await fleet.writePlan(plan), "--json"]);
    expect({ exit: ran.exit, stderr: ran.stderr }).toEqual({ exit, stderr: "" });
    expect(ran.events.findLast((it) => it.type === "bake.evidence")).toMatchObject({
      metric: "ui.matches",
      seen: lines,
      wanted: "errors.matches <= 3",
      enough,
    });
  },
);
