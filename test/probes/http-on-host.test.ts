import { mkdir, symlink } from "node:fs/promises";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ProbeContext } from "../../src/ports/probe-kind.ts";
import { http } from "../../src/probes/http.ts";
import { describeWays } from "../support/long-suite.ts";
import { describeWith, programPath } from "../support/parts.ts";
import { blackhole, closedPort, rawServer, webServer } from "./loopback-servers.ts";
import {
  controllerContext,
  probeShells,
  realContext,
  temporaryFolder,
  withoutTime,
} from "./probe-contexts.ts";

// The same questions from the controller and from a host, which has curl, or GNU wget, or nothing but
// BusyBox. The verdicts must be the same, or "could not tell" where a tool tells too little.

type Is = "pass" | "fail" | "error";
type Tool = "curl" | "wget" | "busybox";

const [dash, busybox] = probeShells;
const tools: readonly { tool: Tool; shell: typeof dash; programs: readonly string[] }[] = [
  { tool: "curl", shell: dash, programs: ["curl", "head", "tail", "cat"] },
  { tool: "wget", shell: dash, programs: ["wget", "head", "tail", "cat", "sleep"] },
  { tool: "busybox", shell: busybox, programs: [] },
];

const says =
  (status: number, body = "", headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

const raw =
  (onRequest: (socket: Socket) => void) =>
  (socket: Socket): void =>
    void socket.once("data", () => onRequest(socket));

const half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
const long = "x".repeat(3 * 1024 * 1024);

/** `but`: what a tool says that can't tell as much as the controller. */
interface Case {
  readonly web?: RequestListener;
  readonly connection?: (socket: Socket) => void;
  readonly given?: object;
  readonly is: Is;
  readonly but?: Partial<Record<Tool, Is>>;
}

const cases: readonly (readonly [string, Case])[] = [
  ["a good page", { web: says(200, "stored"), given: { contains: "stored" }, is: "pass" }],
  ["a wrong page with 200", { web: says(200, "login"), given: { contains: "stored" }, is: "fail" }],
  ["500", { web: says(500, "oh no"), is: "fail" }],
  ["500 that is wanted", { web: says(500, "oh no"), given: { status: 500 }, is: "pass" }],
  [
    "the text of a 404",
    {
      web: says(404, "no such page"),
      given: { status: 404, contains: "no such" },
      is: "pass",
      but: { busybox: "error" },
    },
  ],
  ["a redirect", { web: says(302, "", { location: "/x" }), is: "fail", but: { busybox: "error" } }],
  [
    "a redirect that is followed",
    {
      web: (request, response) => {
        if (request.url === "/x") response.end("arrived");
        else response.writeHead(302, { location: "/x", "set-cookie": "a=1" }).end("wrong");
      },
      given: { redirects: true, contains: "arrived", notContains: "wrong" },
      is: "pass",
      but: { busybox: "error" },
    },
  ],
  [
    "a header",
    { web: says(200, "x", { etag: "abc" }), given: { header: { ETag: "b" } }, is: "pass" },
  ],
  ["no such header", { web: says(200, "x"), given: { header: { ETag: "b" } }, is: "fail" }],
  [
    "HEAD",
    {
      web: says(200, "", { etag: "abc" }),
      given: { method: "HEAD", header: { etag: "abc" } },
      is: "pass",
      but: { wget: "error", busybox: "error" },
    },
  ],
  [
    "PUT",
    {
      web: (request, response) =>
        void request.resume().on("end", () => response.end(`${request.method} done`)),
      given: { method: "PUT", body: "x", contains: "PUT done" },
      is: "pass",
      but: { busybox: "error" },
    },
  ],
  [
    "POST without a body",
    {
      web: (request, response) => response.end(request.method),
      given: { method: "POST", contains: "POST" },
      is: "pass",
      but: { busybox: "error" },
    },
  ],
  ["JSON", { web: says(200, '{"a":1}'), given: { json: { "$.a": 1 } }, is: "pass" }],
  ["an answer in time", { web: says(200, "x"), given: { within: "4s" }, is: "pass" }],
  [
    "an answer that is late",
    {
      web: (_, response) => void setTimeout(() => response.end("x"), 300),
      given: { within: "100ms" },
      is: "fail",
    },
  ],
  [
    "an answer that is too long",
    { web: says(200, long), given: { notContains: "y" }, is: "error" },
  ],
  ["a long answer that is right", { web: says(200, long), given: { contains: "x" }, is: "pass" }],
  [
    "a server that never answers",
    {
      connection: () => undefined,
      given: { timeout: "700ms" },
      is: "fail",
      but: { busybox: "error" },
    },
  ],
  [
    "half an answer, and the end",
    { connection: raw((socket) => socket.end(half)), given: { contains: "half" }, is: "fail" },
  ],
  [
    "half an answer, and nothing more",
    {
      connection: raw((socket) => socket.write(half)),
      given: { timeout: "1s", contains: "half" },
      is: "fail",
    },
  ],
  [
    "a connection that is closed without a word",
    { connection: raw((socket) => socket.end()), is: "fail" },
  ],
  [
    "no HTTP",
    {
      connection: raw((socket) => socket.end("SSH-2.0-x\r\n")),
      is: "fail",
      but: { wget: "error" },
    },
  ],
];

async function hostWith(
  { shell, programs }: (typeof tools)[number],
  more: Partial<ProbeContext> = {},
): Promise<AsyncDisposable & { readonly context: ProbeContext }> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "bin");
  await mkdir(path);
  for (const program of programs) await symlink(programPath(program)!, join(path, program));
  const real = realContext(shell!, more);
  return {
    context: {
      ...real,
      run: (order) => real.run({ ...order, env: { ...order.env, PATH: path } }),
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const ask = async (given: object, context: ProbeContext) =>
  withoutTime(await http.ask(http.args.parse(given), context));

describeWays(["curl", "wget", "busybox"], (tool) => {
  const host = tools.find((one) => one.tool === tool)!;
  describeWith([...host.programs, "busybox"], "from a host", () => {
    test.each(cases)("%s", async (_, { web, connection, given, is, but }) => {
      await using server = web === undefined ? await rawServer(connection!) : await webServer(web);
      await using there = await hostWith(host);
      const question = { url: `${server.url}/`, timeout: "5s", ...given };
      const fromHost = await ask(question, there.context);
      expect(fromHost).toMatchObject({ is: but?.[host.tool] ?? is, because: expect.any(String) });
      const fromController = await ask(question, controllerContext());
      expect(fromController).toMatchObject({ is });
    });

    test("nobody listens, no such name, no connection", async () => {
      await using there = await hostWith(host);
      await using hole = await blackhole();
      const refused = await ask({ url: `http://127.0.0.1:${await closedPort()}/` }, there.context);
      expect(refused).toMatchObject({
        is: "fail",
        because: expect.stringContaining("connection refused"),
      });
      expect(await ask({ url: "http://no-such-host.invalid/" }, there.context)).toMatchObject({
        is: "error",
      });
      expect(await ask({ url: hole.url, timeout: "700ms" }, there.context)).toMatchObject({
        is: "error",
      });
    });

    test("what is sent is what the plan says", async () => {
      const seen: unknown[] = [];
      await using server = await webServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          seen.push([
            request.method,
            request.url,
            request.headers["x-a"],
            request.headers["x-e"],
            Buffer.concat(chunks).toString(),
          ]);
          response.end("ok");
        });
      });
      await using there = await hostWith(host);
      const body = 'a "b" \\n $HOME `id`\n\t%{http_code} é';
      const given = {
        url: `${server.url}/up?x=1&y=[2]`,
        headers: { "X-A": "it's; $x", "X-E": "" },
        body,
      };
      expect(await ask(given, there.context)).toMatchObject({ is: "pass" });
      expect(seen).toEqual([["POST", "/up?x=1&y=[2]", "it's; $x", "", body]]);
    });

    test("a sequence keeps its cookies", async () => {
      await using server = await webServer((request, response) => {
        if (request.method === "POST") {
          response.writeHead(302, { location: "/", "set-cookie": "id=7; Path=/" }).end();
        } else {
          response.end(request.headers.cookie === "id=7" ? "Welcome" : "Please log in");
        }
      });
      await using there = await hostWith(host);
      const login = { url: `${server.url}/login`, body: "user=probe", status: 302 };
      const sequence = [login, { url: `${server.url}/files`, contains: "Welcome" }];
      expect(await ask({ sequence }, there.context)).toMatchObject({
        is: host.tool === "busybox" ? "error" : "pass",
      });
      expect(await ask({ sequence: sequence.slice(1) }, there.context)).toMatchObject({
        is: "fail",
      });
    });

    test("a secret is never a word of a command", async () => {
      const seen: unknown[] = [];
      await using server = await webServer((request, response) => {
        seen.push(request.headers.authorization);
        response.end("ok");
      });
      await using there = await hostWith(host, { env: { secret_token: "s3cret" } });
      const words: string[] = [];
      const spying: ProbeContext = {
        ...there.context,
        run: (order) => {
          words.push(...(order.args ?? []));
          return there.context.run(order);
        },
      };
      const headers = { Authorization: "Bearer s3cret" };
      const answer = await ask({ url: server.url, headers }, spying);
      expect(words.join(" ")).not.toContain("s3cret");
      const refused = { is: "error", because: expect.stringContaining("would show a secret") };
      expect(answer).toMatchObject(host.tool === "curl" ? { is: "pass" } : refused);
      expect(seen).toEqual(host.tool === "curl" ? ["Bearer s3cret"] : []);

      await using other = await hostWith(host, { env: { secret_token: "s3 cret" } });
      const inAddress = await ask({ url: `${server.url}/?t=s3 cret` }, other.context);
      expect(inAddress).toMatchObject(host.tool === "curl" ? { is: "pass" } : refused);
    });
  });
});

test("a host with neither tool says so, and it is no verdict", async () => {
  await using there = await hostWith({ tool: "curl", shell: dash, programs: ["head", "tail"] });
  expect(await ask({ url: "http://127.0.0.1:1/" }, there.context)).toEqual({
    is: "error",
    because: "neither curl nor wget is on the host",
  });
});

test("a header with a line break is not sent from a host", async () => {
  await using there = await hostWith(tools[0]!);
  const given = { url: "http://127.0.0.1:1/", headers: { "X-A": "1\r\nX-B: 2" } };
  expect(await ask(given, there.context)).toEqual({
    is: "error",
    because: "a header with a line break can't be sent",
  });
});
