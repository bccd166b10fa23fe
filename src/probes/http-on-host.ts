import { redactor } from "../core/redact.ts";
import type { ProbeContext } from "../ports/probe-kind.ts";
import { lookOnHost } from "./host-look.ts";
import { curlExchange, curlRequest } from "./http-by-curl.ts";
import { wgetExchange } from "./http-by-wget.ts";
import { type Exchange, exchange, type ExchangeOrder } from "./http-exchange.ts";
import { httpScript } from "./http-host-script.ts";

/** Characters that one request may have, because it travels as one variable of the environment. */
const requestMax = 64 * 1024;

/** Bytes of an answer's headers that are read beside its body. */
const headBytesMax = 64 * 1024;

/** How much longer than the request itself its program may take, so that it can say what happened. */
const graceMs = 2_000;

/** Sends a request from where the probe is asked. */
export function exchangeFrom(order: ExchangeOrder, context: ProbeContext): Promise<Exchange> {
  return context.place === "host" ? exchangeOnHost(order, context) : exchange(order);
}

/**
 * The same request, sent from the host: by curl where it is there, else by wget as far as that goes.
 * What a tool can't do is `unable`, and never a verdict on the service.
 */
async function exchangeOnHost(order: ExchangeOrder, context: ProbeContext): Promise<Exchange> {
  const { tls, url, method } = order;
  const headers = Object.entries(order.headers).map(([name, value]) => `${name}: ${value}`);
  const texts = [url.href, order.body ?? "", tls.caFile ?? "", tls.serverName ?? "", ...headers];
  if (texts.slice(2).some((text) => /[\r\n\0]/.test(text)))
    return unable("a header with a line break can't be sent");
  if (texts.some((text) => text.includes("\0"))) return unable("a zero byte can't be sent");
  const request = curlRequest(order, headers);
  if (request.length > requestMax)
    return unable(`a request of more than ${requestMax} characters can't be sent from a host`);

  const trouble = wgetTrouble(order, showsSecret(texts, context.env));
  const secure = url.protocol === "https:";
  const looked = await lookOnHost(context, {
    script: httpScript,
    env: { curl_request: request, wget_body: trouble === "" ? (order.body ?? "") : "" },
    args: [
      String(order.bodyBytesMax + headBytesMax),
      String(Math.ceil(order.timeoutMs / 1000)),
      yes(secure && !tls.insecure),
      yes(secure && tls.insecure),
      trouble === "" ? (tls.caFile ?? "") : "",
      trouble,
      method,
      yes(order.body !== null),
      ...(trouble === "" ? [url.href, ...headers] : [""]),
    ],
    timeoutMs: order.timeoutMs + graceMs,
    outputMax: order.bodyBytesMax + headBytesMax,
  });
  if ("found" in looked) return unable(looked.found.because);
  const said = new TextDecoder().decode(looked.result.stderr);
  const tool = /^tool (\w+)$/m.exec(said)?.[1] ?? "";
  switch (tool) {
    case "curl":
      return curlExchange(order, looked.result.stdout, said);
    case "wget":
    case "busybox":
      return wgetExchange(order, { tool, said, body: looked.result.stdout });
    case "none":
      return unable("neither curl nor wget is on the host");
    case "unsafe":
      return unable("only BusyBox wget is on the host, and it checks no certificate");
    case "simple":
      return unable(
        `only BusyBox wget is on the host, and it can't send ${method}${order.body === null ? " without a body" : ""}`,
      );
    case "unfit":
      return unable(`curl is not on the host, and wget can't be used: ${trouble}`);
    default:
      return unable("the host's answer can't be read");
  }
}

/** The words of a command can be read by everybody on the host, in whatever form a secret is there. */
function showsSecret(texts: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const secrets = Object.entries(env).filter(([name]) => name.startsWith("secret_"));
  const strike = redactor(Object.fromEntries(secrets));
  return texts.some((text) => strike.text(text) !== text);
}

function unable(because: string): Exchange {
  return { kind: "unable", because };
}

function yes(is: boolean): string {
  return is ? "yes" : "no";
}

/** Why wget can't send this at all; "" where it may be able to. */
function wgetTrouble({ method, body, tls }: ExchangeOrder, shows: boolean): string {
  if (shows) return "it would show a secret to everybody on the host";
  if (tls.serverName !== null) return "it knows no other server name";
  if (method === "HEAD") return "it can't send HEAD and show what comes back";
  if (method === "GET" && body !== null) return "GET sends no body";
  return "";
}
