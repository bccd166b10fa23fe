import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Loopback, listen } from "./loopback-servers.ts";
import { temporaryFolder } from "./probe-contexts.ts";

const run = promisify(execFile);
const withinMs = 20_000;

/** An authority of its own, which no machine trusts, and what it signs. */
export interface Authority extends AsyncDisposable {
  /** PEM file. */
  readonly file: string;
  sign(order: {
    /** As in OpenSSL's subjectAltName: "DNS:localhost,IP:127.0.0.1". */
    readonly names: string;
    /** Days until it expires; negative: it has. */
    readonly days: number;
  }): Promise<{ readonly key: Buffer; readonly cert: Buffer }>;
}

function openssl(...args: string[]) {
  return run("openssl", args, { timeout: withinMs });
}

export async function authority(): Promise<Authority> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-days",
    "30",
    "-subj",
    "/CN=handrail test",
  );
  let signed = 0;
  return {
    file: at("ca.pem"),
    async sign({ names, days }) {
      const own = `c${signed++}`;
      await openssl(
        "req",
        ...newKey,
        "-keyout",
        at(`${own}.key`),
        "-out",
        at(`${own}.csr`),
        "-subj",
        "/CN=probe",
      );
      await writeFile(at(`${own}.ext`), `subjectAltName=${names}\n`);
      await openssl(
        "x509",
        "-req",
        "-in",
        at(`${own}.csr`),
        "-CA",
        at("ca.pem"),
        "-CAkey",
        at("ca.key"),
        "-set_serial",
        String(signed),
        "-days",
        String(days),
        "-extfile",
        at(`${own}.ext`),
        "-out",
        at(`${own}.pem`),
      );
      return { key: await readFile(at(`${own}.key`)), cert: await readFile(at(`${own}.pem`)) };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A web server with this certificate that says "ok". */
export async function secureServer(pair: { key: Buffer; cert: Buffer }): Promise<Loopback> {
  const server: Server = createServer(pair, (_, response) => void response.end("ok"));
  const port = await listen(server);
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
