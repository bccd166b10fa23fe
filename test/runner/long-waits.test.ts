import { setTimeout as after } from "node:timers/promises";
import { expect, test } from "vitest";
import { duration } from "../../src/core/plan/durations.ts";
import type { ProbeKind } from "../../src/ports/probe-kind.ts";
import { http } from "../../src/probes/http.ts";
import { tcp } from "../../src/probes/tcp.ts";
import { tls } from "../../src/probes/tls.ts";
import { performHttp } from "../../src/steps/perform-http.ts";
import { systemClock } from "../../src/system-clock.ts";
import { blackhole } from "../probes/loopback-servers.ts";
import { controllerContext } from "../probes/probe-contexts.ts";

// A timer of Node that is asked for more than 24.8 days fires at once.
const month = "30d";
const soonMs = 100;

test("a wait of a month is not over at once, and ends as soon as it is told to", async () => {
  const over = new AbortController();
  const wait = systemClock().sleep(duration.parse(month), over.signal);
  const first = Promise.race([
    wait.then(
      () => "over",
      () => "ended",
    ),
    after(soonMs, "still waits"),
  ]);
  expect(await first).toBe("still waits");
  over.abort();
  await expect(wait).rejects.toThrow("aborted");
});

const probes: readonly [string, ProbeKind, (port: number) => unknown][] = [
  ["tcp", tcp, (port) => ({ address: `127.0.0.1:${port}`, timeout: month })],
  ["tls", tls, (port) => ({ address: `127.0.0.1:${port}`, timeout: month })],
  ["http", http, (port) => ({ url: `http://127.0.0.1:${port}`, timeout: month })],
];

test.each(probes)("a probe by %s may wait for a month", async (_, kind, given) => {
  await using hole = await blackhole();
  const context = controllerContext(AbortSignal.timeout(soonMs));
  const answer = await kind.ask(kind.args.parse(given(hole.port)), context);
  expect(answer.because).toContain("interrupted");
});

test("a request of a step may wait for a month", async () => {
  await using hole = await blackhole();
  const request = {
    url: hole.url,
    method: "GET",
    headers: {},
    body: null,
    status: [],
    timeoutMs: duration.parse(month),
  };
  const answer = await performHttp(request, { fetch, signal: AbortSignal.timeout(soonMs) });
  expect(JSON.stringify(answer)).not.toContain("2592000");
  expect(JSON.stringify(answer)).toContain("interrupted");
});
