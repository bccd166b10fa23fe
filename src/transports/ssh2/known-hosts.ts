import { createHmac } from "node:crypto";

/** One usable line of a known_hosts file: sshd(8), section "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHost {
  readonly marker: "key" | "authority" | "revoked";
  /** The first field as written: patterns with commas, or one hashed name. */
  readonly names: string;
  /** E.g. "ssh-ed25519". */
  readonly type: string;
  /** The key in base64. */
  readonly blob: string;
  readonly file: string;
}

export type KeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  /** Another key of the same type is known for the name. */
  | { readonly kind: "changed"; readonly file: string }
  | { readonly kind: "revoked"; readonly file: string }
  /** No key is known, but an authority whose certificates would be believed. */
  | { readonly kind: "authority"; readonly file: string };

/** Reads a file's lines. What is no such line is passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  const found: KnownHost[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === "" || words[0]?.startsWith("#") === true) continue;
    const marker = markers.get(words[0] ?? "");
    // A marker that we don't know may forbid something: the line gives no right then.
    if (words[0]?.startsWith("@") === true && marker === undefined) continue;
    const [names, type, blob] = marker === undefined ? words : words.slice(1);
    if (names === undefined || type === undefined || blob === undefined) continue;
    found.push({ marker: marker ?? "key", names, type, blob, file });
  }
  return found;
}

const markers: ReadonlyMap<string, KnownHost["marker"]> = new Map([
  ["@cert-authority", "authority"],
  ["@revoked", "revoked"],
]);

/** How known_hosts spells a host: the bare name on port 22, `[name]:port` elsewhere. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Types of the keys that are known under any of the names: these are worth asking a server for. */
export function knownTypes(lines: readonly KnownHost[], names: readonly string[]): Set<string> {
  const keys = lines.filter((line) => line.marker === "key" && fitsAny(line, names));
  return new Set(keys.map((line) => line.type));
}

/**
 * Judges the key that a server offers.
 *
 * @param names the host's names, the most telling first; a later one counts only where the lines
 *   have nothing for those before it (ssh, too, tries a name with port, then without).
 * @param key the key as the server sent it, in the encoding of RFC 4253 §6.6.
 */
export function judgeHostKey(
  lines: readonly KnownHost[],
  names: readonly string[],
  key: Uint8Array,
): KeyVerdict {
  const blob = Buffer.from(key).toString("base64");
  const type = keyType(key);
  const revoked = lines.find(
    (line) => line.marker === "revoked" && sameKey(line.blob, blob) && fitsAny(line, names),
  );
  if (revoked !== undefined) return { kind: "revoked", file: revoked.file };
  for (const name of names) {
    const own = lines.filter((line) => line.marker === "key" && fits(line.names, name));
    if (own.some((line) => sameKey(line.blob, blob))) return { kind: "known" };
    const other = own.find((line) => line.type === type);
    if (other !== undefined) return { kind: "changed", file: other.file };
  }
  const authority = lines.find((line) => line.marker === "authority" && fitsAny(line, names));
  if (authority !== undefined) return { kind: "authority", file: authority.file };
  return { kind: "unknown" };
}

function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  return bytes.length < 4 ? "" : bytes.toString("latin1", 4, 4 + bytes.readUInt32BE(0));
}

function sameKey(one: string, other: string): boolean {
  return one.replace(/=+$/, "") === other.replace(/=+$/, "");
}

function fitsAny(line: KnownHost, names: readonly string[]): boolean {
  return names.some((name) => fits(line.names, name));
}

function fits(patterns: string, name: string): boolean {
  return patterns.startsWith("|1|") ? fitsHash(patterns, name) : matchesList(patterns, name);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function fitsHash(field: string, name: string): boolean {
  const [, , salt = "", hash = ""] = field.split("|");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

/**
 * Whether a pattern list of ssh_config(5), PATTERNS, takes a value in: `*`, `?`, and `!` before a
 * pattern that rules it out whatever else fits.
 */
export function matchesList(patterns: string | readonly string[], value: string): boolean {
  const list = typeof patterns === "string" ? patterns.split(",") : patterns;
  const lower = value.toLowerCase();
  const hits = list.map((each) => each.toLowerCase()).filter((each) => matches(each, lower));
  return hits.length > 0 && !hits.some((each) => each.startsWith("!"));
}

function matches(pattern: string, value: string): boolean {
  const bare = pattern.replace(/^!/, "");
  const source = bare.replaceAll(/[\\^$.|+()[\]{}/-]/g, "\\$&");
  return new RegExp(`^${source.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`, "s").test(value);
}
