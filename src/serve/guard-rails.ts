import { isSame, type Keys } from "./keys.ts";

/** What a request says of itself, as far as it decides whether it is answered. null: it does not say. */
export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly host: string | null;
  readonly origin: string | null;
  /** Sec-Fetch-Site and Sec-Fetch-Mode (Fetch Metadata Request Headers, §2). */
  readonly fetchSite: string | null;
  readonly fetchMode: string | null;
  readonly contentType: string | null;
  /** Of the cookie. */
  readonly session: string | null;
  /** Of the header that only our own pages can send. */
  readonly page: string | null;
}

export interface Rails {
  /** What this server is called besides `loopbackNames`, without a port: names in lower case, IPv6 in brackets. */
  readonly names: readonly string[];
  readonly keys: Keys;
  readonly allowActions: boolean;
}

/** Why a request is not answered, for a person and for the protocol. */
export interface Refused {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 500;
  readonly says: string;
  /** What to do about it. */
  readonly next: string;
  /** Asked by a name that is not ours: a page of somebody else may read the answer. */
  readonly isStranger?: true;
}

/** What a browser calls the machine on which it runs itself: there a tunnel begins, whatever its port. */
const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** What is sent without a session: what a browser needs to open one. */
const openPaths = ["open.js", "icon.svg", "session"];

/**
 * Why this request is not answered; null: it may be. Whoever gets through has named this server as it
 * is called, has the session of its address, and, to change something, comes from a page of its own.
 */
export function refusal(asking: Asking, rails: Rails): Refused | null {
  const host = (asking.host ?? "").toLowerCase();
  const name = nameIn(host);
  if (name === null || ![...loopbackNames, ...rails.names].includes(name)) return otherHost(host);
  const root = `/${rails.keys.place}/`;
  if (!asking.path.startsWith(root)) return nothingHere;
  const within = asking.path.slice(root.length);
  const posts = within === "session" || within.endsWith("/wishes");
  if (posts ? asking.method !== "POST" : asking.method !== "GET" && asking.method !== "HEAD")
    return wrongMethod(asking.method, posts);
  if (!comesFromHere(asking, posts, host)) return foreign;
  if (openPaths.includes(within)) return posts ? wrongBody(asking) : null;
  if (asking.session === null || !isSame(asking.session, rails.keys.session)) return noSession;
  if (!posts) return null;
  if (asking.page === null || !isSame(asking.page, rails.keys.page)) return noPage;
  if (!rails.allowActions) return onlyLooks;
  return wrongBody(asking);
}

/**
 * The name of a Host header (RFC 9110 §7.2); null: it is none. Its port is not looked at: a foreign page that
 * points its own name to this machine is known by that name, and a tunnel may begin at any port.
 */
function nameIn(host: string): string | null {
  return /^(\[[\da-f:.]+\]|[^:[\]@/\s]+)(?::\d{1,5})?$/.exec(host)?.[1] ?? null;
}

/**
 * Another port of this machine is the same site for a browser, so nothing but "same-origin" will do:
 * only a person who follows a link may come from elsewhere. Browsers before 2023 send no Sec-Fetch-Site;
 * an Origin they send with every POST.
 */
function comesFromHere(asking: Asking, posts: boolean, host: string): boolean {
  const { origin, fetchSite, fetchMode } = asking;
  if (origin !== null && origin !== `http://${host}`) return false;
  if (posts) return origin !== null && (fetchSite === null || fetchSite === "same-origin");
  if (fetchSite === null || fetchSite === "same-origin" || fetchSite === "none") return true;
  return fetchMode === "navigate";
}

/** Names no name of this server: a foreign page that came here by a name of its own may read this. */
function otherHost(host: string): Refused {
  return {
    status: 403,
    says: `this server is not ${host === "" ? "one without a name" : `http://${host}`}`,
    next: "open the address that `handrail serve` printed; through a tunnel its name is 127.0.0.1 or localhost, and its port that of your end",
    isStranger: true,
  };
}

function wrongMethod(method: string, posts: boolean): Refused {
  return {
    status: 405,
    says: `${method} means nothing here`,
    next: posts ? "what changes something is sent by POST" : "pages are fetched by GET",
  };
}

function wrongBody({ contentType }: Asking): Refused | null {
  const type = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return null;
  return {
    status: 415,
    says: "what is sent here must be JSON",
    next: "use the buttons of the page",
  };
}

const nothingHere: Refused = {
  status: 404,
  says: "there is nothing at this address",
  next: "open the whole address that `handrail serve` printed",
};

const foreign: Refused = {
  status: 403,
  says: "this was asked by another page than one of this server",
  next: "open the address that `handrail serve` printed, and do it there",
};

const noSession: Refused = {
  status: 401,
  says: "this page opens only with the whole address that `handrail serve` printed",
  next: "go to the terminal in which it runs, and open that address, with all that stands behind the #",
};

const noPage: Refused = {
  status: 403,
  says: "this page is older than the server, or not of it",
  next: "load the page again",
};

const onlyLooks: Refused = {
  status: 403,
  says: "nothing can be asked from this page: the server was started without --allow-actions",
  next: "type the command in a terminal, or start `handrail serve --allow-actions`",
};
