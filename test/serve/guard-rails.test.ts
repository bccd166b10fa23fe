import { describe, expect, test } from "vitest";
import { type Asking, refusal } from "../../src/serve/guard-rails.ts";
import { isSame, newKeys } from "../../src/serve/keys.ts";

const keys = { token: "t".repeat(43), session: "s".repeat(43), page: "p".repeat(43), place: "pl" };
const names = ["box.example", "[fe80::1]"];

/** A browser that opened the address, and looks at a page. */
const looks: Asking = {
  method: "GET",
  path: "/pl/rollouts/fix-1",
  host: "127.0.0.1:4711",
  origin: null,
  fetchSite: "none",
  fetchMode: "navigate",
  contentType: null,
  session: keys.session,
  page: null,
};

/** The same browser asks for something, by a button of that page. */
const asks: Asking = {
  ...looks,
  method: "POST",
  path: "/pl/rollouts/fix-1/wishes",
  origin: "http://127.0.0.1:4711",
  fetchSite: "same-origin",
  fetchMode: "cors",
  contentType: "application/json",
  page: keys.page,
};

/** It has the address, and nothing else yet. */
const opens: Asking = { ...asks, path: "/pl/session", session: null, page: null };

type Case = readonly [says: string, from: Asking, change: Partial<Asking>, status: number | null];

const cases: readonly Case[] = [
  ["a page with the session", looks, {}, null],
  ["a page by HEAD", looks, { method: "HEAD" }, null],
  ["a page without a cookie", looks, { session: null }, 401],
  ["a page with an empty cookie", looks, { session: "" }, 401],
  ["a page with another session", looks, { session: "x".repeat(43) }, 401],
  ["a page with the token as its session", looks, { session: keys.token }, 401],
  ["a page with the beginning of the session", looks, { session: "s".repeat(42) }, 401],
  ["a page at another place", looks, { path: "/other/rollouts/fix-1" }, 404],
  ["a page at no place", looks, { path: "/" }, 404],
  ["the place without its slash", looks, { path: "/pl" }, 404],
  ["a page by localhost", looks, { host: "localhost:4711" }, null],
  ["a page by IPv6", looks, { host: "[::1]:4711" }, null],
  ["a host in capitals", looks, { host: "LOCALHOST:4711" }, null],
  ["no host", looks, { host: null }, 403],
  ["a name that a foreign server gave to this machine", looks, { host: "evil.example:4711" }, 403],
  ["a name that begins as ours", looks, { host: "localhost.evil.example:4711" }, 403],
  ["a name that ends as ours", looks, { host: "evil-box.example:4711" }, 403],
  ["a foreign name with ours as its login", looks, { host: "localhost@evil.example" }, 403],
  ["a name below localhost", looks, { host: "evil.localhost:4711" }, 403],
  ["every address", looks, { host: "0.0.0.0:4711" }, 403],
  ["another address of this machine", looks, { host: "127.0.0.2:4711" }, 403],
  ["two ports", looks, { host: "localhost:4711:80" }, 403],
  ["a port that is none", looks, { host: "localhost:x" }, 403],
  ["an address in IPv6 without brackets", looks, { host: "::1" }, 403],
  ["the name it was started with", looks, { host: "box.example:4711" }, null],
  ["the address it listens on", looks, { host: "[FE80::1]:4711" }, null],
  ["a tunnel that begins at another port", looks, { host: "127.0.0.1:80" }, null],
  ["a tunnel that begins at the port of http", looks, { host: "localhost" }, null],
  [
    "a fetch of a foreign page through the tunnel",
    looks,
    { host: "localhost:8000", origin: "http://localhost:4711" },
    403,
  ],
  ["a link on a foreign page", looks, { fetchSite: "cross-site" }, null],
  ["a script of a foreign page", looks, { fetchSite: "cross-site", fetchMode: "no-cors" }, 403],
  ["a script of another port", looks, { fetchSite: "same-site", fetchMode: "no-cors" }, 403],
  ["a fetch of another port", looks, { origin: "http://127.0.0.1:4712", fetchMode: "cors" }, 403],
  ["a fetch of an opaque origin", looks, { origin: "null" }, 403],
  ["a page by DELETE", looks, { method: "DELETE" }, 405],
  ["a page by POST", { ...asks, path: looks.path }, {}, 405],
  ["its preflight", looks, { method: "OPTIONS", origin: "http://evil.example" }, 405],
  ["the script that opens, without a session", looks, { path: "/pl/open.js", session: null }, null],
  ["the style without a session", looks, { path: "/pl/style.css", session: null }, 401],
  ["the script of the page without a session", looks, { path: "/pl/live.js", session: null }, 401],
  ["events without a session", looks, { path: "/pl/events", session: null }, 401],
  ["a wish", asks, {}, null],
  ["a wish by GET", asks, { method: "GET" }, 405],
  ["a wish with a charset", asks, { contentType: "Application/JSON; charset=utf-8" }, null],
  ["a wish of a browser without fetch metadata", asks, { fetchSite: null, fetchMode: null }, null],
  ["a wish without a session", asks, { session: null }, 401],
  ["a wish without the mark of the page", asks, { page: null }, 403],
  ["a wish with another mark", asks, { page: keys.session }, 403],
  ["a wish without an origin", asks, { origin: null }, 403],
  ["a wish of a foreign origin", asks, { origin: "http://evil.example" }, 403],
  ["a wish of another port", asks, { origin: "http://127.0.0.1:4712" }, 403],
  ["a wish of the same by another name", asks, { origin: "http://localhost:4711" }, 403],
  [
    "a wish through a tunnel",
    asks,
    { host: "localhost:8000", origin: "http://localhost:8000" },
    null,
  ],
  ["a wish through a tunnel, of its other end", asks, { host: "localhost:8000" }, 403],
  [
    "a wish of a foreign name that agrees with itself",
    asks,
    { host: "evil.example:4711", origin: "http://evil.example:4711" },
    403,
  ],
  ["a wish over https, which we have not", asks, { origin: "https://127.0.0.1:4711" }, 403],
  ["a wish of an opaque origin", asks, { origin: "null" }, 403],
  ["a wish that is cross-site all the same", asks, { fetchSite: "cross-site" }, 403],
  ["a wish of the same site", asks, { fetchSite: "same-site" }, 403],
  ["a wish as a form", asks, { contentType: "application/x-www-form-urlencoded" }, 415],
  ["a wish as plain text", asks, { contentType: "text/plain" }, 415],
  ["a wish of no type", asks, { contentType: null }, 415],
  ["the token", opens, {}, null],
  ["the token by GET", opens, { method: "GET", origin: null }, 405],
  ["the token of a foreign page", opens, { origin: "http://evil.example" }, 403],
  ["the token as a form", opens, { contentType: "text/plain" }, 415],
  ["the token at another place", opens, { path: "/other/session" }, 404],
];

