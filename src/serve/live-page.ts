import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { HandrailError } from "../core/failure.ts";
import { oneLine } from "../core/printable.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord, Journals } from "../ports/journal.ts";
import { script as reportScript } from "../views/html/script.ts";
import { style } from "../views/html/style.ts";
import type { CommandWords } from "../views/next-commands.ts";
import { eventStream } from "./event-stream.ts";
import { followList } from "./followed-list.ts";
import { followRollout } from "./followed-rollout.ts";
import { refusal, type Refused } from "./guard-rails.ts";
import { isSame, type Keys } from "./keys.ts";
import { liveScript, openScript } from "./live-script.ts";
import { type LiveSource, liveSource } from "./live-source.ts";
import { liveStyle } from "./live-style.ts";
import { icon, listPage, rolloutPage } from "./pages.ts";
import { refusedPage, refusedStyle } from "./refused-page.ts";
import { type PageAnswer, pageVerbs, type PageWishes } from "./wishes.ts";

export interface LivePageOptions {
  readonly journals: Journals;
  readonly keys: Keys;
  /** What this server is called besides loopback's names: see `Rails`. */
  readonly names: readonly string[];
  /** How handrail and a plan are typed here. */
  readonly words: (records: readonly JournalRecord[]) => CommandWords;
  /** What the environment knows of a plan's secrets, by name. */
  readonly secrets: (state: RolloutState) => Readonly<Record<string, string>>;
  /** null: the page only looks. */
  readonly wishes: PageWishes | null;
  /** Aborts when the server ends. */
  readonly ending: AbortSignal;
  /** Told of what must not happen, for the terminal. */
  readonly onTrouble: (error: unknown) => void;
  /** Milliseconds since 1970; default: the clock of this machine. */
  readonly nowMs?: () => number;
  /** Between two looks at the journal; default half a second, as `status --watch`. */
  readonly pollMs?: number;
  /** Between two signs of life on a quiet line; default 10 s. */
  readonly beatMs?: number;
}

/** Pages that follow along at once, of all viewers together. */
const streamsMax = 64;
/** Rollouts that are kept in memory although nobody looks at them any more: journals can be long. */
const sourcesMax = 4;
/** Bytes of what a page may send: a reason and some names. */
const bodyMax = 4_096;
const pollMsDefault = 500;
const beatMsDefault = 10_000;
const stuckMs = 30_000;

type Env = { readonly Bindings: HttpBindings };
type Asked = Context<Env>;

const tokenSchema = z.strictObject({ token: z.string().max(200) });
const wishSchema = z.strictObject({
  verb: z.enum(pageVerbs),
  region: z.string().max(300).nullable(),
  reason: z.string().max(500),
  typed: z.string().max(2_000),
});

