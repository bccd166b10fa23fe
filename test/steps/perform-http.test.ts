import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { http } from "../../src/steps/http.ts";
import { httpBodyBytesMax, performHttp } from "../../src/steps/perform-http.ts";
import { planFiles } from "./step-shells.ts";

const never = new AbortController().signal;

function requestTo(url: string, more: object = {}) {
  const orders = http.orders(http.args.parse({ url, ...more }), { env: {}, files: planFiles([]) });
  if (orders.do !== "http") throw new Error("an http step gives an http order");
  return orders.request;
}

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const url = await listen(server);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return `http://127.0.0.1:${address.port}`;
}

test("a request arrives as the plan says, once, and its answer is the result", async () => {
  const seen: unknown[] = [];
  await using server = await serve((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push([request.method, request.url, request.headers["x-key"], body]);
      response.writeHead(201).end("drained");
    });
  });
  const order = requestTo(`${server.url}/drain?a=1`, { headers: { "X-Key": "s" }, body: "b" });
  expect(await performHttp(order, { fetch, signal: never })).toEqual({
    kind: "result",
    value: { status: 201, expected: true, body: "drained" },
  });
  expect(seen).toEqual([["POST", "/drain?a=1", "s", "b"]]);
});

test.each([
  [200, undefined, true],
  [204, undefined, true],
  [404, undefined, false],
  [404, 404, true],
  [200, [201, 202], false],
  [302, undefined, false],
])("status %s where %j counts as done: expected is %s", async (status, wanted, expected) => {
  await using server = await serve((_, response) => {
    response.writeHead(status, { location: "/elsewhere" }).end();
  });
  const order = requestTo(server.url, wanted === undefined ? {} : { status: wanted });
  const answer = await performHttp(order, { fetch, signal: never });
  expect(answer).toMatchObject({ kind: "result", value: { status, expected } });
});

test("a long answer is cut, not collected", async () => {
  await using server = await serve((_, response) => response.end("x".repeat(1_000_000)));
  const answer = await performHttp(requestTo(server.url), { fetch, signal: never });
  if (answer.kind !== "result") throw new Error(answer.failure.message);
  expect(answer.value.body.length).toBe(httpBodyBytesMax);
});

test("a refused connection is provably not sent", async () => {
  const server = await serve(() => undefined);
  await server[Symbol.asyncDispose]();
  const answer = await performHttp(requestTo(server.url), { fetch, signal: never });
  expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "CONNECT_REFUSED" } });
});

test("a name that does not exist is provably not sent", async () => {
  const answer = await performHttp(requestTo("http://no-such-host.invalid/"), {
    fetch,
    signal: never,
  });
  expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "CONNECT_DNS" } });
});

test("a server that never answers leaves it unknown, in time", async () => {
  await using server = await serve(() => undefined);
  const answer = await performHttp(requestTo(server.url, { timeout: "150ms" }), {
    fetch,
    signal: never,
  });
  expect(answer).toMatchObject({
    kind: "unknown",
    failure: { code: "STEP_TIMEOUT", message: expect.stringContaining("within 150 ms") },
  });
});

test("a connection that breaks after the request leaves it unknown, and is not sent again", async () => {
  let asked = 0;
  const tcp = createTcpServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      asked += 1;
      socket.resetAndDestroy();
    });
  });
  const answer = await performHttp(requestTo(await listen(tcp)), { fetch, signal: never });
  expect(answer).toMatchObject({ kind: "unknown", failure: { code: "CONNECT_LOST" } });
  expect(asked).toBe(1);
  await new Promise((resolve) => tcp.close(resolve));
});

test("an abort while waiting leaves it unknown; before the request, not sent", async () => {
  const stop = new AbortController();
  await using server = await serve(() => stop.abort());
  const parts = { fetch, signal: stop.signal };
  expect(await performHttp(requestTo(server.url), parts)).toMatchObject({
    kind: "unknown",
    failure: { code: "STEP_INTERRUPTED" },
  });
  expect(await performHttp(requestTo(server.url), parts)).toMatchObject({
    kind: "not-sent",
    failure: { code: "STEP_INTERRUPTED" },
  });
});

test.each([
  ["http://fe80::1:8080/", {}],
  ["http://127.0.0.1:6667/", {}],
  ["http://127.0.0.1/", { headers: { "X-Key": "a\nb: c" } }],
])("a request to %s with %j that can't be made is not sent", async (url, more) => {
  const given = { url, ...more };
  const request = { ...requestTo("http://x"), ...given };
  const answer = await performHttp(request, { fetch, signal: never });
  expect(answer).toMatchObject({ kind: "not-sent", failure: { code: "STEP_INPUT" } });
});

test.each([
  { url: "http://${address}:${port}/api" },
  { url: "https://app.${domain}/" },
  { url: "${base}/drain" },
  { url: "http://x", status: [200, 404], body: "b" },
])("the schema takes %j", (given) => {
  expect(http.args.safeParse(given).error).toBeUndefined();
});

test.each([
  [{ url: "ftp://x/" }, "must begin with http:// or https:// and name a host"],
  [{ url: "x/y" }, "must begin with http:// or https:// and name a host"],
  [{ url: "http://x", method: "GET", body: "b" }, "GET and HEAD send no body"],
  [{ url: "http://x", timeout: 5 }, "must be a duration with a unit"],
  [{ url: "http://x", urll: "y" }, "urll"],
])("the schema refuses %j: %s", (given, message) => {
  expect(http.args.safeParse(given).error?.message).toContain(message);
});
