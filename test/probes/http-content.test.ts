import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { matchesWithin, matchMsMax } from "../../src/probes/bounded-regex.ts";
import { cookieJar } from "../../src/probes/cookie-jar.ts";
import { http } from "../../src/probes/http.ts";
import { readJsonPath, valueAtJsonPath } from "../../src/probes/json-path.ts";
import { multipartBody } from "../../src/probes/multipart.ts";
import { webServer } from "./loopback-servers.ts";
import { controllerContext, withoutTime } from "./probe-contexts.ts";

const ask = async (given: object) =>
  withoutTime(await http.ask(http.args.parse(given), controllerContext()));

const says =
  (body: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(body);

const health = '{"status":"ok","queue":{"length":3},"items":[{"a b":1},{"state":"ready now"}]}';

describe("an answer is held against", () => {
  test.each<[string, string, object, "pass" | "fail" | "error", string]>([
    [
      "an expression",
      "id=4711",
      { matches: "^id=[0-9]+$" },
      "pass",
      "status 200, is like /^id=[0-9]+$/",
    ],
    [
      "an expression that nothing is like",
      "<h1>Login</h1>",
      { matches: "^id=" },
      "fail",
      'status 200, but nothing in the answer is like /^id=/; it begins "<h1>Login</h1>"',
    ],
    [
      "an expression on which an answer takes for ever",
      `${"a".repeat(40)}!`,
      { matches: "^(a+)+$" },
      "error",
      "status 200, but holding it against /^(a+)+$/ failed",
    ],
    [
      "values in JSON",
      health,
      { json: { "$.status": "ok", "$.queue.length": { max: 10 } } },
      "pass",
      'status 200, "$.status", "$.queue.length" as wanted',
    ],
    [
      "a value from the end of a list",
      health,
      { json: { "$.items[-1].state": { contains: "ready", matches: "now$" } } },
      "pass",
      'status 200, "$.items[-1].state" as wanted',
    ],
    [
      "a name with a space",
      health,
      { json: { "$.items[0]['a b']": 1 } },
      "pass",
      "status 200, \"$.items[0]['a b']\" as wanted",
    ],
    [
      "another value",
      health,
      { json: { "$.status": "up" } },
      "fail",
      'status 200, but $.status is "ok", expected "up"',
    ],
    [
      "a number that is too large",
      health,
      { json: { "$.queue.length": { min: 1, max: 2 } } },
      "fail",
      "status 200, but $.queue.length is 3, expected at most 2",
    ],
    [
      "a number where a text is",
      health,
      { json: { "$.status": { min: 1 } } },
      "fail",
      'status 200, but $.status is "ok", which is no number',
    ],
    [
      "a text where a number is",
      health,
      { json: { "$.queue.length": { contains: "3" } } },
      "fail",
      "status 200, but $.queue.length is 3, which is no text",
    ],
    [
      "a value that is not there",
      health,
      { json: { "$.toString": "x" } },
      "fail",
      "status 200, but $.toString is not there",
    ],
    [
      "a value that may not be there",
      health,
      { json: { "$.error": { exists: false } } },
      "pass",
      'status 200, "$.error" as wanted',
    ],
    [
      "a value that is there and may not",
      health,
      { json: { "$.status": { exists: false } } },
      "fail",
      'status 200, but $.status is "ok"',
    ],
  ])("%s", async (_, body, wanted, is, because) => {
    await using server = await webServer(says(body));
    expect(await ask({ url: server.url, ...wanted })).toEqual({ is, because });
  });

  test("JSON that is none: the wrong page with 200", async () => {
    await using server = await webServer(says("<h1>Login</h1>"));
    const answer = await ask({ url: server.url, json: { "$.status": "ok" } });
    expect(answer.is).toBe("fail");
    expect(answer.because).toContain("the answer is no JSON");
  });

  test("a time: an answer that is right and late fails, long before the timeout", async () => {
    await using server = await webServer((_, response) => {
      setTimeout(() => response.end("ok"), 120);
    });
    expect(await ask({ url: server.url, contains: "ok", within: "100ms" })).toMatchObject({
      is: "fail",
      because: expect.stringMatching(
        /^status 200, contains "ok", but in \d+ ms, expected within 100 ms$/,
      ),
    });
    expect(await ask({ url: server.url, contains: "ok", within: "4s" })).toMatchObject({
      is: "pass",
      because: expect.stringMatching(/^status 200, contains "ok", in \d+ ms$/),
    });
  });
});

/** Log in by a form, and be known by a cookie afterwards. */
const login: RequestListener = (request, response) => {
  if (request.url === "/login" && request.method === "POST") {
    response.writeHead(302, { location: "/page", "set-cookie": "session=s1; Path=/; HttpOnly" });
    response.end();
  } else if (request.url === "/logout") {
    response.writeHead(200, { "set-cookie": "session=; Max-Age=0; Path=/" }).end("bye");
  } else {
    response.end(request.headers.cookie === "session=s1" ? "Welcome back" : "Please log in");
  }
};

describe("a sequence of requests", () => {
  test("shares its cookies, so that a page behind a login can be looked at", async () => {
    await using server = await webServer(login);
    const sequence = [
      { url: `${server.url}/login`, method: "POST", body: "user=probe", status: 302 },
      { url: `${server.url}/page`, contains: "Welcome back" },
    ];
    expect(await ask({ sequence })).toEqual({
      is: "pass",
      because: '2 requests, the last: status 200, contains "Welcome back"',
    });
    expect(await ask({ url: `${server.url}/page`, contains: "Welcome back" })).toMatchObject({
      is: "fail",
    });
  });

  test("shares them with the redirects that it follows, and loses what a server takes back", async () => {
    await using server = await webServer(login);
    const sequence = [
      { url: `${server.url}/login`, body: "user=probe", redirects: 1, contains: "Welcome back" },
      { url: `${server.url}/logout` },
      { url: `${server.url}/page`, contains: "Welcome back" },
    ];
    expect(await ask({ sequence })).toEqual({
      is: "fail",
      because:
        'request 3 of 3 (/page): status 200, but "Welcome back" is not in the answer; it begins "Please log in"',
    });
  });

  test("ends at the first request that is not answered as wanted", async () => {
    const asked: unknown[] = [];
    await using server = await webServer((request, response) => {
      asked.push(request.url);
      response.writeHead(500).end();
    });
    const sequence = ["/a", "/b"].map((path) => ({ url: `${server.url}${path}` }));
    expect(await ask({ sequence })).toEqual({
      is: "fail",
      because: "request 1 of 2 (/a): status 500, expected any 2xx",
    });
    expect(asked).toEqual(["/a"]);
  });
});

test("redirects are followed as often as the plan says", async () => {
  let asked = 0;
  await using server = await webServer((_, response) => {
    asked += 1;
    response.writeHead(302, { location: "/again" }).end();
  });
  expect(await ask({ url: server.url, redirects: 2 })).toMatchObject({ is: "fail" });
  expect(asked).toBe(3);
});

test("a form with a file arrives as a browser would send it", async () => {
  let form: FormData | null = null;
  await using server = await webServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = { "content-type": request.headers["content-type"] ?? "" };
      void new Response(Buffer.concat(chunks), { headers }).formData().then((read) => {
        form = read;
        response.end("stored");
      });
    });
  });
  const multipart = [
    { name: "note", content: "büro" },
    { name: "file", filename: 'a "b".txt', type: "text/plain", size: 100_000 },
  ];
  expect(await ask({ url: server.url, multipart, contains: "stored" })).toMatchObject({
    is: "pass",
  });
  expect(form!.get("note")).toBe("büro");
  expect(form!.get("file")).toMatchObject({
    name: 'a "b".txt',
    type: "text/plain",
    size: 100_000,
  });
});

