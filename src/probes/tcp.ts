import { connect } from "node:net";
import { z } from "zod";
import { duration, timerMaxMs } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { ProbeContext, ProbeKind } from "../ports/probe-kind.ts";
import { hostAddress, readAddress } from "./host-address.ts";
import { lookOnHost } from "./host-look.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

/** Bytes that are read of what curl says. */
const outputBytesMax = 8192;

const timeout = duration.prefault("5s").describe("How long the connection may take.");
const port = z.int().min(1).max(65_535);

const args = z
  .union([
    hostAddress.transform((address) => ({ address, timeout: 5000 })),
    z.strictObject({
      address: hostAddress.describe('"host:port"; an IPv6 address stands in brackets.'),
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
  .describe("Opens a TCP connection and closes it again.");

export type TcpArgs = z.output<typeof args>;

/** `tcp: "host:port"`, `{ address, timeout }` or `{ host, port, timeout }`. */
export const tcp: ProbeKind<TcpArgs> = {
  name: "tcp",
  args,
  substitutes: true,
  place: "controller",
  places: ["controller", "host"],
  unproved: () => ({ because: "only opens a connection", suggestion: null }),
  ask: (given, context) =>
    timed(async () => {
      const there = readAddress(given.address);
      if (there === null) return error(`"${given.address}" is not "host:port"`);
      return context.place === "host"
        ? await lookFromHost(given, context)
        : await look(given, there, context.signal);
    }),
};

/** Argument: address, and seconds. curl says with -v when it is connected, and sends nothing. */
const script = `LC_ALL=C
export LC_ALL
if ! command -v curl >/dev/null 2>&1; then
  echo none
  exit 0
fi
curl -q -sS -v --noproxy '*' -m "$2" "telnet://$1" </dev/null 2>&1 >/dev/null || :
`;

async function lookFromHost(given: TcpArgs, context: ProbeContext): Promise<Found> {
  const looked = await lookOnHost(context, {
    script,
    env: {},
    args: [given.address, String(Math.ceil(given.timeout / 1000))],
    timeoutMs: given.timeout + 2_000,
    outputMax: outputBytesMax,
  });
  if ("found" in looked) return looked.found;
  const said = new TextDecoder().decode(looked.result.stdout);
  if (said === "none\n") return error("curl is not on the host");
  if (/^\* +(?:Connected|Established connection) to /m.test(said))
    return pass(`connected to ${given.address}`);
  const words = oneLine(/^curl: \(\d+\) (.*)$/m.exec(said)?.[1] ?? "curl did not say why", {
    max: 200,
  });
  return /^\* .*: Connection refused$/m.test(said)
    ? fail(`connection refused: ${words}`)
    : error(`no connection: ${words}`);
}

function look(
  given: TcpArgs,
  { host, port: number }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Found> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: number });
    const end = (found: Found): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(found);
    };
    const stop = (): void => end(error("interrupted before the connection"));
    const timer = setTimeout(
      () => end(error(`no connection to ${given.address} within ${given.timeout} ms`)),
      Math.min(given.timeout, timerMaxMs),
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
