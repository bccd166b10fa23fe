import { expect, test } from "vitest";
import { http } from "../../src/probes/http.ts";
import { tls } from "../../src/probes/tls.ts";
import { describeWith } from "../support/parts.ts";
import { blackhole, closedPort, rawServer } from "./loopback-servers.ts";
import { controllerContext, probeShells, realContext, withoutTime } from "./probe-contexts.ts";
import { authority, secureServer } from "./test-certificates.ts";

const ask = async (given: object, context = controllerContext()) =>
  withoutTime(await tls.ask(tls.args.parse(given), context));

describeWith(["openssl", "curl", "dash"], "a certificate", () => {
  test("is looked at for its age, its name and who signed it, also on the way of an http probe", async () => {
    await using ca = await authority();
    const good = await ca.sign({ names: "DNS:app.example,IP:127.0.0.1", days: 20 });
    const old = await ca.sign({ names: "IP:127.0.0.1", days: -1 });
    await using server = await secureServer(good);
    await using expired = await secureServer(old);
    const address = `127.0.0.1:${server.port}`;

    const rows: readonly (readonly [object, object])[] = [
      [
        { address, ca: ca.file },
        {
          is: "pass",
          because: expect.stringMatching(
            /^the certificate is valid for 19 days more, until .+ GMT$/,
          ),
        },
      ],
      [{ address, ca: ca.file, serverName: "app.example" }, { is: "pass" }],
      [
        { address, ca: ca.file, expiresIn: "30d" },
        { is: "fail", because: expect.stringMatching(/19 days more, .*, expected 30d$/) },
      ],
      [
        { address, ca: ca.file, serverName: "other.example" },
        {
          is: "fail",
          because: expect.stringMatching(
            /bad certificate: it is for .*app.example.*not for other.example/,
          ),
        },
      ],
      [
        { address },
        {
          is: "error",
          because: expect.stringContaining("this machine does not trust the certificate"),
        },
      ],
      [
        { address: `127.0.0.1:${expired.port}`, ca: ca.file },
        { is: "fail", because: expect.stringContaining("CERT_HAS_EXPIRED") },
      ],
      [
        { address, ca: `${ca.file}.none` },
        { is: "error", because: expect.stringContaining("can't be read here") },
      ],
    ];
    const contexts = [controllerContext(), realContext(probeShells[0]!)];
    for (const context of contexts) {
      for (const [given, answer] of rows)
        expect([context.place, given, await ask(given, context)]).toMatchObject([
          context.place,
          given,
          answer,
        ]);
    }

    const questions: readonly (readonly [object, string, string])[] = [
      [{ url: server.url, tls: { ca: ca.file } }, "pass", "contains"],
      [{ url: server.url, tls: { ca: ca.file, serverName: "app.example" } }, "pass", "contains"],
      [{ url: server.url, tls: { ca: ca.file, serverName: "other.example" } }, "fail", "bad cert"],
      [{ url: server.url }, "error", "this machine does not trust the certificate"],
      [{ url: server.url, tls: { insecure: true } }, "pass", "contains"],
      [{ url: expired.url, tls: { ca: ca.file } }, "fail", "bad certificate"],
      [{ url: expired.url, tls: { insecure: true } }, "pass", "contains"],
    ];
    for (const context of contexts) {
      for (const [given, is, because] of questions) {
        const looked = await http.ask(http.args.parse({ ...given, contains: "ok" }), context);
        expect([context.place, given, withoutTime(looked)]).toEqual([
          context.place,
          given,
          { is, because: expect.stringContaining(because) },
        ]);
      }
    }
  });
});

test.each([controllerContext(), realContext(probeShells[0]!)])(
  "nobody listens: fail; no TLS: fail; no connection: nobody can tell ($place)",
  async (context) => {
    await using plain = await rawServer(
      (socket) => void socket.once("data", () => socket.end("no")),
    );
    await using silent = await rawServer(() => undefined);
    await using hole = await blackhole();
    const rows: readonly (readonly [number, string, string])[] = [
      [await closedPort(), "fail", "connection refused: "],
      [plain.port, "fail", "connected, but no TLS: "],
      [silent.port, "fail", "connected, but no TLS within 900 ms"],
      [hole.port, "error", "no connection within 900 ms"],
    ];
    for (const [port, is, because] of rows) {
      const answer = await ask({ address: `127.0.0.1:${port}`, timeout: "900ms" }, context);
      expect([because, answer]).toEqual([
        because,
        { is, because: expect.stringContaining(because) },
      ]);
    }
  },
);

test("an interrupted look and an odd address are no verdict", async () => {
  const context = controllerContext(AbortSignal.abort());
  expect(await ask({ address: "127.0.0.1:1" }, context)).toMatchObject({ is: "error" });
  const odd = { ...tls.args.parse({ address: "${address}:1" }), address: "127.0.0.1" };
  expect(await tls.ask(odd, controllerContext())).toMatchObject({
    because: '"127.0.0.1" is not "host:port"',
  });
});

test("a certificate never covers a surface: it says nothing of what is served", () => {
  expect(tls.unproved(tls.args.parse({ address: "x:443" }))).toMatchObject({ suggestion: null });
});
