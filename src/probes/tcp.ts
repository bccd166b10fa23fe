import { connect } from "node:net";
import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

/** "host:port", with an IPv6 address in brackets. Variables may stand for either. */
export const addressPattern =
  /^(?:\[(?:[^\]]+)\]|(?:\$\{[^}]*\}|[^:\s[\]$])+):(?:\$\{[^}]*\}|\d{1,5})$/;

const timeout = duration.prefault("5s").describe("How long the connection may take.");
const port = z.int().min(1).max(65_535);

const args = z
  .union([
    z
      .string()
      .regex(addressPattern, { error: 'must be "host:port" (an IPv6 address in brackets)' })
      .transform((address) => ({ address, timeout: 5000 })),
    z.strictObject({
      address: z
        .string()
        .regex(addressPattern, { error: 'must be "host:port" (an IPv6 address in brackets)' })
        .describe('"host:port"; an IPv6 address stands in brackets.'),
      timeout,
    }),
    z
      .strictObject({
        host: z.string().min(1).describe("Name or address."),
        port: z
          .union([port, z.string().regex(/^\$\{[^}]*\}$/, { error: "must be a port" })])
          .describe("1 to 65535."),
        timeout,
      })
      .transform((given) => ({
        address: `${given.host.includes(":") && !given.host.includes("${") ? `[${given.host}]` : given.host}:${given.port}`,
        timeout: given.timeout,
      })),
  ])
  .describe("Opens a TCP connection from the controller and closes it again.");

export type TcpArgs = z.output<typeof args>;

/** `tcp: "host:port"`, `{ address, timeout }` or `{ host, port, timeout }`. */
export const tcp: ProbeKind<TcpArgs> = {
  name: "tcp",
  args,
  substitutes: true,
  place: "controller",
  places: ["controller"],
  unproved: () => ({ because: "only opens a connection", suggestion: null }),
  ask: (given, context) => timed(() => look(given, context.signal)),
};

function look(given: TcpArgs, signal: AbortSignal): Promise<Found> {
  const match = /^(?:\[([^\]]+)\]|(.+)):(\d{1,5})$/.exec(given.address);
  const number = Number(match?.[3] ?? 0);
  if (match === null || number < 1 || number > 65_535) {
    return Promise.resolve(error(`"${given.address}" is not "host:port"`));
  }
  return new Promise((resolve) => {
    const socket = connect({ host: match[1] ?? match[2]!, port: number });
    const end = (found: Found): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(found);
    };
    const stop = (): void => end(error("interrupted before the connection"));
    const timer = setTimeout(
      () => end(error(`no connection to ${given.address} within ${given.timeout} ms`)),
      given.timeout,
    );
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    socket.once("connect", () => end(pass(`connected to ${given.address}`)));
    socket.once("error", (problem: NodeJS.ErrnoException) => {
      const refused = problem.code === "ECONNREFUSED" || problem.code === "ECONNRESET";
      const words = problem.message === "" ? (problem.code ?? "") : problem.message;
      end(refused ? fail(`connection refused: ${words}`) : error(`no connection: ${words}`));
    });
  });
}
