import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A stretch of network between a client and a server on loopback that tests can break. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Connections made through it so far. */
  readonly count: () => number;
  /** Forwards nothing more, and says so to nobody: a cable that was cut. */
  freeze(): void;
  /** Resets every connection: a firewall that forgot them. */
  cut(): void;
}

export async function startProxy(target: { address: string; port: number }): Promise<Proxy> {
  const sockets: Socket[] = [];
  let count = 0;
  let frozen = false;
  const server = createServer((near) => {
    count += 1;
    const far = connect(target.port, target.address);
    sockets.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (chunk) => {
        if (!frozen) to.write(chunk);
      });
      from.on("close", () => {
        if (!frozen) to.destroy();
      });
      from.on("error", () => undefined);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port was given");
  return {
    port: bound.port,
    count: () => count,
    freeze() {
      frozen = true;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Takes connections and never says a word. */
export async function startBlackHole(): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port was given");
  return {
    port: bound.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
