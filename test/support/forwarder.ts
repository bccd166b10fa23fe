import { connect, createServer, type Socket } from "node:net";

export interface Forwarder extends AsyncDisposable {
  readonly port: number;
}

/** What `ssh -L` does at its near end: whatever comes to its port goes to the other one, byte by byte. */
export async function forwarder(to: number): Promise<Forwarder> {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    for (const end of [near, far]) ends.add(end);
    for (const end of [near, far]) end.on("error", () => end.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("a server without a port");
  return {
    port: at.port,
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
