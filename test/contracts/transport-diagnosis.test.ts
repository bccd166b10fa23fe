import { describe, expect, test } from "vitest";
import { addressProblem } from "../../src/transports/address.ts";
import { shellWord } from "../../src/transports/connect-failure.ts";
import { diagnose } from "../../src/transports/openssh/diagnosis.ts";
import { hostOf } from "./transport-world.ts";

const host = hostOf({ address: "ap01.example.com", port: 22, user: "deploy", identity: "/key" });

describe("the words of ssh are understood", () => {
  // As OpenSSH 9.2 prints them in the C locale.
  test.each([
    [
      "ssh: connect to host ap01 port 22: Connection refused",
      "CONNECT_REFUSED",
      "Connection refused",
    ],
    ["ssh: connect to host ap01 port 22: No route to host", "CONNECT_REFUSED", "No route to host"],
    ["ssh: connect to host ap01 port 22: Network is unreachable", "CONNECT_REFUSED", "unreachable"],
    ["ssh: connect to host ap01 port 22: Connection timed out", "CONNECT_TIMEOUT", "5000 ms"],
    ["Connection timed out during banner exchange", "CONNECT_TIMEOUT", "5000 ms"],
    ["ssh: Could not resolve hostname ap01: Name or service not known", "CONNECT_DNS", "not known"],
    [
      "ssh: Could not resolve hostname ap01: Temporary failure in name resolution",
      "CONNECT_DNS",
      "Temporary",
    ],
    ["deploy@ap01: Permission denied (publickey).", "AUTH_FAILED", "publickey"],
    [
      "Warning: Identity file /k/id not accessible: No such file or directory.\ndeploy@ap01: Permission denied (publickey).",
      "AUTH_FAILED",
      'identity "/k/id" can\'t be used: No such file or directory; deploy@ap01: Permission denied (publickey)',
    ],
    [
      'Load key "/k/id": error in libcrypto\r\ndeploy@ap01: Permission denied (publickey).\r\n',
      "AUTH_FAILED",
      'the key "/k/id" can\'t be used: error in libcrypto; deploy@ap01: Permission denied (publickey)',
    ],
    [
      "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures",
      "AUTH_FAILED",
      "Too many",
    ],
    [
      "No ED25519 host key is known for ap01 and you have requested strict checking.\r\nHost key verification failed.",
      "HOST_KEY_UNKNOWN",
      '"ap01"',
    ],
    [
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ECDSA key in /home/me/.ssh/known_hosts:3\nHost key for [ap01]:2222 has changed and you have requested strict checking.\r\nHost key verification failed.",
      "HOST_KEY_CHANGED",
      '"[ap01]:2222" in /home/me/.ssh/known_hosts',
    ],
    [
      "kex_exchange_identification: read: Connection reset by peer\nConnection reset by 10.0.0.1 port 22",
      "CONNECT_LOST",
      "reset",
    ],
    ["Connection closed by 10.0.0.1 port 22", "CONNECT_LOST", "closed"],
    [
      "Unable to negotiate with 10.0.0.1 port 22: no matching key exchange method found.",
      "TRANSPORT_UNSUPPORTED",
      "no matching",
    ],
    [
      "/home/me/.ssh/config: line 3: Bad configuration option: colour",
      "TRANSPORT_UNSUPPORTED",
      "colour",
    ],
    ["Bad owner or permissions on /home/me/.ssh/config", "TRANSPORT_UNSUPPORTED", "permissions"],
    ["sh: 5: ssh: not found", "TRANSPORT_UNSUPPORTED", "no program `ssh`"],
    ["/bin/sh: line 5: ssh: command not found", "TRANSPORT_UNSUPPORTED", "no program `ssh`"],
    ["something new", "CONNECT_LOST", "something new"],
    ["", "CONNECT_LOST", "without a word"],
  ])("%s", (words, code, part) => {
    const failure = diagnose(words, host, 5_000);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(part);
    expect(failure.hint).not.toBe("");
    expect(failure.host).toBe("ap01");
  });

  test("the detail has no carriage return, which would be shown as an escape", () => {
    const { detail } = diagnose('Load key "/k": error\r\nPermission denied.\r\n', host, 5_000);
    expect(detail).toBe('Load key "/k": error\nPermission denied.');
  });

  test("the detail is bounded, whatever a server sends", () => {
    expect(diagnose("x".repeat(100_000), host, 5_000).detail?.length).toBeLessThanOrEqual(2_000);
  });
});

describe("addresses and users", () => {
  const target = { address: "ap01", user: "deploy", port: 22 };
  test.each([
    { address: "ap01.example.com" },
    { address: "10.1.0.1" },
    { address: "::1" },
    { address: "fe80::1%eth0" },
    { address: "bücher.example" },
    { address: "host_with_underscore" },
    { user: null },
    { user: "me@example.com" },
    { user: "DOMAIN\\me" },
    { port: null },
    { port: 65_535 },
  ])("%o is let through", (change) => {
    expect(addressProblem({ ...target, ...change })).toBeNull();
  });

  test.each([
    { address: "-v" },
    { address: "" },
    { address: "a b" },
    { address: "a\nb" },
    { address: "a;b" },
    { address: "$(id)" },
    { address: "user@host" },
    { address: "ssh://host" },
    { address: "a".repeat(301) },
    { user: "" },
    { user: "-oProxyCommand=x" },
    { user: "a b" },
    { user: "a'b" },
    { user: "a\\" },
    { user: "a\u0000b" },
    { port: 0 },
    { port: 65_536 },
    { port: 22.5 },
    { port: Number.NaN },
  ])("%o is refused", (change) => {
    expect(addressProblem({ ...target, ...change })).toMatch(/address|user|port/);
  });
});

test("a hint's words can be pasted into a shell", () => {
  expect(shellWord("/a b")).toBe("'/a b'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord("/plain/path-1.2_3")).toBe("/plain/path-1.2_3");
});
