import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  judgeHostKey,
  knownHostsName,
  knownTypes,
  matchesList,
  parseKnownHosts,
} from "../../src/transports/ssh2/known-hosts.ts";

/** A key in the encoding of RFC 4253 §6.6: its type, then what tells it from others. */
function key(type: string, content: string): Buffer {
  const parts = [type, content].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    return [length, Buffer.from(part)];
  });
  return Buffer.concat(parts);
}

const ours = key("ssh-ed25519", "ours");
const other = key("ssh-ed25519", "other");
const rsa = key("ssh-rsa", "rsa");
const line = (names: string, of: Buffer, type = "ssh-ed25519") =>
  `${names} ${type} ${of.toString("base64")}`;
const hashed = (name: string, salt = Buffer.from("0123456789abcdefghij")) => {
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
};

describe("a host key is judged", () => {
  const plain = ["ap01.example.com"];
  const withPort = ["[ap01.example.com]:2222", "ap01.example.com"];
  test.each([
    ["known by its name", line("ap01.example.com", ours), plain, "known"],
    ["known by one of several names", line("x,ap01.example.com,10.0.0.1", ours), plain, "known"],
    ["known in any case of letters", line("AP01.Example.COM", ours), plain, "known"],
    ["known by a wildcard", line("*.example.com", ours), plain, "known"],
    ["known by a single wild letter", line("ap0?.example.com", ours), plain, "known"],
    ["not known where a name is ruled out", line("*.example.com,!ap01.*", ours), plain, "unknown"],
    ["not known by a part of its name", line("example.com", ours), plain, "unknown"],
    [
      "not known where a dot stands for any letter",
      line("ap01xexample.com", ours),
      plain,
      "unknown",
    ],
    ["known by a hashed name", line(hashed("ap01.example.com"), ours), plain, "known"],
    [
      "not known by another's hashed name",
      line(hashed("ap02.example.com"), ours),
      plain,
      "unknown",
    ],
    ["known with its port", line("[ap01.example.com]:2222", ours), withPort, "known"],
    [
      "known with its port, hashed",
      line(hashed("[ap01.example.com]:2222"), ours),
      withPort,
      "known",
    ],
    ["not known by another port", line("[ap01.example.com]:2223", ours), withPort, "unknown"],
    ["known without its port, as ssh allows", line("ap01.example.com", ours), withPort, "known"],
    [
      "changed when another of its type is known",
      line("ap01.example.com", other),
      plain,
      "changed",
    ],
    [
      "unknown when only another type is known",
      line("ap01.example.com", rsa, "ssh-rsa"),
      plain,
      "unknown",
    ],
    [
      "known beside an older one",
      `${line("ap01.example.com", other)}\n${line("ap01.example.com", ours)}`,
      plain,
      "known",
    ],
    [
      "changed for its port, whatever the bare name has",
      `${line("[ap01.example.com]:2222", other)}\n${line("ap01.example.com", ours)}`,
      withPort,
      "changed",
    ],
    [
      "revoked, though it is known too",
      `${line("ap01.example.com", ours)}\n@revoked ${line("*", ours)}`,
      plain,
      "revoked",
    ],
    [
      "known when another one is revoked",
      `${line("ap01.example.com", ours)}\n@revoked ${line("*", other)}`,
      plain,
      "known",
    ],
    [
      "known by an authority only",
      `@cert-authority ${line("*.example.com", other)}`,
      plain,
      "authority",
    ],
    [
      "never known by an authority's own key",
      `@cert-authority ${line("*", ours)}`,
      plain,
      "authority",
    ],
    ["unknown in an empty file", "", plain, "unknown"],
    ["unknown by a comment", `# ${line("ap01.example.com", ours)}`, plain, "unknown"],
    [
      "unknown by a marker that nobody knows",
      `@maybe ${line("ap01.example.com", ours)}`,
      plain,
      "unknown",
    ],
    ["unknown by a torn line", "ap01.example.com ssh-ed25519", plain, "unknown"],
    [
      "known with tabs, a comment and a carriage return",
      `\tap01.example.com\tssh-ed25519  ${ours.toString("base64")} me@there\r`,
      plain,
      "known",
    ],
  ])("%s", (_name, text, names, verdict) => {
    const lines = parseKnownHosts(text, "known_hosts");
    expect(judgeHostKey(lines, names, ours).kind).toBe(verdict);
  });

  test("and the file that speaks against it is named", () => {
    const lines = parseKnownHosts(line("ap01.example.com", other), "/home/me/known");
    expect(judgeHostKey(lines, plain, ours)).toEqual({ kind: "changed", file: "/home/me/known" });
  });

  test("a key too short to have a type is unknown", () => {
    const lines = parseKnownHosts(line("ap01.example.com", ours), "known_hosts");
    expect(judgeHostKey(lines, plain, Buffer.from([0, 1])).kind).toBe("unknown");
  });
});

test("names are spelled as ssh spells them", () => {
  expect(knownHostsName("AP01", 22)).toBe("ap01");
  expect(knownHostsName("::1", 2222)).toBe("[::1]:2222");
});

test("the types known for a host are those of its plain keys", () => {
  const text = [
    line("ap01", ours),
    line("ap01", rsa, "ssh-rsa"),
    `@revoked ${line("ap01", other, "ecdsa-sha2-nistp256")}`,
    line("ap02", other, "ecdsa-sha2-nistp256"),
  ].join("\n");
  const types = knownTypes(parseKnownHosts(text, "known_hosts"), ["ap01"]);
  expect([...types].sort()).toEqual(["ssh-ed25519", "ssh-rsa"]);
});

test.each([
  ["a*", "abc", true],
  ["a*,!ab*", "abc", false],
  ["!x", "abc", false],
  ["a.c", "abc", false],
  ["(a|b)*", "abc", false],
  ["[abc]", "a", false],
  ["*", "", true],
])("the pattern list %s takes %s in: %s", (patterns, value, expected) => {
  expect(matchesList(patterns, value)).toBe(expected);
});
