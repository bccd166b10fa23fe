import type { ConfigTree } from "./config-files.ts";
import { matchesList } from "./known-hosts.ts";

/** What ssh_config(5) says for one host: keys in lower case, the first value of each. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

export type Lookup =
  | { readonly kind: "values"; readonly values: ConfigValues }
  /** A sentence about what only ssh itself can tell. */
  | { readonly kind: "unsupported"; readonly because: string };

export interface LookupOf {
  /** The name as given, before HostName. */
  readonly host: string;
  /** null: the config or the local user decides. */
  readonly user: string | null;
  readonly localUser: string;
}

/** Keys that add up instead of the first one winning. */
const repeated: ReadonlySet<string> = new Set(["identityfile", "certificatefile"]);

/** Looks up one host. Runs nothing and asks no name server: what would need that is unsupported. */
export function lookUp(tree: ConfigTree, of: LookupOf): Lookup {
  const values = new Map<string, readonly string[]>();
  if (of.user !== null) values.set("user", [of.user]);
  const because = walk(tree, values, of);
  return because === null ? { kind: "values", values } : { kind: "unsupported", because };
}

type Collected = Map<string, readonly string[]>;

/** Gives why it could not go on, or null. */
function walk(tree: ConfigTree, values: Collected, of: LookupOf): string | null {
  for (const node of tree) {
    switch (node.kind) {
      case "set": {
        const before = values.get(node.key);
        if (before === undefined) values.set(node.key, node.words);
        else if (repeated.has(node.key)) values.set(node.key, [...before, ...node.words]);
        break;
      }
      case "file": {
        const because = walk(node.body, values, of);
        if (because !== null) return because;
        break;
      }
      case "host": {
        if (!matchesList(node.patterns, of.host)) break;
        const because = walk(node.body, values, of);
        if (because !== null) return because;
        break;
      }
      case "match": {
        const match = matchHolds(node.words, values, of);
        if (match.kind === "unsupported") return match.because;
        const because = match.kind === "holds" ? walk(node.body, values, of) : null;
        if (because !== null) return because;
        break;
      }
    }
  }
  return null;
}

type MatchResult =
  | { readonly kind: "holds" }
  | { readonly kind: "fails" }
  | { readonly kind: "unsupported"; readonly because: string };

/** Criteria are judged in order, so one that we can't judge matters only where those before it hold. */
function matchHolds(words: readonly string[], values: Collected, of: LookupOf): MatchResult {
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? "").toLowerCase();
    const negated = word.startsWith("!");
    const criterion = negated ? word.slice(1) : word;
    // Only a second pass with a canonical name would make it hold, and there is none.
    if (criterion === "canonical") return { kind: negated ? "holds" : "fails" };
    if (criterion === "all") continue;
    const value = matchValue(criterion, values, of);
    if (value === null) {
      return { kind: "unsupported", because: `"Match ${criterion}" in the ssh config` };
    }
    at += 1;
    if (matchesList(words[at] ?? "", value) === negated) return { kind: "fails" };
  }
  return { kind: "holds" };
}

function matchValue(criterion: string, values: Collected, of: LookupOf): string | null {
  switch (criterion) {
    case "host":
      return values.get("hostname")?.[0]?.replaceAll("%h", of.host) ?? of.host;
    case "originalhost":
      return of.host;
    case "user":
      return values.get("user")?.[0] ?? of.localUser;
    case "localuser":
      return of.localUser;
    default:
      return null;
  }
}
