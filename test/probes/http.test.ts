import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { http, httpProbeBodyBytesMax } from "../../src/probes/http.ts";
import { blackhole, closedPort, rawServer, webServer } from "./loopback-servers.ts";
import { controllerContext, withoutTime } from "./probe-contexts.ts";

const ask = async (given: object, context = controllerContext()) =>
  withoutTime(await http.ask(http.args.parse(given), context));

const says =
  (status: number, body = "", headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

test.each<[string, RequestListener, object, string, string]>([
  ["a good page", says(200, "stored"), {}, "pass", "status 200"],
  ["any 2xx", says(204), {}, "pass", "status 204"],
  [
    "the text that is wanted",
    says(200, "file stored ok"),
    { contains: "stored" },
    "pass",
    'status 200, contains "stored"',
  ],
  [
    "a wrong page with 200",
    says(200, "<h1>Login</h1>"),
    { contains: "stored" },
    "fail",
    'status 200, but "stored" is not in the answer; it begins "<h1>Login</h1>"',
  ],
  [
    "a page that says error with 200",
    says(200, "an Exception occurred"),
    { notContains: "Exception" },
    "fail",
    'status 200, but "Exception" is in the answer',
  ],
  [
    "500 with a page",
    says(500, "oh no\u001b[2J"),
    {},
    "fail",
    'status 500, expected any 2xx; it begins "oh no\\x1b[2J"',
  ],
  ["500 that is wanted", says(500), { status: 500 }, "pass", "status 500"],
  ["one of several", says(404), { status: [200, 404] }, "pass", "status 404"],
  ["200 where 201 is wanted", says(200), { status: 201 }, "fail", "status 200, expected 201"],
  [
    "a redirect that is not followed",
    says(302, "", { location: "/login" }),
    {},
    "fail",
    'status 302 to "/login", expected any 2xx',
  ],
  [
    "a header that is wanted",
    says(200, "{}", { "Content-Type": "application/json" }),
    { header: { "content-type": "json" } },
    "pass",
    "status 200",
  ],
  [
    "a header of another kind",
    says(200, "x", { "content-type": "text/html" }),
    { header: { "Content-Type": "json" } },
    "fail",
    'header "Content-Type" is "text/html", and "json" is not in it',
  ],
  [
    "no such header",
    says(200, "x"),
    { header: { "X-Build": "4711" } },
    "fail",
    'status 200, but no header "X-Build"',
  ],
  [
    "a packed page whose text is asked for",
    says(200, "\u001f\u008b", { "content-encoding": "gzip" }),
    { contains: "x" },
    "error",
    'status 200, but the answer is packed as "gzip", so its text can\'t be read',
  ],
])("%s", async (_, listener, wanted, is, because) => {
  await using server = await webServer(listener);
  expect(await ask({ url: server.url, ...wanted })).toEqual({ is, because });
});

test("the request is what the plan says, over a connection of its own each time", async () => {
  const seen: unknown[] = [];
  const ports = new Set<number | undefined>();
  await using server = await webServer((request, response) => {
    ports.add(request.socket.remotePort);
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push([request.method, request.url, request.headers["x-a"], body]);
      response.end("ok");
    });
  });
  const given = { url: `${server.url}/up?x=1`, headers: { "X-A": "b" }, body: "hello" };
  await ask(given);
  await ask(given);
  expect(seen).toEqual([
    ["POST", "/up?x=1", "b", "hello"],
    ["POST", "/up?x=1", "b", "hello"],
  ]);
  expect(ports.size).toBe(2);
});

test("a refused connection fails: users are not served", async () => {
  const answer = await ask({ url: `http://127.0.0.1:${await closedPort()}/` });
  expect(answer.is).toBe("fail");
  expect(answer.because).toContain("connection refused: connect ECONNREFUSED");
});

