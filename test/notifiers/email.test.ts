import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { expect, test } from "vitest";
import { email, emailTimeoutMs, emailWithin } from "../../src/notifiers/email.ts";
import type { Notice } from "../../src/ports/notifier.ts";
import { closedPort, rawServer } from "../probes/loopback-servers.ts";

const notice: Notice = {
  id: "kb-4711-20261123-0312-7f3a.412.1",
  kind: "halted",
  severity: "critical",
  rollout: "kb-4711-20261123-0312-7f3a",
  plan: "kb-4711",
  at: "2026-11-23T03:12:44Z",
  text: "cn01: 3 files deleted. Übel.",
  written: null,
};
const never = new AbortController().signal;

interface Received {
  readonly recipients: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly user: string | undefined;
}

interface MailServer extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
}

/** A real SMTP server on a free port of 127.0.0.1. */
async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    authOptional: true,
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const [head = "", ...body] = Buffer.concat(chunks).toString().split("\r\n\r\n");
        const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
        received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          headers: new Map(
            lines.map((line) => {
              const at = line.indexOf(": ");
              return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
            }),
          ),
          text: body.join("\r\n\r\n"),
          user: session.user === undefined ? undefined : String(session.user),
        });
        callback();
      });
    },
    ...options,
  });
  // A client that goes away is part of the test.
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const given = (smtp: string, more: object = {}) =>
  email.args.parse({
    smtp,
    from: "Handrail <handrail@example.com>",
    to: ["ops@example.com", "cn@example.com"],
    subject: "halted",
    ...more,
  });

test("a mail has a subject, the notice, and an id that stays the same when it is sent again", async () => {
  await using server = await mailServer();
  await email.tell(given(server.url), notice, never);
  await email.tell(given(server.url), notice, never);
  const [first, second] = server.received;
  expect(first?.recipients).toEqual(["ops@example.com", "cn@example.com"]);
  expect(Object.fromEntries(first!.headers)).toMatchObject({
    from: "Handrail <handrail@example.com>",
    to: "ops@example.com, cn@example.com",
    subject: "halted",
    "message-id": `<${notice.id}@handrail>`,
    references: `<${notice.rollout}@handrail>`,
    "auto-submitted": "auto-generated",
    importance: "high",
  });
  expect(decoded(first!)).toBe(
    `${notice.text}\n\nseverity: critical\nrollout:  ${notice.rollout}\nat:       ${notice.at}\nnotice:   ${notice.id}\n`,
  );
  expect(second?.headers.get("message-id")).toBe(first?.headers.get("message-id"));
});

test("text of a host can begin no header, name no recipient, and end no message", async () => {
  await using server = await mailServer();
  const hostile = "x\r\nBcc: evil@example.com\r\n\r\nbody\r\n.\r\nMAIL FROM:<evil@example.com>\r\n";
  const told = { ...notice, text: hostile };
  await email.tell({ ...given(server.url), subject: hostile }, told, never);
  expect(server.received).toHaveLength(1);
  const [mail] = server.received;
  expect(mail!.recipients).toEqual(["ops@example.com", "cn@example.com"]);
  expect(mail!.headers.has("bcc")).toBe(false);
  expect(mail!.headers.get("subject")).toMatch(/^x\\x0d Bcc: evil@example\.com/);
  expect(decoded(mail!)).toContain("MAIL FROM:<evil@example.com>");
});

test("a template is the whole text", async () => {
  await using server = await mailServer();
  await email.tell(given(server.url), { ...notice, written: "Look at the runbook." }, never);
  expect(decoded(server.received[0]!)).toBe("Look at the runbook.\n");
});

test("a login is used, and a wrong one is told without the password", async () => {
  await using server = await mailServer({
    authOptional: false,
    onAuth(auth, _session, callback) {
      if (auth.username === "deploy" && auth.password === "right-one")
        callback(null, { user: "deploy" });
      else callback(new Error("Invalid login"));
    },
  });
  const withLogin = given(server.url, { user: "deploy", password: "${secret.smtp}" });
  await email.tell({ ...withLogin, password: "right-one" }, notice, never);
  expect(server.received[0]?.user).toBe("deploy");
  const wrong = email.tell({ ...withLogin, password: "wrong-one" }, notice, never);
  await expect(wrong).rejects.toThrow(/has not taken it: Invalid login/);
  await expect(wrong).rejects.not.toThrow(/wrong-one/);
});

