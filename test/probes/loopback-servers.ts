import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";

export interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

/** A web server on a free port of 127.0.0.1. */
export async function webServer(listener: RequestListener): Promise<Loopback> {
  const server = createHttpServer(listener);
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that does with each connection what the test says. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<Loopback> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    // A client that goes away is part of the test.
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
