import { createServer, type Server } from "node:http";
import { isIPv6 } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { livePage, type LivePageOptions } from "./live-page.ts";
import { newKeys } from "./keys.ts";

export interface ServerOptions extends Omit<LivePageOptions, "keys" | "names" | "ending"> {
  /** A name or an address of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** A server that listens; closing it ends every page that follows along. */
export interface LiveServer extends AsyncDisposable {
  /** To be opened in a browser: with what proves that its user has read it. */
  readonly address: string;
  /** Can only this machine reach it? */
  readonly isLoopback: boolean;
  /** Every address of the machine at once: nobody should be told so. */
  readonly isEverywhere: boolean;
}

/** Bytes of all headers of a request. */
const headersMax = 8_192;
/** From the first byte of a request to the last one of its headers, and of its body. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 15_000;
/** A connection on which nothing is asked is closed. */
const idleMs = 10_000;
/** A browser has at most six to one host. */
const connectionsMax = 256;
/** At the end, for the last words to each page. */
const lingerMs = 500;
const idlePollMs = 20;

/** Rejects as `listen` does: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
export async function openServer(options: ServerOptions): Promise<LiveServer> {
  const ending = new AbortController();
  const keys = newKeys();
  const names: string[] = [];
  const page = livePage({ ...options, keys, names, ending: ending.signal });
  const server = createServer(
    {
      maxHeaderSize: headersMax,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: 2_000,
    },
    getRequestListener(page.fetch, {
      overrideGlobalObjects: false,
      errorHandler(error) {
        // A request that is no request, such as one with a Host that is none.
        if (!(error instanceof RequestError)) options.onTrouble(error);
        return new Response(null, { status: 400 });
      },
    }),
  );
  server.maxConnections = connectionsMax;
  const { address, port } = await listen(server, options);
  // Such as having no descriptor left for one more connection: the others are served all the same.
  server.on("error", options.onTrouble);
  const isLoopback = address === "::1" || address.startsWith("127.");
  // As it was asked for, and by its address.
  names.push(bracketed(options.host.toLowerCase()), bracketed(address));
  return {
    address: `http://${bracketed(options.host)}:${port}/${keys.place}/#token=${keys.token}`,
    isLoopback,
    isEverywhere: address === "::" || address === "0.0.0.0",
    async [Symbol.asyncDispose]() {
      ending.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      // A browser keeps connections open on which the last word was said.
      const idle = setInterval(() => server.closeIdleConnections(), idlePollMs);
      const late = setTimeout(() => server.closeAllConnections(), lingerMs);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    },
  };
}

function listen(server: Server, { host, port }: ServerOptions) {
  return new Promise<{ readonly address: string; readonly port: number }>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const at = server.address();
      if (at === null || typeof at === "string") reject(new Error("a server without an address"));
      else resolve(at);
    });
  });
}

/** As a name stands in an address: RFC 3986 §3.2.2. */
function bracketed(name: string): string {
  return isIPv6(name) ? `[${name}]` : name;
}