test.each<[string, string, (socket: Socket) => void, string]>([
  [
    "a server that takes the connection and never answers",
    "200ms",
    () => undefined,
    "connected, but no answer within 200 ms",
  ],
  [
    "a connection that is reset after the request",
    "5s",
    (socket) => socket.once("data", () => socket.resetAndDestroy()),
    "connected, but the connection broke before an answer: read ECONNRESET",
  ],
  [
    "a connection that is closed without a word",
    "5s",
    (socket) => socket.once("data", () => socket.end()),
    "connected, but the connection broke before an answer: socket hang up",
  ],
  [
    "half an answer, then the end",
    "5s",
    (socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
    "the answer broke off after 4 bytes: aborted",
  ],
  [
    "half an answer, then nothing more",
    "200ms",
    (socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
    "the answer was not complete within 200 ms (4 bytes came)",
  ],
  [
    "one byte now and then",
    "300ms",
    (socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        const drip = setInterval(() => socket.write("."), 20);
        socket.once("close", () => clearInterval(drip));
      });
    },
    "the answer was not complete within 300 ms",
  ],
  [
    "something that speaks no HTTP",
    "5s",
    (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"),
    "connected, but the connection broke before an answer: Parse Error",
  ],
])("fails: %s", async (_, timeout, onConnection, because) => {
  await using server = await rawServer(onConnection);
  const answer = await ask({ url: server.url, timeout });
  expect(answer.is).toBe("fail");
  expect(answer.because.startsWith(because)).toBe(true);
});

test("a slow answer within the time passes", async () => {
  await using server = await webServer((_, response) => {
    setTimeout(() => response.end("ok"), 150);
  });
  expect(await ask({ url: server.url, timeout: "3s" })).toMatchObject({ is: "pass" });
});

test("a connection that never comes about is no verdict on the service", async () => {
  await using hole = await blackhole();
  expect(await ask({ url: hole.url, timeout: "300ms" })).toEqual({
    is: "error",
    because: "no connection within 300 ms",
  });
});

test("a name that can't be looked up is no verdict on the service", async () => {
  const answer = await ask({ url: "http://no-such-host.invalid/" });
  expect(answer.is).toBe("error");
  expect(answer.because).toContain("no connection: getaddrinfo");
});

test.each(["http://fe80::1:8080/", "not an address"])("%s can't be asked", async (url) => {
  const given = { ...http.args.parse({ url: "http://x" }), url };
  expect(withoutTime(await http.ask(given, controllerContext()))).toEqual({
    is: "error",
    because: `"${url}" is no http:// or https:// address`,
  });
});

test("an interrupted look is no verdict", async () => {
  const stop = new AbortController();
  await using server = await webServer(() => stop.abort());
  expect(await ask({ url: server.url }, controllerContext(stop.signal))).toEqual({
    is: "error",
    because: "interrupted before the answer",
  });
  expect(await ask({ url: server.url }, controllerContext(stop.signal))).toMatchObject({
    is: "error",
  });
});

test("TLS where there is none fails, and the words say so", async () => {
  await using server = await webServer(says(200));
  const answer = await ask({ url: server.url.replace("http:", "https:") });
  expect(answer.is).toBe("fail");
  expect(answer.because).toContain("connected, but no TLS");
});

const long = "x".repeat(httpProbeBodyBytesMax + 10);

test.each<[string, string, object, string, string]>([
  [
    "passes when the text is in what was read",
    `here ${long}`,
    { contains: "here" },
    "pass",
    "here",
  ],
  [
    "can't tell whether the text comes later",
    `${long} here`,
    { contains: "here" },
    "error",
    "longer",
  ],
  ["can't tell that a text is nowhere", long, { notContains: "y" }, "error", "longer"],
  [
    "fails on a text that is in what was read",
    `y${long}`,
    { notContains: "y" },
    "fail",
    '"y" is in',
  ],
  ["passes when no text is asked for", long, {}, "pass", "status 200"],
])("an answer longer than is read %s", async (_, body, wanted, is, because) => {
  await using server = await webServer(says(200, body));
  const answer = await ask({ url: server.url, ...wanted });
  expect(answer.is).toBe(is);
  expect(answer.because).toContain(because);
});

test("redirects are followed where asked for, and credentials stay with their server", async () => {
  const seen: unknown[] = [];
  await using other = await webServer((request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers["x-a"]]);
    response.end("arrived");
  });
  await using server = await webServer((request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers["x-a"]]);
    const to = request.url === "/" ? "/two" : other.url;
    response.writeHead(302, { location: to }).end();
  });
  const headers = { Authorization: "Bearer s", "X-A": "1" };
  const given = { url: server.url, headers, body: "b", redirects: true, contains: "arrived" };
  expect(await ask(given)).toMatchObject({ is: "pass" });
  expect(seen).toEqual([
    ["POST", "Bearer s", "1"],
    ["GET", "Bearer s", "1"],
    ["GET", undefined, "1"],
  ]);
});

test("redirects that never end are given up after five", async () => {
  let asked = 0;
  await using server = await webServer((_, response) => {
    asked += 1;
    response.writeHead(302, { location: "/again" }).end();
  });
  expect(await ask({ url: server.url, redirects: true })).toEqual({
    is: "fail",
    because: 'status 302 to "/again", expected any 2xx',
  });
  expect(asked).toBe(6);
});

test.each([
  [{ url: "ftp://x" }, "must begin with http:// or https://"],
  [{ url: "http://x", method: "GET", body: "x" }, "GET and HEAD send no body"],
  [{ url: "http://x", contain: "x" }, "contain"],
  [{ url: "http://x", timeout: 5 }, "must be a duration with a unit"],
])("the schema refuses %j: %s", (given, message) => {
  expect(http.args.safeParse(given).error?.message).toContain(message);
});
