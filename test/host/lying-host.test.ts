import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGuardDoor } from "../../src/host/guard-door.ts";
import { RemoteGuard } from "../../src/host/remote-guard.ts";
import type { Answer } from "../../src/core/answer.ts";
import { systemClock } from "../../src/system-clock.ts";
import { isLong } from "../support/long-suite.ts";
import { helloOf, type Lies, type LyingFrame, lyingHost } from "./support/lying-host.ts";
import { localHost } from "../support/local-host.ts";

// A host that somebody else has taken knows the protocol as well as its guard does. Whatever it says is
// an answer about this host: an error that is thrown would end the whole rollout as a bug.

const host = localHost("h1");

async function open(lies: Lies) {
  const transport = lyingHost(lies);
  const door = openGuardDoor({ transports: new Map([["local", transport]]), clock: systemClock() });
  const opened = await door.open(host, { rollout: "fix-1" });
  return { transport, opened };
}

describe("a hello that is none is told of that host, and its connection is closed", () => {
  test.each<[string, LyingFrame]>([
    ["too short", ["HELLO", ["0", "Linux"]]],
    ["a user that is no number", helloOf("root")],
    ["a field without an end", ["HELLO", Buffer.from("0")]],
    ["unfit for no reason", ["UNFIT", []]],
  ])("%s", async (_, hello) => {
    const { transport, opened } = await open({ hello });
    expect(opened).toMatchObject({
      kind: "not-sent",
      failure: { code: "GUARD_PROTOCOL", host: "h1", message: expect.stringContaining("h1") },
    });
    expect(transport.open).toBe(0);
  });
});

const command = {
  key: "h1.1.1",
  script: "true",
  interpreter: [],
  args: [],
  env: {},
  files: [],
  cwd: null,
  timeoutMs: 1_000,
  outputMax: 100,
};
const tree = "/srv/tmp";
const paths = [{ path: tree, content: true }];

const orders: Readonly<Record<string, (guard: RemoteGuard) => Promise<Answer<unknown>>>> = {
  ask: (guard) => guard.ask({ script: "true", env: {}, timeoutMs: 1_000, outputMax: 100 }),
  claim: (guard) => guard.claim({ holder: "me", epoch: 1 }),
  keep: (guard) => guard.keep({ holder: "me", epoch: 1 }),
  look: (guard) =>
    guard.look({
      paths,
      prints: [{ path: tree, extent: "whole" }],
      described: [tree],
      units: ["app.service"],
      files: [{ path: "/etc/app", bytesMax: 100, wanted: null }],
    }),
  observe: (guard) => guard.observe({ paths: [tree], watchMs: 1 }),
  snapshot: (guard) => guard.snapshot({ key: "h1.1", paths, reserveBytes: 1 }),
  arm: (guard) =>
    guard.arm({
      key: "h1.1",
      receipt: "h1.1.1",
      leaseMs: 60_000,
      rules: [{ path: tree, how: "deleted" }],
      undo: null,
      recover: [],
    }),
  disarm: (guard) => guard.disarm({ key: "h1.1" }),
  run: (guard) => guard.run({ ...command, snapshot: null, armed: null, readOnly: [] }),
  settle: (guard) => guard.settle({ key: "h1.1.1", waitMs: 1 }),
  compare: (guard) => guard.compare({ key: "h1.1", changesMax: 10, moment: "quiet" }),
  restore: (guard) =>
    guard.restore({ key: "h1.1", rules: [{ path: tree, how: "deleted" }], later: "keep" }),
  release: (guard) => guard.release({ keepUntil: null }),
  rehearse: (guard) =>
    guard.rehearse({
      paths: [tree],
      steps: [command],
      network: false,
      trace: false,
      limits: { bytes: 1_000, inodes: 10, outputMax: 100, changesMax: 10 },
    }),
};

const words = ["", "0", "1", "-1", "7", "9007199254740993", "yes", "no", "held", "whole", "itself"];
const more = [tree, "/", "..", "f", "d", "absent", "full", "\u0000", "\u001b[2J", "\u00ff", "\n"];
// What every object of JavaScript has is no word of the protocol.
const inherited = ["constructor", "toString", "__proto__", "hasOwnProperty"];
const known = ["locked", "unproven", "disk-full", "fenced", "spool-unusable", "dead", "fired"];
const field = fc.constantFrom(...words, ...more, ...inherited, ...known);
const kinds = fc.constantFrom(
  ..."ANSWER ARMED ASIDE CHURN COMMAND COMPLETE CONFLICT COPIED DISARMED END ENDED FAILED FAULT".split(
    " ",
  ),
  ..."FENCED FINISHED FIRED FIRED-AT GRANTED HOST-IS INSIDE INTERRUPTED KEPT LINES LOCK MADE".split(
    " ",
  ),
  ..."NEVER OBSERVED OUTSIDE PATH-IS PATHS PRINT PUT-BACK REFUSED REHEARSED RELEASED RESTORED".split(
    " ",
  ),
  ..."SAME SPOOL STANDS STEP STEPPED TREE UNIT-IS WALKED ALIVE HELLO".split(" "),
);
const frame = fc.tuple(
  kinds,
  fc.oneof(fc.array(field, { maxLength: 12 }), fc.uint8Array({ maxLength: 40 })),
);
const lies = fc.array(frame, { maxLength: 5 });

/** Does it have a failure with words, where it is one? */
function isWhole(answer: Answer<unknown>): boolean {
  const { failure } = z
    .object({ failure: z.unknown().optional() })
    .parse(answer.kind === "result" ? answer.value : answer);
  return failure === undefined || failureSchema.safeParse(failure).success;
}

const failureSchema = z.object({ code: z.string(), message: z.string(), hint: z.string() });

describe("whatever a host answers, there is an answer about it", { timeout: 120_000 }, () => {
  test.each(Object.entries(orders))("to %s", async (_, order) => {
    const told = fc.asyncProperty(lies, async (answer) => {
      const { opened } = await open({ hello: helloOf(), answer: () => answer });
      if (opened.kind !== "result") throw new Error(opened.failure.message);
      const guard = opened.value;
      if (!(guard instanceof RemoteGuard)) throw new Error("the door opens another guard");
      const result = await order(guard);
      await guard[Symbol.asyncDispose]();
      return isWhole(result);
    });
    const { failed, counterexample } = await fc.check(told, { numRuns: isLong ? 300 : 12 });
    expect({ failed, counterexample }).toEqual({ failed: false, counterexample: null });
  });

  test.each([...inherited, "no such reason"])("also to a refusal for %s", async (reason) => {
    const answer = (): readonly LyingFrame[] => [["REFUSED", [reason]]];
    const { opened } = await open({ hello: helloOf(), answer });
    if (opened.kind !== "result") throw new Error(opened.failure.message);
    await using guard = opened.value;
    expect(await guard.keep({ holder: "me", epoch: 1 })).toMatchObject({
      kind: "unknown",
      failure: { code: "GUARD_PROTOCOL" },
    });
  });
});