test("a boundary is never part of what it bounds", () => {
  const { body, type } = multipartBody([{ name: "a", content: "--handrail-boundary--" }]);
  const boundary = type.split("boundary=")[1]!;
  expect(body.split(`--${boundary}`)).toHaveLength(3);
});

function jarAfter(from: string, ...set: string[]) {
  const jar = cookieJar();
  jar.take(new URL(from), set);
  return (to: string) => jar.header(new URL(to));
}

describe("a jar of cookies", () => {
  test.each<[string, string, string, string]>([
    ["goes back to its host", "a=1", "http://x.example/p", "a=1"],
    ["and to no other", "a=1", "http://y.example/", ""],
    ["not below its host, unless it says so", "a=1", "http://www.x.example/", ""],
    ["below its domain", "a=1; Domain=x.example", "http://www.x.example/", "a=1"],
    [
      "for no domain that is not its server's own",
      "a=1; Domain=y.example",
      "http://y.example/",
      "",
    ],
    ["below its path", "a=1; Path=/in", "http://x.example/in/side", "a=1"],
    ["not beside its path", "a=1; Path=/in", "http://x.example/inside", ""],
    ["over TLS alone where it says so", "a=1; Secure", "http://x.example/", ""],
    ["over TLS", "a=1; Secure", "https://x.example/", "a=1"],
    [
      "until it is taken back",
      "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
      "http://x.example/",
      "",
    ],
    ["without a control character", "a=1\u0001", "http://x.example/", ""],
    ["with a name", "=1", "http://x.example/", ""],
  ])("gives a cookie %s", (_, set, to, header) => {
    expect(jarAfter("http://x.example/", set)(to)).toBe(header);
  });

  test("keeps the newer of two with one name, and no more than fifty", () => {
    expect(jarAfter("http://x.example/", "a=1", "a=2")("http://x.example/")).toBe("a=2");
    const many = Array.from({ length: 60 }, (_, at) => `c${at}=1`);
    expect(jarAfter("http://x.example/", ...many)("http://x.example/").split("; ")).toHaveLength(
      50,
    );
  });
});

