import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryJournals } from "../../src/journals/memory.ts";
import { openServer, type LiveServer } from "../../src/serve/open-server.ts";
import type { PageWish } from "../../src/serve/wishes.ts";
import { drive } from "../support/drive.ts";
import { forwarder } from "../support/forwarder.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const rollout = "small-20260101-0000-0000";
const journals = memoryJournals({ clock: { wall: () => "2026-01-01T00:00:00.000Z" } });
const asked: PageWish[] = [];
const bugs: unknown[] = [];
let server: LiveServer;
let address: URL;
let setCookie: string;
let cookie: string;
let mark: string;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function open(path: string, { method = "GET", headers = {} }: Sent = {}, body = "") {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: address.port, path, method, headers, agent: false },
      resolve,
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

async function send(path: string, sent: Sent = {}): Promise<Answer> {
  const response = await open(path, sent, sent.body);
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

const at = (path: string): string => `${address.pathname}${path}`;
const wishes = (): string => at(`rollouts/${rollout}/wishes`);
const json = (more: Readonly<Record<string, string>> = {}) => ({
  origin: address.origin,
  "content-type": "application/json",
  ...more,
});
const pause = JSON.stringify({ verb: "pause", region: null, reason: "lunch", typed: "" });

beforeAll(async () => {
  const itinerary = { ...smallItinerary({ regions: { eu: [["eu1"], ["eu2"]] } }), rollout };
  const runner = { runner: "r", holder: "deploy@laptop, pid 4711" };
  const held = await journals.open({ rollout, inventory: "small", digest: "0", runner });
  if (held.kind !== "held") throw new Error("the journal is held");
  const by = "deploy@laptop";
  await held.session.append({ kind: "opened", itinerary, by, tool: "0.1.0", planFolder: "/" });
  for (const event of drive(itinerary, () => null).events.slice(0, 8))
    await held.session.append(event);
  server = await openServer({
    journals,
    host: "127.0.0.1",
    port: 0,
    secrets: () => ({}),
    words: () => ({}),
    wishes: {
      offers: () => [
        { verb: "pause", region: null, says: "it pauses", typed: [], needsReason: false },
      ],
      ask(wish) {
        asked.push(wish);
        const no = wish.reason === "no";
        return Promise.resolve({ is: no ? "refused" : "asked", says: "so it is", next: null });
      },
    },
    onTrouble: (error) => bugs.push(error),
    pollMs: 5,
    beatMs: 60_000,
  });
  address = new URL(server.address);
  const token = address.hash.slice("#token=".length);
  const opened = await send(at("session"), {
    method: "POST",
    headers: json(),
    body: JSON.stringify({ token }),
  });
  [setCookie = ""] = opened.headers["set-cookie"] ?? [];
  cookie = setCookie.split(";", 1)[0] ?? "";
  const page = await send(at(`rollouts/${rollout}`), { headers: { cookie } });
  mark = /name="handrail-page" content="([^"]+)"/.exec(page.text)?.[1] ?? "";
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe("the server of the live page", () => {
  test("lists rollouts, and shows each, with headers that keep its pages to themselves", async () => {
    const list = await send(at(""), { headers: { cookie } });
    expect([list.status, list.headers["content-type"]]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(list.text).toContain(`<a href="rollouts/${rollout}">`);
    expect(list.text).toContain("run by deploy@laptop, pid 4711");
    const page = await send(at(`rollouts/${rollout}`), { headers: { cookie } });
    expect(page.text).toContain("RUNNING");
    for (const [name, value] of Object.entries({
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(
        /default-src 'none'.*frame-ancestors 'none'/,
      ),
    }))
      expect(page.headers[name]).toEqual(value);
    expect(page.headers["access-control-allow-origin"]).toBe(undefined);
    expect(page.text).not.toMatch(/<script>|<style>| style="| on[a-z]+="/);
  });

  test("opens to a token and to nothing like it, and says what to do", async () => {
    const token = address.hash.slice("#token=".length);
    expect(setCookie.slice(cookie.length)).toBe(
      `; Path=${address.pathname}; HttpOnly; SameSite=Strict`,
    );
    expect(setCookie).not.toContain(token);
    const bodies = [
      JSON.stringify({ token: `${token}x` }),
      JSON.stringify({ token: "" }),
      JSON.stringify({ token, more: 1 }),
      JSON.stringify([token]),
      "{",
      "",
    ];
    for (const body of bodies) {
      const answer = await send(at("session"), { method: "POST", headers: json(), body });
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([403, undefined]);
      expect(answer.text).toContain("open the address that it printed last");
    }
    const page = await send(at(""));
    expect([page.status, page.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining("Handrail"),
    ]);
    expect(page.text).not.toContain(rollout);
  });

  test("answers to its own names only, whatever a name server says", async () => {
    for (const host of ["evil.example", `evil.example:${address.port}`, "0.0.0.0", "127.0.0.2:1"]) {
      const answer = await send(at(""), { headers: { cookie, host } });
      expect([answer.status, answer.headers["content-type"]]).toEqual([
        403,
        "text/html; charset=UTF-8",
      ]);
      expect(answer.text).toContain("What to do next");
      // A foreign page may read this: nothing in it leads here.
      expect(answer.text).not.toContain(address.pathname);
    }
    const host = `localhost:${address.port}`;
    expect((await send(at(""), { headers: { cookie, host } })).status).toBe(200);
    const odd = await send(at(""), { headers: { cookie, host: "a b" } });
    expect([400, 403]).toContain(odd.status);
  });

  test("serves a tunnel that begins at another port, and nobody else through it", async () => {
    await using tunnel = await forwarder(Number(address.port));
    const host = `localhost:${tunnel.port}`;
    const origin = `http://${host}`;
    const url = `http://127.0.0.1:${tunnel.port}${address.pathname}`;
    const token = address.hash.slice("#token=".length);
    const given = { "content-type": "application/json" };
    const through = (path: string, { method = "GET", headers = {} }: Sent, body?: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(`${url}${path}`, { method, headers, agent: false }, resolve);
        sent.once("error", reject);
        sent.end(body);
      });
    const status = async (...sent: Parameters<typeof through>) => {
      const response = await through(...sent);
      response.resume();
      return response.statusCode;
    };
    const login = (headers: Readonly<Record<string, string>>) =>
      through(
        "session",
        { method: "POST", headers: { ...given, ...headers } },
        JSON.stringify({ token }),
      );
    const opened = await login({ host, origin });
    const [session = ""] = opened.headers["set-cookie"] ?? [];
    // Named by the port that the browser knows, as it is the browser that keeps it.
    expect([opened.statusCode, session.startsWith(`handrail-${tunnel.port}=`)]).toEqual([
      204,
      true,
    ]);
    for (const foreign of [address.origin, "http://evil.example", `https://${host}`, "null"])
      expect((await login({ host, origin: foreign })).statusCode).toBe(403);
    expect((await login({ host: "evil.example", origin: "http://evil.example" })).statusCode).toBe(
      403,
    );
    const mine = { host, cookie: session.split(";", 1)[0] ?? "" };
    const page = await through(`rollouts/${rollout}`, { headers: mine });
    let text = "";
    for await (const piece of page.setEncoding("utf8")) text += piece;
    expect(text).toContain("RUNNING");
    const asks = (headers: Readonly<Record<string, string>>) =>
      status(
        `rollouts/${rollout}/wishes`,
        { method: "POST", headers: { ...given, ...mine, "x-handrail-page": mark, ...headers } },
        pause,
      );
    const before = asked.length;
    expect(await asks({ origin, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await asks({ origin: address.origin })).toBe(403);
    expect(await asks({ origin, "sec-fetch-site": "same-site" })).toBe(403);
    expect(asked).toHaveLength(before + 1);
    asked.length = before;
    const events = await through("events?have=999", { headers: mine });
    expect(events.statusCode).toBe(200);
    events.destroy();
  });

  test("passes a wish on as it was asked, and a refusal back", async () => {
    const headers = json({ cookie, "x-handrail-page": mark });
    const yes = await send(wishes(), { method: "POST", headers, body: pause });
    expect([yes.status, JSON.parse(yes.text)]).toEqual([
      200,
      { is: "asked", says: "so it is", next: null },
    ]);
    const body = pause.replace("lunch", "no");
    expect((await send(wishes(), { method: "POST", headers, body })).status).toBe(409);
    expect(asked).toMatchObject([
      { rollout, verb: "pause", reason: "lunch" },
      { rollout, verb: "pause", reason: "no" },
    ]);
  });

  test("takes no wish that is not whole, not known, or too long", async () => {
    const before = asked.length;
    const headers = json({ cookie, "x-handrail-page": mark });
    const wrong: readonly (readonly [string, number])[] = [
      ["", 400],
      ["[]", 400],
      [pause.replace("pause", "undo"), 400],
      [pause.replace("}", ',"more":1}'), 400],
      [pause.replace("lunch", "x".repeat(501)), 400],
      [pause.replace("lunch", "x".repeat(5_000)), 413],
    ];
    for (const [body, status] of wrong)
      expect([
        body.slice(0, 60),
        (await send(wishes(), { method: "POST", headers, body })).status,
      ]).toEqual([body.slice(0, 60), status]);
    const pieces = { ...headers, "transfer-encoding": "chunked" };
    const long = pause.replace("lunch", "x".repeat(50_000));
    const chunked = await send(wishes(), { method: "POST", headers: pieces, body: long });
    expect(chunked.status).toBe(413);
    const noMark = json({ cookie });
    expect((await send(wishes(), { method: "POST", headers: noMark, body: pause })).status).toBe(
      403,
    );
    expect(asked).toHaveLength(before);
  });

  test("reads no header without end", async () => {
    const answer = await send(at(""), { headers: { cookie, "x-long": "x".repeat(20_000) } });
    expect(answer.status).toBe(431);
  });

  test("says so where there is no such rollout, and shows no path of it as markup", async () => {
    const { status, text } = await send(at("rollouts/%3Cscript%3Ealert(1)"), {
      headers: { cookie },
    });
    expect(status).toBe(404);
    expect(text).toContain("No rollout &quot;&lt;script&gt;alert(1)&quot;");
    expect(text).not.toContain("<script>");
    expect((await send(at("rollouts/../../x"), { headers: { cookie } })).status).toBe(404);
  });

  test("lets so many pages follow along and no more, and has room again when they leave", async () => {
    const path = at(`rollouts/${rollout}/events`);
    const opened = await Promise.all(
      Array.from({ length: 64 }, () => open(path, { headers: { cookie } })),
    );
    expect(opened.every((it) => it.statusCode === 200)).toBe(true);
    expect((await send(path, { headers: { cookie } })).status).toBe(503);
    // Asked for its head only, a stream takes no place.
    const heads = { method: "HEAD", headers: { cookie } };
    for (let times = 0; times < 3; times += 1) expect((await send(path, heads)).status).toBe(200);
    for (const it of opened) it.destroy();
    for (let tries = 0; ; tries += 1) {
      const again = await open(path, { headers: { cookie } });
      again.destroy();
      if (again.statusCode === 200) break;
      expect(tries).toBeLessThan(200);
      await sleep(10);
    }
  });

  test("ends its pages with a last word when it ends", async () => {
    const other = await openServer({
      journals,
      host: "localhost",
      port: 0,
      secrets: () => ({}),
      words: () => ({}),
      wishes: null,
      onTrouble: (error) => bugs.push(error),
    });
    const { port, pathname, hash } = new URL(other.address);
    expect([other.isLoopback, other.isEverywhere, pathname === address.pathname]).toEqual([
      true,
      false,
      false,
    ]);
    const origin = `http://localhost:${port}`;
    const login = await fetch(`${origin}${pathname}session`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ token: hash.slice("#token=".length) }),
    });
    const [session = ""] = login.headers.getSetCookie();
    const events = await fetch(`${origin}${pathname}events?have=999`, {
      headers: { cookie: session.split(";", 1)[0] ?? "" },
    });
    await other[Symbol.asyncDispose]();
    expect(await events.text()).toBe("retry: 2000\n\nevent: bye\ndata: {}\n\n");
    await expect(fetch(origin)).rejects.toThrow("fetch failed");
    expect(bugs).toEqual([]);
  });
});
