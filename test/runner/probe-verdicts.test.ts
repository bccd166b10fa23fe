import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Bake, ProbeSpec } from "../../src/core/plan/plan.ts";
import type { ProbeKind } from "../../src/ports/probe-kind.ts";
import type { Exchange } from "../../src/probes/http-exchange.ts";
import { judgeExchange } from "../../src/probes/http-verdict.ts";
import { failureIn, performed } from "./support/one-action.ts";

// What a web server does, what the http probe makes of it, and what becomes of the instance, at each of
// the moments at which probes are asked (PRODUCT.md §5.3). By a clock that jumps; the same with a real
// nginx in real time is test/e2e/probe-verdicts.test.ts.

const answered = (status: number, body: string, more: Partial<Answered> = {}): Exchange => ({
  kind: "answered",
  status,
  headers: {},
  setCookies: [],
  body: Buffer.from(body),
  cut: false,
  tookMs: 12,
  ...more,
});
type Answered = Extract<Exchange, { kind: "answered" }>;

const broken = (stage: "connecting" | "waiting" | "reading", timedOut: boolean): Exchange => ({
  kind: "broken",
  stage,
  timedOut,
  interrupted: false,
  code: "",
  message: "it broke",
  received: 7,
});

const good = answered(200, "Your files");
const unknown = broken("connecting", true);

type Server = (look: number) => Exchange;

/** A web server, and then: before anything is touched, after a step, while baking. */
const rows: readonly (readonly [string, Server, readonly [string, string, string]])[] = [
  ["is well", () => good, ["done", "done", "done"]],
  ["says 500", () => answered(500, "oh no"), ["failed", "failed", "failed"]],
  ["shows the wrong page with 200", () => answered(200, "Log in"), ["failed", "failed", "failed"]],
  ["is slow", () => answered(200, "Your files", { tookMs: 900 }), ["failed", "failed", "failed"]],
  ["hangs", () => broken("waiting", true), ["failed", "failed", "failed"]],
  ["sends half an answer", () => broken("reading", false), ["failed", "failed", "failed"]],
  ["can't be reached", () => unknown, ["inconclusive", "inconclusive", "inconclusive"]],
  // One pass is enough before and after a step; a bake wants a stretch.
  [
    "flaps",
    (look) => (look % 3 === 0 ? broken("waiting", true) : good),
    ["done", "done", "failed"],
  ],
  ["comes back", (look) => (look === 0 ? answered(503, "") : good), ["done", "done", "done"]],
  ["is lost sight of once", (look) => (look === 2 ? unknown : good), ["done", "done", "done"]],
  ["is lost sight of", (look) => (look < 2 ? good : unknown), ["done", "done", "inconclusive"]],
  ["breaks later", (look) => (look < 2 ? good : answered(500, "")), ["done", "done", "failed"]],
];

const bakeMs: Bake = { settleMs: 1_000, stableMs: 5_000, retryMs: 10_000 };
const wanted = { contains: "Your files", within: 500, timeout: 2_000 };
const page: ProbeSpec = {
  name: "page",
  surface: "ui",
  kind: "http",
  args: null,
  on: "controller",
  intervalMs: 1_000,
};

function kindFor(server: Server): ProbeKind {
  let looks = 0;
  return {
    name: "http",
    args: z.unknown(),
    substitutes: false,
    place: "controller",
    places: ["controller"],
    unproved: () => null,
    ask: async () => {
      const seen = server(looks++);
      const tookMs = seen.kind === "answered" ? seen.tookMs : 2_000;
      return { ...judgeExchange(seen, wanted, tookMs), tookMs };
    },
  };
}

describe.each(rows)("a server that %s", (_, server, ends) => {
  test.each([
    ["before anything is touched", 0, { kind: "begin", instance: "a" }, "UNHEALTHY_BEFORE"],
    ["after a step", 1, { kind: "apply", instance: "a", step: 0, attempt: 1 }, "PROBE_FAILED"],
    ["while its batch bakes", 2, { kind: "bake", instance: "a" }, "PROBE_FAILED"],
  ] as const)("%s", async (_when, at, action, code) => {
    const kind = kindFor(server);
    const it = await performed(action, {
      world: { probes: [page], bakeMs },
      parts: { probeKind: () => kind },
    });
    const is = ends[at];
    expect(it.outcome.is).toBe(is);
    const failure = is === "failed" ? code : is === "inconclusive" ? "PROBE_INCONCLUSIVE" : null;
    expect(failureIn(it)?.code ?? null).toBe(failure);
  });
});
