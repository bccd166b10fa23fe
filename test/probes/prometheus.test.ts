import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { prometheus } from "../../src/probes/prometheus.ts";
import { blackhole, closedPort, rawServer, webServer } from "./loopback-servers.ts";
import { controllerContext, probeShells, realContext, withoutTime } from "./probe-contexts.ts";

const ask = async (given: object, context = controllerContext()) =>
  withoutTime(
    await prometheus.ask(prometheus.args.parse({ query: "q", max: 5, ...given }), context),
  );

const says =
  (answer: unknown, status = 200): RequestListener =>
  (_, response) =>
    void response
      .writeHead(status, { "content-type": "application/json" })
      .end(typeof answer === "string" ? answer : JSON.stringify(answer));

const vector = (...values: (readonly [Record<string, string>, string])[]) => ({
  status: "success",
  data: {
    resultType: "vector",
    result: values.map(([metric, value]) => ({ metric, value: [1_700_000_000.1, value] })),
  },
});

test.each<[string, unknown, object, "pass" | "fail" | "error", string]>([
  ["a number within the limit", vector([{}, "3.5"]), {}, "pass", "3.5"],
  [
    "a scalar",
    { status: "success", data: { resultType: "scalar", result: [1, "5"] } },
    {},
    "pass",
    "5",
  ],
  [
    "a number over the limit",
    vector([{ job: "ui" }, "7"]),
    {},
    "fail",
    '{job="ui"} is 7, expected at most 5',
  ],
  ["a number under the limit", vector([{}, "-1"]), { min: 0 }, "fail", "-1, expected at least 0"],
  [
    "one series of many over it",
    vector([{ a: "1" }, "1"], [{ a: "2" }, "9"]),
    {},
    "fail",
    '{a="2"} is 9, expected at most 5',
  ],
  [
    "all series within it",
    vector([{ a: "1" }, "1"], [{ a: "2" }, "2"]),
    {},
    "pass",
    "2 series within the limits",
  ],
  ["no data", vector(), {}, "error", "no data: the query gives no series"],
  [
    "nothing divided by nothing",
    vector([{ a: "1" }, "NaN"]),
    {},
    "error",
    'no data: {a="1"} is not a number',
  ],
  ["infinity", vector([{}, "+Inf"]), {}, "fail", "Infinity, expected at most 5"],
  [
    "a query that is wrong",
    { status: "error", errorType: "bad_data", error: "parse error\u001b[2J" },
    {},
    "error",
    "Prometheus says: parse error\\x1b[2J",
  ],
  [
    "a range of values",
    { status: "success", data: { resultType: "matrix", result: [] } },
    {},
    "error",
    "status 200, and no answer to an instant query",
  ],
  ["another page", "<h1>Login</h1>", {}, "error", "status 200, and no answer to an instant query"],
])("%s", async (_, answer, given, is, because) => {
  await using server = await webServer(says(answer));
  // What number it gives is in values.test.ts.
  const { value: _value, ...said } = await ask({ server: server.url, ...given });
  expect(said).toEqual({ is, because });
});

test("the query arrives as it is written, below the server's path, also from the host", async () => {
  const seen: unknown[] = [];
  await using server = await webServer((request, response) => {
    const url = new URL(request.url ?? "", "http://x");
    seen.push([url.pathname, url.searchParams.get("query"), request.headers.authorization]);
    says(vector([{}, "1"]))(request, response);
  });
  const query = 'sum(rate(errors{instance="a:1"}[5m])) / 2 > 0';
  const headers = { Authorization: "Bearer s" };
  const given = { server: `${server.url}/prom/`, query, headers };
  expect(await ask(given)).toMatchObject({ is: "pass" });
  expect(await ask(given, realContext(probeShells[0]!))).toMatchObject({ is: "pass" });
  const arrived = ["/prom/api/v1/query", query, "Bearer s"];
  expect(seen).toEqual([arrived, arrived]);
});

test("trouble of Prometheus is never trouble of the service", async () => {
  await using down = await webServer(says("oh no", 503));
  await using hole = await blackhole();
  await using half = await rawServer((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")),
  );
  const nobody = `http://127.0.0.1:${await closedPort()}`;
  for (const server of [down.url, hole.url, half.url, nobody, "http://no-such-host.invalid"]) {
    expect([server, await ask({ server, timeout: "500ms" })]).toMatchObject([
      server,
      { is: "error" },
    ]);
  }
});

test.each<[object, string]>([
  [{ server: "http://x", query: "q" }, "needs min or max"],
  [{ server: "http://x", query: "q", min: 2, max: 1 }, "min must not be larger than max"],
  [{ server: "x:9090", query: "q", max: 1 }, "must begin with http://"],
])("the schema refuses %j", (given, message) => {
  expect(prometheus.args.safeParse(given).error?.message).toContain(message);
});
