import { z } from "zod";
import { oneLine } from "../core/printable.ts";
import type { NotifierKind } from "../ports/notifier.ts";
import { secretName } from "./address-args.ts";
import { sendMail } from "./send-mail.ts";

/** Milliseconds that sending may take; the port allows ten seconds in all. */
export const emailTimeoutMs = 9_000;

const address = z
  .string()
  .regex(/^(?:[^\s<>@,;]+@[^\s<>@,;]+|[^\p{Cc}<>@,;]+<[^\s<>@,;]+@[^\s<>@,;]+>)$/u, {
    error: 'must be an address, as in deploy@example.com or "Handrail <deploy@example.com>"',
  });

const server = z
  .string()
  .regex(/^smtps?:\/\/[^/\s:@]+(?::\d{1,5})?\/?$|^smtps?:\/\/\[[0-9a-fA-F:.]+\](?::\d{1,5})?\/?$/, {
    error: "must be smtp://HOST:PORT or smtps://HOST:PORT; write user and password beside it",
  });

const args = z
  .strictObject({
    smtp: server.describe("The mail server: smtp://HOST:PORT (587), or smtps:// (465)."),
    from: address.describe("Who sends."),
    to: z
      .union([address.transform((one) => [one]), z.array(address).min(1)], {
        error: "must be an address, as in ops@example.com, or a list of them",
      })
      .describe("Who gets it: one address or a list."),
    user: z.string().min(1).optional().describe("Login name, where the server asks for one."),
    password: secretName.optional().describe("And its password."),
    starttls: z
      .enum(["required", "off"], { error: "must be required or off" })
      .optional()
      .describe("Of smtp:// only. Default: required; off for a server on this machine."),
    subject: z
      .string()
      .min(1)
      .default("[${notice.severity}] ${notice.plan}: ${notice.kind}")
      .describe("May hold ${notice.text} and the like."),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: "must have both `user` and `password`, or neither",
  })
  .refine((given) => given.user === undefined || isEncrypted(given), {
    error: "must not be off here: the password would travel unencrypted",
    path: ["starttls"],
  })
  .describe("Sends an e-mail by SMTP.");

export type EmailArgs = z.output<typeof args>;

/** `email: { smtp, from, to, … }`. Told when the server has taken the message. */
export const email = emailWithin(emailTimeoutMs);

/** The same with another bound, in milliseconds, so that a test need not wait for the real one. */
export function emailWithin(timeoutMs: number): NotifierKind<EmailArgs> {
  return {
    name: "email",
    args,
    fills: ["subject"],
    receiver: ({ to }) => `email to ${to.join(", ")}`,
    async tell(given, notice, signal) {
      const { from, to, user, password } = given;
      const { hostname, port, protocol } = new URL(given.smtp);
      const secure = protocol === "smtps:";
      const host = hostname.replace(/^\[|\]$/g, "");
      await sendMail({
        host,
        port: port === "" ? (secure ? 465 : 587) : Number(port),
        secure,
        starttls: starttlsOf(given),
        login: user === undefined || password === undefined ? null : { user, password },
        timeoutMs,
        signal,
        message: {
          from,
          to,
          // A line break in a header would begin another one.
          subject: oneLine(given.subject, { max: subjectMax }),
          text: `${notice.written ?? plainText(notice)}\n`,
          messageId: `<${notice.id}@handrail>`,
          // All mails of a rollout stand together, also for those who got only some.
          references: `<${notice.rollout}@handrail>`,
          headers: {
            // RFC 3834: nothing answers to it by itself.
            "Auto-Submitted": "auto-generated",
            "X-Handrail-Notice": notice.id,
            ...(notice.severity === "critical" ? { Importance: "high" } : {}),
          },
        },
      });
    },
  };
}

/** Characters of a subject. */
const subjectMax = 200;

function plainText(notice: Parameters<NotifierKind["tell"]>[1]): string {
  const { text, severity, rollout, at, id } = notice;
  return [
    text,
    "",
    `severity: ${severity}`,
    `rollout:  ${rollout}`,
    `at:       ${at}`,
    `notice:   ${id}`,
  ].join("\n");
}

interface Encryption {
  readonly smtp: string;
  readonly starttls?: "required" | "off" | undefined;
}

function starttlsOf({ smtp, starttls }: Encryption): "required" | "off" {
  return starttls ?? (isThisMachine(smtp) ? "off" : "required");
}

function isEncrypted(given: Encryption): boolean {
  return (
    given.smtp.startsWith("smtps:") || starttlsOf(given) === "required" || isThisMachine(given.smtp)
  );
}

function isThisMachine(smtp: string): boolean {
  return /^smtps?:\/\/(localhost|127(\.\d+){3}|\[::1\])(?=[:/]|$)/.test(smtp);
}
