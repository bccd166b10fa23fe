import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { signature, webhook, webhookWithin } from "../../src/notifiers/webhook.ts";
import { noticeJson } from "../../src/notifiers/notice-json.ts";
import { postTimeoutMs } from "../../src/notifiers/post-json.ts";
import type { Notice } from "../../src/ports/notifier.ts";
import { closedPort, webServer } from "../probes/loopback-servers.ts";

const notice: Notice = {
  id: "kb-4711-20261123-0312-7f3a.412.1",
  severity: "critical",
  plan: "kb-4711",
  written: null,
  kind: "halted",
  rollout: "kb-4711-20261123-0312-7f3a",
  at: "2026-11-23T03:12:44Z",
  text: 'cn01 halted: "uploads" fail.',
};
const never = new AbortController().signal;

test("posts the notice as JSON, with the headers of the plan", async () => {
  const seen: unknown[] = [];
  await using server = await webServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { authorization, "content-type": type } = request.headers;
      seen.push([request.method, request.url, type, authorization, JSON.parse(body)]);
      response.writeHead(204).end();
    });
  });
  const url = `${server.url}/hook`;
  await webhook.tell(webhook.args.parse(url), notice, never);
  const headers = { Authorization: "Bearer s" };
  await webhook.tell(webhook.args.parse({ url, headers }), notice, never);
  expect(seen).toEqual([
    ["POST", "/hook", "application/json", undefined, noticeJson(notice)],
    ["POST", "/hook", "application/json", "Bearer s", noticeJson(notice)],
  ]);
});

test.each([302, 404, 500])("status %s is not told, and the path stays secret", async (status) => {
  await using server = await webServer((_, response) => {
    response.writeHead(status, { location: "/other" }).end();
  });
  const given = webhook.args.parse(`${server.url}/T0P/S3CRET`);
  await expect(webhook.tell(given, notice, never)).rejects.toThrow(
    `the webhook at 127.0.0.1:${server.port} answered with status ${status}`,
  );
});

test("a refused connection is not told", async () => {
  const given = webhook.args.parse(`http://127.0.0.1:${await closedPort()}/S3CRET`);
  const told = webhook.tell(given, notice, never);
  await expect(told).rejects.toThrow(/was not told: connect ECONNREFUSED/);
  await expect(told).rejects.not.toThrow(/S3CRET/);
});

test("a server that never answers is given up in time", async () => {
  await using server = await webServer(() => undefined);
  const given = webhook.args.parse(server.url);
  await expect(webhookWithin(150).tell(given, notice, never)).rejects.toThrow(
    `the webhook at 127.0.0.1:${server.port} was not told: no answer within 150 ms`,
  );
  expect(postTimeoutMs).toBeLessThanOrEqual(10_000);
});

test("an abort ends the waiting at once", async () => {
  const stop = new AbortController();
  await using server = await webServer(() => stop.abort());
  const given = webhook.args.parse(server.url);
  await expect(webhook.tell(given, notice, stop.signal)).rejects.toThrow("was not told");
});

test("a signed notice can be verified by its id, its time and its body, and by nothing else", async () => {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  await using server = await webServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(204).end();
    });
  });
  const given = webhook.args.parse({ url: server.url, secret: "${secret.hook}" });
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  await webhook.tell({ ...given, secret }, notice, never);
  const [{ headers, body } = { headers: {}, body: "" }] = seen;
  expect(headers["webhook-id"]).toBe(notice.id);
  const sent = Number(headers["webhook-timestamp"]);
  expect(Math.abs(Date.now() / 1_000 - sent)).toBeLessThan(60);
  // As docs/notices.md tells a receiver to do it.
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const mac = (text: string) => `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
  const id = notice.id;
  expect(headers["webhook-signature"]).toBe(mac(`${id}.${sent}.${body}`));
  expect(headers["webhook-signature"]).not.toBe(mac(`${id}.${sent + 1}.${body}`));
  expect(headers["webhook-signature"]).not.toBe(mac(`${id}x.${sent}.${body}`));
  expect(headers["webhook-signature"]).not.toBe(mac(`${id}.${sent}.${body} `));
});

test("the signature is that of Standard Webhooks", () => {
  // The example of its specification.
  const signed = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: "1614265330",
    body: '{"test": 2432232314}',
  };
  expect(signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", signed)).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
  expect(signature("plain", signed)).not.toBe(signature("plain2", signed));
});

test("a body of the plan is posted in place of the notice", async () => {
  const seen: unknown[] = [];
  await using server = await webServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  const body = { content: 'it "halts"', tags: ["x", 1] };
  await webhook.tell(webhook.args.parse({ url: server.url, body }), notice, never);
  expect(seen).toEqual([body]);
});

test.each([
  "ftp://x",
  "x",
  5,
  { url: "https://x", header: {} },
  { url: "https://x", secret: "in the plan" },
  { url: "https://x", headers: { "Webhook-Id": "1" } },
  { url: "https://x", headers: { "content-type": "text/plain" } },
])("the schema refuses %j", (given) => {
  expect(webhook.args.safeParse(given).success).toBe(false);
});