/** The live page over a journal: what answers each request. Only reads, but for wishes. */
export function livePage(options: LivePageOptions): Hono<Env> {
  const { journals, keys, names, wishes, ending } = options;
  const { pollMs = pollMsDefault, beatMs = beatMsDefault, nowMs = Date.now } = options;
  const root = `/${keys.place}/`;
  const around = () => ({
    root,
    page: wishes === null ? null : keys.page,
    beatMs,
    nowMs: nowMs(),
  });
  let version = 0;
  let streams = 0;

  const sourceOf = (look: Parameters<typeof liveSource>[0]["look"]): LiveSource =>
    liveSource({ look, pollMs, version: () => (version += 1), explain: reasonOf });
  const list = sourceOf(followList(journals));
  const rollouts = new Map<string, LiveSource>();

  function rolloutSource(id: string): LiveSource {
    const source =
      rollouts.get(id) ??
      sourceOf(
        followRollout({
          journals,
          id,
          words: options.words,
          secrets: options.secrets,
          nowMs,
          offers: wishes === null ? null : (seen) => wishes.offers(seen),
        }),
      );
    // The one that was asked for last comes last; the first ones that nobody watches go.
    rollouts.delete(id);
    rollouts.set(id, source);
    const idle = [...rollouts].filter(([name, it]) => !it.isWatched && name !== id);
    for (const [name] of idle.slice(0, Math.max(0, rollouts.size - sourcesMax)))
      rollouts.delete(name);
    return source;
  }

  function stream(c: Asked, source: LiveSource): Response {
    const type = { "content-type": "text/event-stream" };
    // Nobody would read its body, and so nobody would end it.
    if (c.req.method === "HEAD") return c.body(null, 200, type);
    if (streams >= streamsMax) return c.text("too many pages follow along already", 503);
    streams += 1;
    const { outgoing } = c.env;
    const have = Number(c.req.header("last-event-id") ?? c.req.query("have"));
    const body = eventStream({
      source,
      have: Number.isSafeInteger(have) && have > 0 ? have : 0,
      ending,
      nowMs,
      beatMs,
      stuckMs,
      drop: () => outgoing.destroy(),
      onEnd: () => (streams -= 1),
    });
    return c.body(body, 200, type);
  }

  const app = new Hono<Env>();
  app.use("*", async (c, next) => {
    for (const [name, value] of safeHeaders) c.header(name, value);
    const refused = refusal(asking(c, cookieName(c)), {
      names,
      keys,
      allowActions: wishes !== null,
    });
    if (refused !== null) return refuse(c, refused);
    return await next();
  });
  app.use("*", bodyLimit({ maxSize: bodyMax, onError: (c) => refuse(c, tooLarge) }));

  app.get(root, async (c) => c.html(listPage(await list.now(), around())));
  app.get(`${root}events`, async (c) => {
    await list.now();
    return stream(c, list);
  });
  app.get(`${root}rollouts/:id`, async (c) => {
    const { id } = c.req.param();
    return c.html(rolloutPage(id, await rolloutSource(id).now(), around()));
  });
  app.get(`${root}rollouts/:id/events`, async (c) => {
    const source = rolloutSource(c.req.param("id"));
    await source.now();
    return stream(c, source);
  });
  app.post(`${root}rollouts/:id/wishes`, async (c) => {
    const wish = wishSchema.safeParse(await json(c));
    if (!wish.success || wishes === null) return refuse(c, notUnderstood);
    const answer = await wishes.ask({ rollout: c.req.param("id"), ...wish.data });
    return c.json(answer, answer.is === "asked" ? 200 : 409);
  });
  app.post(`${root}session`, async (c) => {
    const given = tokenSchema.safeParse(await json(c));
    if (!given.success || !isSame(given.data.token, keys.token)) return refuse(c, wrongToken);
    setCookie(c, cookieName(c), keys.session, { httpOnly: true, sameSite: "Strict", path: root });
    return c.body(null, 204);
  });

  const file = (name: string, type: string, text: string): void => {
    app.get(`${root}${name}`, (c) => c.body(text, 200, { "content-type": type }));
  };
  file("style.css", "text/css; charset=utf-8", style + liveStyle);
  file("report.js", "text/javascript; charset=utf-8", reportScript);
  file("live.js", "text/javascript; charset=utf-8", liveScript);
  file("open.js", "text/javascript; charset=utf-8", openScript);
  file("icon.svg", "image/svg+xml", icon);

  app.notFound((c) => refuse(c, nothingHere));
  app.onError((error, c) => {
    if (error instanceof HandrailError) {
      const { code, message, hint } = error.failure;
      const status = code === "ROLLOUT_UNKNOWN" ? 404 : 500;
      return refuse(c, { status, says: `${message} (${code})`, next: hint });
    }
    options.onTrouble(error);
    return refuse(c, bug);
  });

  return app;

  function refuse(c: Context, refused: Refused): Response {
    const { status, says, next } = refused;
    if (status === 401) c.header("www-authenticate", 'Handrail realm="the address it printed"');
    const answer: PageAnswer = { is: "refused", says: `${says}; ${next}`, next: null };
    if (c.req.method === "POST") return c.json(answer, status);
    c.header("content-security-policy", policy(refusedStyle));
    const known = c.req.path.startsWith(root) && refused.isStranger !== true;
    return c.html(refusedPage(refused, { root: known ? root : null }), status);
  }
}

/** Cookies are shared by all ports of a host: each server has one of its own name. */
function cookieName(c: Context): string {
  const [, port = "80"] = /:(\d+)$/.exec(c.req.header("host") ?? "") ?? [];
  return `handrail-${port}`;
}

function asking(c: Asked, cookie: string) {
  const header = (name: string): string | null => c.req.header(name) ?? null;
  return {
    method: c.req.method,
    path: c.req.path,
    host: header("host"),
    origin: header("origin"),
    fetchSite: header("sec-fetch-site"),
    fetchMode: header("sec-fetch-mode"),
    contentType: header("content-type"),
    session: getCookie(c, cookie) ?? null,
    page: header("x-handrail-page"),
  };
}

function policy(styles: string): string {
  return `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/**
 * Nothing runs, loads or frames these pages but they themselves: no script in the text of a page, no
 * other page around it, no word of it to other servers, nothing of it in a cache.
 */
const safeHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", policy("'self'")],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["cache-control", "no-store"],
];

async function json(c: Asked): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (error) {
    // What is no JSON is nothing that a page of ours would send; anything else is a bug.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof HandrailError) return oneLine(error.failure.message);
  return oneLine(error instanceof Error ? error.message : String(error));
}

const tooLarge: Refused = {
  status: 413,
  says: "that is longer than anything this page sends",
  next: `keep it below ${bodyMax} bytes`,
};
const notUnderstood: Refused = {
  status: 400,
  says: "that is nothing that can be asked",
  next: "load the page again, and use its buttons",
};
const wrongToken: Refused = {
  status: 403,
  says: "this address is of another start of `handrail serve`, or not whole",
  next: "open the address that it printed last",
};
const nothingHere: Refused = {
  status: 404,
  says: "there is nothing at this address",
  next: "go to the list of rollouts",
};
const bug: Refused = {
  status: 500,
  says: "this is a bug in Handrail",
  next: "the terminal in which `handrail serve` runs says more; `handrail status` shows the rollout",
};
