/** Cookies and bytes of one that are kept (RFC 6265 §6.1 asks for at least these). */
const cookiesMax = 50;
const cookieBytesMax = 4096;

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Host that set it, or the domain that it named. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

export interface CookieJar {
  /** Takes what an answer from there sets (the values of its Set-Cookie headers). */
  take(from: URL, set: readonly string[]): void;
  /** The value of the Cookie header for a request to there; "" for none. */
  header(to: URL): string;
}

/**
 * What a browser would remember during one look: RFC 6265 §5.2 to §5.4 without ages, which one look
 * does not live long enough to see, but for the ways to take a cookie back.
 */
export function cookieJar(): CookieJar {
  let cookies: readonly Cookie[] = [];
  return {
    take(from, set) {
      for (const text of set) {
        const read = readCookie(from, text);
        if (read === null) continue;
        const { cookie, gone } = read;
        const others = cookies.filter((one) => !isSame(one, cookie));
        cookies = gone ? others : [...others, cookie].slice(-cookiesMax);
      }
    },
    header: (to) =>
      cookies
        .filter((cookie) => goesTo(cookie, to))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join("; "),
  };
}

function readCookie(from: URL, text: string): { cookie: Cookie; gone: boolean } | null {
  // A header may hold no control characters, and so may not what is sent back.
  if (text.length > cookieBytesMax || /[\p{Cc}]/u.test(text)) return null;
  const [pair = "", ...attributes] = text.split(";");
  const equals = pair.indexOf("=");
  if (equals < 1) return null;
  const given = new Map(
    attributes.map((attribute): [string, string] => {
      const [key = "", ...value] = attribute.split("=");
      return [key.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const host = from.hostname.toLowerCase();
  const domain = (given.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  // A server may only speak for itself, and for a domain that it belongs to.
  if (domain !== "" && !belongsTo(host, domain)) return null;
  const path = given.get("path") ?? "";
  const maxAge = given.get("max-age");
  const expires = Date.parse(given.get("expires") ?? "");
  return {
    cookie: {
      name: pair.slice(0, equals).trim(),
      value: pair.slice(equals + 1).trim(),
      domain: domain === "" ? host : domain,
      hostOnly: domain === "",
      path: path.startsWith("/") ? path : folderOf(from.pathname),
      secure: given.has("secure"),
    },
    gone:
      maxAge !== undefined && /^-?\d+$/.test(maxAge) ? Number(maxAge) <= 0 : expires <= longGone,
  };
}

/** Servers take a cookie back by a date in the past; what ends today may well be meant. */
const longGone = Date.UTC(2000, 0, 1);

function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end <= 0 ? "/" : path.slice(0, end);
}

function isSame(a: Cookie, b: Cookie): boolean {
  return a.name === b.name && a.domain === b.domain && a.path === b.path;
}

function belongsTo(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !/^[\d.]+$|:/.test(host));
}

function goesTo(cookie: Cookie, to: URL): boolean {
  const host = to.hostname.toLowerCase();
  const here = cookie.hostOnly ? host === cookie.domain : belongsTo(host, cookie.domain);
  const { path } = cookie;
  const below =
    to.pathname === path ||
    (to.pathname.startsWith(path) && (path.endsWith("/") || to.pathname[path.length] === "/"));
  return here && below && (!cookie.secure || to.protocol === "https:");
}
