import { expect, test } from "vitest";
import { slack, slackText, slackWithin } from "../../src/notifiers/slack.ts";
import type { Notice } from "../../src/ports/notifier.ts";
import { webServer } from "../probes/loopback-servers.ts";

const notice: Notice = {
  id: "kb-4711-20261123-0312-7f3a.412.1",
  kind: "halted",
  severity: "critical",
  rollout: "kb-4711-20261123-0312-7f3a",
  plan: "kb-4711",
  at: "2026-11-23T03:12:44Z",
  text: "cn01: <!channel> <https://evil.example|log in> @everyone & *more*",
  written: null,
};
const never = new AbortController().signal;

async function posted(told: Notice): Promise<unknown> {
  const seen: unknown[] = [];
  await using server = await webServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push(JSON.parse(body));
      response.end("ok");
    });
  });
  await slack.tell(slack.args.parse(server.url), told, never);
  return seen[0];
}

test("what a host printed calls nobody, and is no link", async () => {
  expect(await posted(notice)).toEqual({
    text: "[critical] cn01: &lt;!channel&gt; &lt;https://evil.example|log in&gt; @\u200beveryone &amp; *more*",
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  });
});

test("a template may use marks", async () => {
  const written = "*halted* <https://runbook.example|what to do>";
  expect(await posted({ ...notice, written })).toMatchObject({ text: written, mrkdwn: true });
});

test("a path can be copied as it is", () => {
  expect(slackText("/srv/alma_x/~tmp/*.jar deploy@laptop")).toBe(
    "/srv/alma_x/~tmp/*.jar deploy@laptop",
  );
});

test("an answer that is none of 2xx is not told, and the path stays secret", async () => {
  await using server = await webServer((_, response) => response.writeHead(404).end("no_service"));
  const told = slack.tell(slack.args.parse(`${server.url}/T0/S3CRET`), notice, never);
  await expect(told).rejects.toThrow(`Slack at 127.0.0.1:${server.port} answered with status 404`);
});

test("a server that never answers is given up in time, and at once on an abort", async () => {
  const stop = new AbortController();
  await using server = await webServer(() => stop.abort());
  const given = slack.args.parse(server.url);
  await expect(slack.tell(given, notice, stop.signal)).rejects.toThrow("was not told");
  await using silent = await webServer(() => undefined);
  await expect(slackWithin(150).tell(silent.url, notice, never)).rejects.toThrow(
    "no answer within 150 ms",
  );
});

test.each(["hooks.slack.com", "", 5, { url: "https://x" }])("the schema refuses %j", (given) => {
  expect(slack.args.safeParse(given).success).toBe(false);
});