test.each([
  ["$", []],
  ["$.a.b_c", ["a", "b_c"]],
  ["$[0][-1]", [0, -1]],
  ["$['it\\'s']", ["it's"]],
  ['$["a.b"].größe', ["a.b", "größe"]],
])("the path %s is read", (text, steps) => {
  expect(readJsonPath(text)).toEqual(steps);
});

test.each(["", "a", "$a", "$.", "$..a", "$[*]", "$.a[?@.b]", "$[01]", "$['a]", "$.a-b"])(
  "the path %j is none",
  (text) => {
    expect(typeof readJsonPath(text)).toBe("string");
  },
);

test("a path finds own values only", () => {
  expect(valueAtJsonPath({ a: [1, 2] }, ["a", "length"])).toBeUndefined();
  expect(valueAtJsonPath({ a: null }, ["a", "b"])).toBeUndefined();
  expect(valueAtJsonPath({ a: null }, ["a"])).toBeNull();
  expect(valueAtJsonPath({}, ["__proto__"])).toBeUndefined();
});

test("an expression that takes for ever is given up, and the process goes on", () => {
  expect(matchMsMax).toBeLessThan(1_000);
  expect(matchesWithin("(a*)*b", "a".repeat(64))).toBeNull();
  expect(matchesWithin("b$", "a\nb\nc")).toBe(true);
});

test("a file of authorities that can't be read tells nothing of the service", async () => {
  const folder = await mkdtemp(join(tmpdir(), "handrail-ca-"));
  const answer = await ask({ url: "https://127.0.0.1:1/", tls: { ca: join(folder, "none.pem") } });
  await rm(folder, { recursive: true });
  expect(answer.is).toBe("error");
  expect(answer.because).toContain("the file of `tls.ca` can't be read here: ENOENT");
});

test.each<[object, string]>([
  [{}, "must be there"],
  [{ url: "http://x", sequence: [{ url: "http://x" }] }, "belongs to a request of the sequence"],
  [{ status: 200, sequence: [{ url: "http://x" }] }, "belongs to a request of the sequence"],
  [{ sequence: [{ url: "http://x", method: "GET", body: "x" }] }, "GET and HEAD send no body"],
  [{ sequence: [{ contains: "x" }] }, "url"],
  [
    { url: "http://x", body: "x", multipart: [{ name: "a", content: "" }] },
    "only one of body and multipart",
  ],
  [{ url: "http://x", multipart: [{ name: "a" }] }, "either content or size"],
  [{ url: "http://x", method: "HEAD", contains: "x" }, "an answer to HEAD has no body"],
  [{ url: "http://x", matches: "(" }, "not a regular expression (Unterminated group)"],
  [{ url: "http://x", matches: "x*" }, "matches an empty text"],
  [{ url: "http://x", json: { status: 1 } }, "must begin with"],
  [{ url: "http://x", json: { "$.a": {} } }, "must ask for something"],
  [{ url: "https://x", tls: { ca: "ca.pem" } }, "must be an absolute path"],
  [{ url: "https://x", tls: { ca: "/ca.pem", insecure: true } }, "no certificate is checked"],
  [{ url: "http://x", redirects: 99 }, "redirects"],
])("the schema refuses %j", (given, message) => {
  expect(http.args.safeParse(given).error?.message).toContain(message);
});

test.each<[object, boolean]>([
  [{ url: "http://x", status: 200 }, false],
  [{ url: "http://x", notContains: "Exception" }, false],
  [{ url: "http://x", within: "1s" }, false],
  [{ url: "http://x", contains: "x" }, true],
  [{ url: "http://x", matches: "x" }, true],
  [{ url: "http://x", json: { "$.a": 1 } }, true],
  [{ url: "http://x", header: { etag: "x" } }, true],
  [{ sequence: [{ url: "http://x" }, { url: "http://x", contains: "x" }] }, true],
  [{ sequence: [{ url: "http://x" }] }, false],
])("%j covers a surface: %s", (given, covers) => {
  expect(http.unproved(http.args.parse(given)) === null).toBe(covers);
});

test("a certificate that is not checked is said to whoever reads the preview", () => {
  const given = { url: "https://x", tls: { insecure: true } };
  expect(http.caveats!(http.args.parse(given))).toEqual([
    "INSECURE: its certificate is not checked",
  ]);
  expect(http.caveats!(http.args.parse({ url: "https://x" }))).toEqual([]);
});
