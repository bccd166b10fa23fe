import { expect, test } from "vitest";
import { webhook, webhookTimeoutMs, webhookWithin } from "../../src/notifiers/webhook.ts";
import type { Notice } from "../../src/ports/notifier.ts";
import { closedPort, webServer } from "../probes/loopback-servers.ts";

const notice: Notice = {
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
    ["POST", "/hook", "application/json", undefined, notice],
    ["POST", "/hook", "application/json", "Bearer s", notice],
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
  expect(webhookTimeoutMs).toBeLessThanOrEqual(10_000);
});

test("an abort ends the waiting at once", async () => {
  const stop = new AbortController();
  await using server = await webServer(() => stop.abort());
  const given = webhook.args.parse(server.url);
  await expect(webhook.tell(given, notice, stop.signal)).rejects.toThrow("was not told");
});

test.each(["ftp://x", "x", 5, { url: "https://x", header: {} }])(
  "the schema refuses %j",
  (given) => {
    expect(webhook.args.safeParse(given).success).toBe(false);
  },
);