test("a recipient whom the server refuses was not told", async () => {
  await using server = await mailServer({
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith("cn") ? new Error("no such user") : null),
  });
  await expect(email.tell(given(server.url), notice, never)).rejects.toThrow(
    /the mail server 127\.0\.0\.1:\d+ has not taken it: it refused cn@example\.com/,
  );
});

test("where TLS is required, nothing is sent without it", async () => {
  await using server = await mailServer();
  const strict = given(server.url, { starttls: "required" });
  await expect(email.tell(strict, notice, never)).rejects.toThrow(/has not taken it: .*TLS/);
  expect(server.received).toEqual([]);
});

test("a certificate that nobody vouches for is refused", async () => {
  await using server = await mailServer({ disabledCommands: [], hideSTARTTLS: false });
  const strict = given(server.url, { starttls: "required" });
  await expect(email.tell(strict, notice, never)).rejects.toThrow(/certificate/);
  expect(server.received).toEqual([]);
});

test("a server that never greets is given up in time, and its connection is cut", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await rawServer((socket) => {
    socket.resume().once("close", () => closed.resolve());
  });
  const told = emailWithin(150).tell(given(`smtp://127.0.0.1:${server.port}`), notice, never);
  await expect(told).rejects.toThrow("has not taken it: not done within 150 ms");
  await closed.promise;
  expect(emailTimeoutMs).toBeLessThan(10_000);
});

test("an abort ends it at once", async () => {
  const stop = new AbortController();
  await using server = await rawServer(() => stop.abort());
  const told = email.tell(given(`smtp://127.0.0.1:${server.port}`), notice, stop.signal);
  await expect(told).rejects.toThrow("has not taken it: interrupted");
});

test("a refused connection is not told", async () => {
  const smtp = `smtp://127.0.0.1:${await closedPort()}`;
  await expect(email.tell(given(smtp), notice, never)).rejects.toThrow(/ECONNREFUSED/);
});

const right = { smtp: "smtp://mail.example.com", from: "a@example.com", to: "b@example.com" };
const login = { user: "deploy", password: "${secret.smtp}" };

test.each<[object, boolean]>([
  [right, true],
  [{ ...right, smtp: "smtps://mail.example.com:465/" }, true],
  [{ ...right, smtp: "smtp://[2001:db8::1]:2525" }, true],
  [{ ...right, ...login }, true],
  [{ ...right, smtp: "smtp://localhost:25", ...login }, true],
  [{ ...right, ...login, starttls: "off" }, false],
  [{ ...right, smtp: "smtp://127.0.0.1.example.com", ...login, starttls: "off" }, false],
  [{ ...right, user: "deploy" }, false],
  [{ ...right, ...login, password: "in the plan" }, false],
  [{ ...right, smtp: "smtp://user:word@mail.example.com" }, false],
  [{ ...right, smtp: "mail.example.com" }, false],
  [{ ...right, to: [] }, false],
  [{ ...right, to: "b@example.com, c@example.com" }, false],
  [{ ...right, to: "b@example.com\r\nBcc: c@example.com" }, false],
  [{ ...right, from: "Handrail\r\nBcc: c@example.com <a@example.com>" }, false],
  [{ ...right, from: "nobody" }, false],
])("of %j the schema says %s", (written, is) => {
  expect(email.args.safeParse(written).success).toBe(is);
});

/** The text of a mail, whichever way it was encoded for the way. */
function decoded({ headers, text }: Received): string {
  const encoding = headers.get("content-transfer-encoding");
  const bytes =
    encoding === "base64"
      ? Buffer.from(text, "base64")
      : encoding === "quoted-printable"
        ? Buffer.from(
            text
              .replace(/=\r\n/g, "")
              .replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
                String.fromCharCode(parseInt(hex, 16)),
              ),
            "latin1",
          )
        : Buffer.from(text);
  return bytes.toString().replaceAll("\r\n", "\n");
}
