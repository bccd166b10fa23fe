import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";

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

/**
 * A port that takes no more connections: its process stands still and its queue is full, so the
 * kernel drops what comes (listen(2)), as a firewall or a dead network would.
 */
export async function blackhole(): Promise<Loopback> {
  const text =
    'const s=require("net").createServer();s.listen({port:0,host:"127.0.0.1",backlog:1},()=>console.log(s.address().port))';
  const child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  child.kill("SIGSTOP");
  const fillers = Array.from({ length: 8 }, () => connect({ port, host: "127.0.0.1" }));
  for (const socket of fillers) socket.on("error", () => socket.destroy());
  // The first two are taken by the queue; that another waits shows that it is full.
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, "connect")));
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
