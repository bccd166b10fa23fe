import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { noticeFields, noticeKinds } from "../../src/core/plan/notice.ts";
import { signature } from "../../src/notifiers/webhook.ts";
import { notifierKinds } from "../../src/notifiers/registry.ts";
import { tempFolder } from "../cli/run-handrail.ts";

// docs/notices.md is what receivers are written from: its example must do what it says.

interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secret: string;
  readonly nowSeconds: number;
}

let page: string;
let isFromHandrail: (post: Post) => boolean;

beforeAll(async () => {
  page = await readFile(new URL("../../docs/notices.md", import.meta.url), "utf8");
  const [, program = ""] = /```js\n(.*?)```/s.exec(page) ?? [];
  await using folder = await tempFolder();
  const file = join(folder.path, "verify.mjs");
  await writeFile(file, program);
  ({ isFromHandrail } = await import(pathToFileURL(file).href));
});

const now = 1_795_000_000;

function post(secret: string, sentSeconds = now): Post {
  const body = '{"text":"ü"}';
  const signed = { id: "r.1.1", timestamp: String(sentSeconds), body };
  const headers = {
    "webhook-id": signed.id,
    "webhook-timestamp": signed.timestamp,
    "webhook-signature": signature(secret, signed),
  };
  return { headers, body, secret, nowSeconds: now };
}

function without(it: Post, header: string): Post {
  const headers = Object.entries(it.headers).filter(([name]) => name !== header);
  return { ...it, headers: Object.fromEntries(headers) };
}

describe.each(["plain text", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])("with %s", (secret) => {
  test("the page's program takes what Handrail signs, and lets a receiver change its secret", () => {
    expect(isFromHandrail(post(secret))).toBe(true);
    const two = post(secret);
    const other = `v1,AAAA ${two.headers["webhook-signature"]}`;
    const headers = { ...two.headers, "webhook-signature": other };
    expect(isFromHandrail({ ...two, headers })).toBe(true);
  });

  test.each<[string, (it: Post) => Post]>([
    ["another body", (it) => ({ ...it, body: `${it.body} ` })],
    ["another id", (it) => ({ ...it, headers: { ...it.headers, "webhook-id": "r.1.2" } })],
    ["another secret", (it) => ({ ...it, secret: `${it.secret}YWJj` })],
    ["no signature", (it) => without(it, "webhook-signature")],
    ["no time", (it) => without(it, "webhook-timestamp")],
    ["an old one, sent again", (it) => ({ ...it, nowSeconds: now + 301 })],
    ["one of a clock that is far ahead", (it) => ({ ...it, nowSeconds: now - 301 })],
  ])("the page's program refuses %s", (_, change) => {
    expect(isFromHandrail(change(post(secret)))).toBe(false);
  });
});

test("the page names every turn, every field and every receiver", () => {
  const named = [
    ...noticeKinds.map((kind) => `| \`${kind}\` |`),
    ...noticeFields.map((field) => `\${notice.${field}}`),
    ...notifierKinds.map(({ name }) => `**\`${name}: `),
  ];
  expect(named.filter((each) => !page.includes(each))).toEqual([]);
});
