import { isIP } from "node:net";
import type { ProbeContext } from "../ports/probe-kind.ts";
import type { ShowOrder, Shown } from "./certificate-shown.ts";
import { lookOnHost } from "./host-look.ts";

/** Bytes of what openssl says that are read; a session's tickets and chain are short beside it. */
const outputBytesMax = 64 * 1024;

/** Arguments: seconds, address, name ("" for none), PEM file ("" for none). */
const script = `LC_ALL=C
export LC_ALL
seconds=$1 address=$2 name=$3 authority=$4
if ! command -v openssl >/dev/null 2>&1; then
  echo none
  exit 0
fi
if [ -n "$authority" ] && [ ! -r "$authority" ]; then
  echo unread
  exit 0
fi
# With -state it says at once when it is connected, also where it is ended while it waits.
set -- -connect "$address" -state
if [ -n "$name" ]; then set -- "$@" -servername "$name"; fi
if [ -n "$authority" ]; then set -- "$@" -CAfile "$authority" -no-CApath; fi
openssl s_client "$@" </dev/null 2>&1 &
asking=$!
(
  sleep "$seconds"
  kill "$asking"
) >/dev/null 2>&1 &
watching=$!
wait "$asking" || code=$?
kill "$watching" 2>/dev/null || :
echo
echo "exit \${code:-0}"
`;

/** Asks from the host, by openssl-s_client(1). */
export async function showOnHost(order: ShowOrder, context: ProbeContext): Promise<Shown> {
  const { host, port, name, trust, timeoutMs } = order;
  const looked = await lookOnHost(context, {
    script,
    env: {},
    args: [
      String(Math.ceil(timeoutMs / 1000)),
      `${host.includes(":") ? `[${host}]` : host}:${port}`,
      isIP(name) === 0 ? name : "",
      trust.caFile ?? "",
    ],
    timeoutMs: timeoutMs + 2_000,
    outputMax: outputBytesMax,
  });
  if ("found" in looked) return { kind: "unable", because: looked.found.because };
  const said = new TextDecoder().decode(looked.result.stdout);
  if (said === "none\n") return { kind: "unable", because: "openssl is not on the host" };
  if (said === "unread\n")
    return { kind: "unable", because: "the file of `ca` can't be read here" };
  const certificate =
    /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----$/m.exec(said)?.[0];
  const code = [...said.matchAll(/^ *Verify return code: (\d{1,3}) /gm)].at(-1)?.[1];
  if (certificate !== undefined && code !== undefined)
    return {
      kind: "shown",
      certificate,
      chainTrouble: troubles[code] ?? `OpenSSL's error ${code}`,
    };
  return {
    kind: "broken",
    connected: /^(?:CONNECTED\(|SSL_connect:)/m.test(said),
    timedOut: /^exit 143$/m.test(said),
    refused: /Connection refused/.test(said),
    message: words(said),
  };
}

/** OpenSSL's numbers (openssl-verification-options(1), x509_vfy.h) and Node's names for them. */
const troubles: Readonly<Record<string, string>> = {
  0: "",
  2: "UNABLE_TO_GET_ISSUER_CERT",
  9: "CERT_NOT_YET_VALID",
  10: "CERT_HAS_EXPIRED",
  18: "DEPTH_ZERO_SELF_SIGNED_CERT",
  19: "SELF_SIGNED_CERT_IN_CHAIN",
  20: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  21: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  23: "CERT_REVOKED",
};

function words(said: string): string {
  const line = said.split("\n").find((one) => /error|errno|refused|unable/i.test(one));
  return line ?? "openssl did not say why";
}
