import { connect, type Socket } from "node:net";
import { oneLine } from "../core/printable.ts";

export interface MailOrder {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (RFC 8314). */
  readonly secure: boolean;
  readonly starttls: "required" | "off";
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly message: {
    readonly from: string;
    readonly to: readonly string[];
    readonly subject: string;
    readonly text: string;
    readonly messageId: string;
    readonly references: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/**
 * Sends one message, and resolves once the server has taken it for every recipient. Certificates are
 * checked. Rejects with a sentence, in time and at once when the signal aborts: the connection is then
 * cut, so nothing of it stays behind.
 */
export async function sendMail(order: MailOrder): Promise<void> {
  const { host, port, secure, starttls, login, timeoutMs, signal } = order;
  const where = `the mail server ${host}:${port}`;
  // Loaded late: most plans send no mail.
  const { createTransport } = await import("nodemailer");
  const timeout = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, timeout]);
  let socket: Socket | null = null;
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: !secure && starttls === "required",
    ignoreTLS: !secure && starttls === "off",
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    disableFileAccess: true,
    disableUrlAccess: true,
    // A socket of ours, because it is we who must be able to cut it.
    getSocket(_options: unknown, callback: (error: Error | null, socket?: object) => void) {
      const made = connect({ host, port });
      socket = made;
      made.once("error", callback);
      made.once("connect", () => {
        made.off("error", callback);
        callback(null, { connection: made });
      });
    },
  });
  try {
    const sending = transport.sendMail({ ...order.message, to: [...order.message.to] });
    const sent = await Promise.race([sending, ended(over)]);
    const [refused] = sent.rejected;
    if (refused !== undefined) throw new Error(`it refused ${refused}`);
  } catch (problem) {
    const said = problem instanceof Error ? problem.message : String(problem);
    const why = timeout.aborted ? `not done within ${timeoutMs} ms` : oneLine(said, { max: 300 });
    throw new Error(`${where} has not taken it: ${why}`, { cause: problem });
  } finally {
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- set in a callback
    (socket as Socket | null)?.destroy();
    transport.close();
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_, reject) => {
    const end = (): void => reject(new Error("interrupted"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
