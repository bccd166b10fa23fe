import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ProbeContext } from "../../src/ports/probe-kind.ts";
import { file } from "../../src/probes/file.ts";
import { http } from "../../src/probes/http.ts";
import { prometheus } from "../../src/probes/prometheus.ts";
import { run } from "../../src/probes/run.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { webServer } from "./loopback-servers.ts";
import { controllerContext, probeShells, realContext } from "./probe-contexts.ts";

/** A shell that is here; each kind is shown under all of them elsewhere. */
const shell = probeShells.find(({ missing }) => missing === null)!;

describe("an answer over http gives the number at `value`", () => {
  test.each<[string, string, Record<string, string>, number | undefined]>([
    ["a number in JSON", '{"a":{"requests":41.5}}', {}, 41.5],
    ["no such member", '{"b":1}', {}, undefined],
    ["a number written as text", '{"a":{"requests":"41"}}', {}, undefined],
    ["a number that no float can hold", '{"a":{"requests":1e999}}', {}, undefined],
    ["no JSON", "<h1>41</h1>", {}, undefined],
    [
      "an answer that is packed",
      '{"a":{"requests":1}}',
      { "content-encoding": "x-odd" },
      undefined,
    ],
  ])("%s", async (_what, body, headers, value) => {
    await using server = await webServer((_, response) =>
      response.writeHead(200, headers).end(body),
    );
    const given = http.args.parse({ url: server.url, value: "$.a.requests" });
    const answer = await http.ask(given, controllerContext());
    expect([answer.is, answer.value]).toEqual(["pass", value]);
  });

  test("also where the answer is not as wanted, and of the last request of a sequence", async () => {
    await using server = await webServer((request, response) =>
      response.writeHead(200).end(JSON.stringify({ n: request.url === "/login" ? 1 : 2 })),
    );
    const url = `${server.url}/page`;
    const unwanted = http.args.parse({ url, value: "$.n", contains: "hello" });
    expect(await http.ask(unwanted, controllerContext())).toMatchObject({ is: "fail", value: 2 });
    const sequence = http.args.parse({
      sequence: [
        { url: `${server.url}/login`, value: "$.n" },
        { url, value: "$.n" },
      ],
    });
    expect(await http.ask(sequence, controllerContext())).toMatchObject({ is: "pass", value: 2 });
  });
});

const vector = (...values: readonly string[]) => ({
  status: "success",
  data: {
    resultType: "vector",
    result: values.map((value, at) => ({ metric: { at: String(at) }, value: [1, value] })),
  },
});

describe("Prometheus gives the number of its one series", () => {
  test.each<[string, object, object, string, number | undefined]>([
    ["within its limit", vector("3.5"), { max: 5 }, "pass", 3.5],
    ["outside its limit", vector("7"), { max: 5 }, "fail", 7],
    ["without a limit, as a metric", vector("7"), {}, "pass", 7],
    ["none of several series", vector("1", "2"), {}, "pass", undefined],
    ["none of 0/0", vector("NaN"), {}, "error", undefined],
    ["none of infinity", vector("+Inf"), {}, "pass", undefined],
  ])("%s", async (_what, said, given, is, value) => {
    await using server = await webServer((_, response) => response.end(JSON.stringify(said)));
    const args = prometheus.measured!.parse({ server: server.url, query: "q", ...given });
    const answer = await prometheus.ask(args, controllerContext());
    expect([answer.is, answer.value]).toEqual([is, value]);
  });

  test("and as a probe it still needs a limit", () => {
    expect(prometheus.args.safeParse({ server: "http://x", query: "q" }).success).toBe(false);
  });
});

describe("a command gives the one number that it prints", () => {
  test.each<[string, number | undefined]>([
    ["echo 17", 17],
    ["printf ' -1.5e3\\n\\n'", -1500],
    ["echo 3; exit 1", 3],
    ["echo 1 2", undefined],
    ["echo 0x11", undefined],
    ["echo 1e999", undefined],
    ["true", undefined],
    ["echo 17 >&2", undefined],
  ])("%s: %s", async (command, value) => {
    const answer = await run.ask(run.args.parse(command), realContext(shell));
    expect(answer.value).toBe(value);
  });
});

describe("a file gives", () => {
  test.each<[string, object, number | undefined]>([
    ["how many entries are counted", { count: { min: 0, name: "*.tmp" } }, 2],
    ["its bytes where they are asked for", { path: "a.tmp", size: { min: 0 } }, 5],
    ["nothing where neither is", {}, undefined],
    ["nothing where it is not there", { path: "gone", size: { min: 0 } }, undefined],
  ])("%s", async (_what, { path = "", ...given }: { path?: string }, value) => {
    const folder = await mkdtemp(join(tmpdir(), "handrail-values-"));
    try {
      for (const name of ["a.tmp", "b.tmp", "c.log"]) await writeFile(join(folder, name), "12345");
      const context: ProbeContext = realContext(shell);
      const args = file.args.parse({ path: join(folder, path), ...given });
      expect((await file.ask(args, context)).value).toBe(value);
    } finally {
      await removeFolder(folder);
    }
  });

  test("a number to a metric only where the plan says which", () => {
    const both = "one of `count` and `size`";
    const asked = [{ count: { min: 0 } }, {}, { count: { min: 0 }, size: { min: 0 } }].map(
      (given) => file.unmeasured!(file.args.parse({ path: "/x", ...given }), false),
    );
    expect(asked).toEqual([null, both, both]);
  });
});