describe("what the live page answers", () => {
  test.each(cases)("%s: %#", (_, from, change, status) => {
    const found = refusal({ ...from, ...change }, { names, keys, allowActions: true });
    expect(found?.status ?? null).toBe(status);
    const words = found === null ? [] : [found.says, found.next];
    expect(words.filter((it) => it.length < 10)).toEqual([]);
  });

  test("no wish at all where it was started without --allow-actions", () => {
    const found = refusal(asks, { names, keys, allowActions: false });
    expect(found).toMatchObject({ status: 403, next: expect.stringContaining("--allow-actions") });
    expect(refusal(looks, { names, keys, allowActions: false })).toBe(null);
  });

  test("a stranger's page that came by a name of its own is told no name of this server", () => {
    const found = refusal({ ...looks, host: "evil.example" }, { names, keys, allowActions: false });
    expect(found).toMatchObject({ status: 403, isStranger: true });
    expect(`${found?.says} ${found?.next}`).not.toMatch(/box\.example|fe80|4711|\/pl\//);
  });

  test("the keys of each start are others, and long enough that nobody guesses them", () => {
    const [one, other] = [newKeys(), newKeys()];
    const all = [...Object.values(one), ...Object.values(other)];
    expect(new Set(all).size).toBe(8);
    for (const key of [one.token, one.session, one.page]) expect(key).toMatch(/^[\w-]{43}$/);
    expect(one.place).toMatch(/^[\w-]{12}$/);
    expect([isSame(one.token, one.token), isSame(one.token, other.token)]).toEqual([true, false]);
    expect(isSame(one.token.slice(0, -1), one.token)).toBe(false);
  });
});
