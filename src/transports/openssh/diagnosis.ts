import type { Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import {
  connectionLost,
  hostKeyChanged,
  hostKeyRevoked,
  hostKeyUnknown,
  loginRefused,
  nameUnknown,
  refused,
  timedOut,
  unsupported,
  withDetail,
} from "../connect-failure.ts";

/**
 * What kept `ssh` from logging in, read from its own words in the C locale. The order matters: a
 * host key that fails is followed by lines about a closed connection, and a jump host's trouble by
 * the host's own. What no line explains is CONNECT_LOST with ssh's words as detail.
 */
export function diagnose(words: string, host: Host, timeoutMs: number): Failure {
  const line = lineWith(words);
  const reason = () => withoutPrefix(lastLine(words));
  for (const [pattern, failure] of findings(host, timeoutMs, words)) {
    const found = line(pattern);
    if (found !== null) return withDetail(failure(withoutPrefix(found)), words);
  }
  return withDetail(connectionLost(host, reason() || "ssh ended without a word"), words);
}

type Finding = readonly [RegExp, (line: string) => Failure];

function findings(host: Host, timeoutMs: number, words: string): readonly Finding[] {
  const name = keyName(words) ?? host.address;
  const file = keyFile(words) ?? "known_hosts";
  return [
    [/marked as revoked|REVOKED HOST KEY/, () => hostKeyRevoked(host, name, file)],
    [
      /HOST IDENTIFICATION HAS CHANGED|has changed and you have/,
      () => hostKeyChanged(host, name, file),
    ],
    [
      /host key is known for|authenticity of host/,
      () => hostKeyUnknown(host, name, "~/.ssh/known_hosts"),
    ],
    [/Host key verification failed/, () => hostKeyUnknown(host, name, file)],
    [
      /Bad configuration option|Bad owner or permissions|bad configuration options|[Cc]an't open user config/,
      fix(host),
    ],
    [/^\S*sh: .*(not found|No such file)/, () => noProgram(host)],
    [
      /Unable to negotiate/,
      (line) =>
        unsupported(
          host,
          line,
          "let the host offer newer algorithms, or allow its old ones in ~/.ssh/config",
        ),
    ],
    [
      /Permission denied|Too many authentication failures|No supported authentication/,
      (line) => loginRefused(host, [...identityTrouble(words), line].join("; ")),
    ],
    [/Could not resolve hostname|Name or service not known/, (line) => nameUnknown(host, line)],
    [
      /Connection refused|No route to host|Network is unreachable|administratively prohibited/,
      (line) => refused(host, line),
    ],
    [/timed out|Timeout, server/, () => timedOut(host, timeoutMs)],
  ];
}

function fix(host: Host): (line: string) => Failure {
  return (line) => unsupported(host, line, `correct the file; try: ssh -G -- ${host.address}`);
}

function noProgram(host: Host): Failure {
  const hint = "install OpenSSH's client, or give the host `via: ssh2` in the inventory";
  return unsupported(host, "there is no program `ssh` on this machine", hint);
}

/** The host as ssh looked it up in known_hosts; null where it does not say. */
function keyName(words: string): string | null {
  const known = /host key is known for (\S+) and/.exec(words)?.[1];
  const changed = /Host key for (\S+) has changed/.exec(words)?.[1];
  return known ?? changed ?? null;
}

/** "Offending ED25519 key in /path/known_hosts:3": the file; null where ssh does not say. */
function keyFile(words: string): string | null {
  return /(?:Offending .*key|revoked .*key|found) in (.*):\d+\s*$/m.exec(words)?.[1] ?? null;
}

/** What kept ssh from offering the key that the inventory names: what it says later is only what follows. */
function identityTrouble(words: string): readonly string[] {
  const missing = /Identity file (.+) not accessible: (.+?)\.?\r?$/m.exec(words);
  if (missing !== null) return [`identity "${missing[1]}" can't be used: ${missing[2]}`];
  const unread = /Load key "(.+)": (.+?)\r?$/m.exec(words);
  return unread === null ? [] : [`the key "${unread[1]}" can't be used: ${unread[2]}`];
}

function lineWith(words: string): (pattern: RegExp) => string | null {
  const lines = words.split(/\r?\n/);
  return (pattern) => lines.find((line) => pattern.test(line)) ?? null;
}

function lastLine(words: string): string {
  return words.trim().split(/\r?\n/).at(-1) ?? "";
}

/** ssh says "ssh: …" or "function_name: …"; the reader knows that it is ssh. */
function withoutPrefix(line: string): string {
  return line.replace(/^(ssh|[a-z]+(_[a-z]+)+): /, "").replace(/\.?\r?$/, "");
}
