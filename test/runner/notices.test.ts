import { appendFile, mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { NoticeKind, NotifySpec } from "../../src/core/plan/notice.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { openNoticeLog } from "../../src/journals/notice-log.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { NoticeLog, SettledNotice } from "../../src/ports/notice-log.ts";
import type { Notice, NotifierKind } from "../../src/ports/notifier.ts";
import { noticeOf } from "../../src/runner/notice-of.ts";
import { noticeLingerMs, noticePausesMs, openNotices } from "../../src/runner/notices.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { scenario } from "../views/support/scenarios.ts";

const all: readonly NoticeKind[] = [
  "started",
  "halted",
  "sealed",
  "paused",
  "region-sealed",
  "ended",
];

/** Time that is over as soon as somebody waits, but for the lease of a rollout that has ended. */
function hastyClock(slept: number[] = []): Clock {
  return {
    now: () => 0,
    wall: () => "2026-11-23T03:20:00.000Z",
    sleep: async (ms, signal) => {
      slept.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      if (ms === noticeLingerMs)
        await new Promise((_, reject) =>
          signal?.addEventListener("abort", () => reject(new Error("over"))),
        );
    },
  };
}

interface MemoryLog extends NoticeLog {
  readonly settledNotices: Map<string, SettledNotice>;
  /** What was settled, in words. */
  lines(): readonly string[];
}

/** A log as it is on a disk, without one. `ids`: told before; null: nothing was ever kept. */
function memoryLog(ids: readonly string[] | null = []): MemoryLog {
  const at = "2026-11-23T03:13:00Z";
  const kept = new Map<string, SettledNotice>();
  for (const id of ids ?? []) kept.set(id, { id, is: "told", by: "post", tries: 1, at });
  return {
    settledNotices: kept,
    lines: () => [...kept.values()].map(({ is, id, tries }) => `${is}: ${id} ${tries}`),
    begin: async () => undefined,
    settled: async () => (ids === null ? null : new Map(kept)),
    settle: async (_, notice) => void kept.set(notice.id, notice),
  };
}

interface World {
  readonly notify: readonly NotifySpec[];
  readonly log?: NoticeLog;
  /** What the receiver does with the n-th try, from 1. */
  readonly receive?: (notice: Notice, nth: number, signal: AbortSignal) => Promise<void>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly vars?: Readonly<Record<string, string>>;
  readonly escape?: (text: string) => string;
  readonly files?: Readonly<Record<string, string>>;
}

function world(of: World) {
  const told: Notice[] = [];
  const args: unknown[] = [];
  const trouble: string[] = [];
  const kind: NotifierKind = {
    name: "post",
    args: z.unknown(),
    receiver: String,
    ...(of.escape === undefined ? {} : { escape: of.escape }),
    async tell(given, notice, signal) {
      told.push(notice);
      args.push(given);
      await of.receive?.(notice, told.length, signal);
    },
  };
  const records = scenario("incident");
  const base = records[0]!.after.itinerary;
  const plan = { ...base.plan, notify: of.notify, vars: of.vars ?? {} };
  const itinerary: Itinerary = { ...base, plan };
  const order = {
    itinerary,
    notifierKind: (name: string) => (name === "post" ? kind : null),
    onTrouble: (sentence: string) => void trouble.push(sentence),
    secrets: of.secrets ?? {},
    files: (path: string) => {
      const text = of.files?.[path];
      return text === undefined ? [] : [{ path, mode: "0644", content: Buffer.from(text) }];
    },
    clock: of.clock ?? hastyClock(),
    log: of.log ?? memoryLog(),
  };
  const records0 = records.map(({ record }) => record);
  return { told, args, trouble, order, records, records0 };
}

const post = (more: Partial<NotifySpec> = {}): NotifySpec => ({
  on: all,
  kind: "post",
  args: "x",
  ...more,
});

/** The incident from its first record to its last, with whatever is told of it. */
async function played(of: World) {
  const it = world(of);
  const notices = await openNotices(it.order, []);
  for (const { record, after } of it.records) notices.saw(record, after);
  await notices.finish();
  return it;
}

describe("the incident is told", () => {
  test("turn by turn, each with an id and how severe it is", async () => {
    const { told } = await played({ notify: [post()] });
    expect(told.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
      "started info",
      "region-sealed info",
      "region-sealed info",
      "region-sealed info",
      "halted critical",
      "ended warning",
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
    expect(told.at(-2)).toEqual({
      id: expect.stringMatching(/^kb-4711-20261123-0312-7f3a\.\d+\.1$/),
      kind: "halted",
      severity: "critical",
      rollout: "kb-4711-20261123-0312-7f3a",
      plan: "kb-4711-session-redirect",
      at: "2026-11-23T03:13:40.132Z",
      text: 'kb-4711-session-redirect halts: 1 bad in cn batch 1 (cn01), at most 0 allowed; cn01: 3 entries below "/srv/alma/tmp" were deleted by step "clear compiled pages" and were not back within 2 s',
      written: null,
    });
    expect(told.at(-1)?.text).toBe(
      "kb-4711-session-redirect has ended halted: what was taken back is as before, verified; sealed and left so: 10",
    );
  });

  test.each<[Partial<NotifySpec>, readonly string[]]>([
    [{ on: ["halted", "started"] }, ["started", "halted"]],
    [{ severity: "warning" }, ["halted", "ended"]],
    [{ severity: "critical" }, ["halted"]],
    [{ severity: "critical", on: ["started", "ended"] }, []],
  ])("to those who want it: %j", async (spec, kinds) => {
    const { told } = await played({ notify: [post(spec)] });
    expect(told.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("in the words of a template, with what stands in it made harmless", async () => {
    const { told } = await played({
      notify: [
        post({
          on: ["halted"],
          template: { text: "<b>${team}</b> ${notice.kind}: ${notice.text}" },
        }),
        post({ on: ["halted"], template: { file: "t.txt" } }),
      ],
      vars: { team: "ops & co" },
      escape: (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
      files: { "t.txt": "in a file: ${notice.rollout}\n" },
    });
    expect(told[0]?.written).toMatch(
      /^<b>ops &amp; co<\/b> halted: .* below &quot;\/srv\/alma\/tmp&quot;/,
    );
    expect(told[1]?.written).toBe("in a file: kb-4711-20261123-0312-7f3a");
  });

  test("with secrets and the notice filled into the args, and none of the secrets in any trouble", async () => {
    const { args, trouble } = await played({
      notify: [
        post({
          on: ["halted"],
          args: { url: "https://x/${secret.token}", body: ["${notice.kind}"] },
        }),
      ],
      secrets: { token: "hunter2-hunter2" },
      receive: async (_, nth) => {
        if (nth === 1) throw new Error("https://x/hunter2-hunter2 is not there");
      },
    });
    expect(args[0]).toEqual({ url: "https://x/hunter2-hunter2", body: ["halted"] });
    expect(trouble).toEqual([
      expect.stringMatching(/is tried again .*: https:\/\/x\/\[secret token\] is not there$/),
    ]);
  });
});

test.each([
  [
    "waits for approval",
    "paused warning: kb-4711-session-redirect waits for approval of region cn",
  ],
  [
    "waits for its window",
    "paused warning: kb-4711-session-redirect waits for the maintenance window of region cn, which opens at 2026-11-23T18:00:00.000Z",
  ],
  [
    "inconclusive",
    "paused warning: kb-4711-session-redirect waits for a decision: cn01 neither good nor bad",
  ],
  [
    "incident, asks",
    "paused warning: kb-4711-session-redirect waits for a decision: failed on cn01, and the plan says ask",
  ],
  ["paused", "paused warning: kb-4711-session-redirect is paused, as was asked for"],
  [
    "interrupted",
    "paused warning: kb-4711-session-redirect was interrupted by SIGTERM: nobody runs it",
  ],
  ["goes well", "sealed info: kb-4711-session-redirect is sealed everywhere"],
  ["refused", "ended warning: kb-4711-session-redirect was refused: nothing was touched anywhere"],
  [
    "unreachable",
    "ended critical: kb-4711-session-redirect has ended halted, and needs a person for cn01",
  ],
  [
    "undone",
    "ended warning: kb-4711-session-redirect is undone: what was taken back is as before, verified",
  ],
])("the last that is told of a rollout that is %s", (name, last) => {
  const turns = scenario(name).flatMap(({ record, after }) => noticeOf(record, after) ?? []);
  const { kind, severity, text } = turns.at(-1)!;
  expect(`${kind} ${severity}: ${text}`).toBe(last);
});

describe("a notice that reaches nobody", () => {
  test("is told again with the same id, with longer and longer pauses, until it is taken", async () => {
    const slept: number[] = [];
    const log = memoryLog();
    const { told } = await played({
      notify: [post({ on: ["halted"] })],
      log,
      clock: hastyClock(slept),
      receive: async (_, nth) => {
        if (nth < 4) throw new Error("no");
      },
    });
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told).toHaveLength(4);
    expect(slept.filter((ms) => ms !== noticeLingerMs)).toEqual(noticePausesMs.slice(0, 3));
    expect(log.lines()).toEqual([`told: ${told[0]!.id} 4`]);
  });

  test("is given up in the end, and that is said and kept", async () => {
    const log = memoryLog();
    const { told, trouble } = await played({
      notify: [post({ on: ["halted"] })],
      log,
      receive: () => Promise.reject(new Error("status 500")),
    });
    expect(told).toHaveLength(noticePausesMs.length + 1);
    expect(log.lines()).toEqual([`given up: ${told[0]!.id} ${told.length}`]);
    expect(trouble.at(-1)).toMatch(/is given up after 7 tries: status 500$/);
  });

  test("because its receiver hangs holds up neither the rollout nor other receivers", async () => {
    let hanging = 0;
    const it = world({
      notify: [post(), post({ on: ["halted"], args: "other" })],
      receive: (notice, _, signal) =>
        notice.id.endsWith(".2")
          ? Promise.resolve()
          : new Promise((_resolve, reject) => {
              hanging += 1;
              signal.addEventListener("abort", () => reject(new Error("cut")));
            }),
    });
    const notices = await openNotices(it.order, []);
    // Nothing is awaited here: whatever saw() would wait for, the rollout would wait for.
    for (const { record, after } of it.records) notices.saw(record, after);
    await new Promise((resolve) => setImmediate(resolve));
    expect(hanging).toBe(6);
    expect(it.told.filter(({ id }) => id.endsWith(".2"))).toHaveLength(1);
  });

  test("although the rollout is over is left for the next runner, and it is said who that would be", async () => {
    const log = memoryLog();
    const it = world({
      notify: [post({ on: ["halted"] })],
      log,
      // The time to linger is over at once; every other pause is not.
      clock: {
        now: () => 0,
        wall: () => "2026-11-23T03:20:00.000Z",
        sleep: async (ms, signal) => {
          if (ms === noticeLingerMs) return;
          await new Promise((_, reject) =>
            signal?.addEventListener("abort", () => reject(new Error("over"))),
          );
        },
      },
      receive: () => Promise.reject(new Error("down")),
    });
    const notices = await openNotices(it.order, []);
    for (const { record, after } of it.records) notices.saw(record, after);
    await notices.finish();
    expect(log.lines()).toEqual([]);
    expect(it.trouble.at(-1)).toMatch(
      /^1 notice reached nobody so far; handrail notices kb-4711-20261123-0312-7f3a --send tells them again/,
    );
    const later = world({ notify: [post({ on: ["halted"] })], log });
    await (await openNotices(later.order, later.records0)).finish();
    expect(later.told.map(({ id }) => id)).toEqual([it.told[0]!.id]);
    expect(log.lines()).toEqual([`told: ${it.told[0]!.id} 1`]);
  });

  test("of a kind that does not end when it is told to is let go", async () => {
    const it = world({
      notify: [post({ on: ["halted"] })],
      clock: { now: () => 0, wall: () => "", sleep: () => Promise.resolve() },
      receive: () => new Promise(() => undefined),
    });
    const notices = await openNotices(it.order, []);
    for (const { record, after } of it.records) notices.saw(record, after);
    await expect(notices.finish()).resolves.toBeUndefined();
  });
});

describe("a runner that takes over", () => {
  test("tells what is not settled, and nothing twice", async () => {
    const first = await played({ notify: [post()] });
    const ids = first.told.map(({ id }) => id);
    const later = world({ notify: [post()], log: memoryLog(ids.slice(0, 3)) });
    await (await openNotices(later.order, later.records0)).finish();
    expect(later.told.map(({ id }) => id)).toEqual(ids.slice(3));
  });

  test("tells what was given up only when it is asked to", async () => {
    const [id] = (await played({ notify: [post()] })).told.map((notice) => notice.id);
    for (const again of [false, true]) {
      const log = memoryLog();
      log.settledNotices.set(id!, { id: id!, is: "given up", by: "post", tries: 7, at: "" });
      const later = world({ notify: [post({ on: ["started"] })], log });
      await (await openNotices({ ...later.order, again }, later.records0)).finish();
      expect(later.told.map((notice) => notice.id)).toEqual(again ? [id] : []);
    }
  });

  test("tells nothing of what an earlier Handrail did, which kept no log", async () => {
    const later = world({ notify: [post()], log: memoryLog(null) });
    await (await openNotices(later.order, later.records0)).finish();
    expect(later.told).toEqual([]);
  });

  test("goes on where the log can't be read or written, and says so", async () => {
    const broken: NoticeLog = {
      begin: () => Promise.reject(new Error("disk")),
      settled: () => Promise.reject(new Error("disk")),
      settle: () => Promise.reject(new Error("disk")),
    };
    const { told, trouble } = await played({ notify: [post({ on: ["halted"] })], log: broken });
    expect(told).toHaveLength(1);
    expect(trouble).toEqual([
      expect.stringContaining("can't be read, so none of them is told again: disk"),
      expect.stringContaining("could not be kept, so it may be told again: disk"),
    ]);
  });
});

describe("the log of notices", () => {
  const entry = { is: "told", by: "post", tries: 1, at: "2026-11-23T03:20:00Z" } as const;

  test("is there for its owner alone, and does not know a rollout that it never began", async () => {
    const folder = await mkdtemp(join(tmpdir(), "handrail-notices-"));
    try {
      const log = openNoticeLog(folder);
      expect(await log.settled("r-1")).toBeNull();
      await log.begin("r-1");
      expect(await log.settled("r-1")).toEqual(new Map());
      const file = join(folder, "notices", "r-1.jsonl");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await log.settle("r-1", { id: "a", ...entry });
      // What a crash may leave, and what comes after it.
      await appendFile(file, '{"id":"b","is":"to');
      expect([...((await openNoticeLog(folder).settled("r-1")) ?? [])]).toEqual([
        ["a", { id: "a", ...entry }],
      ]);
      await log.settle("r-1", { id: "c", ...entry, is: "given up" });
      await log.settle("r-1", { id: "c", ...entry });
      const settled = await openNoticeLog(folder).settled("r-1");
      expect([...(settled ?? [])].map(([id, { is }]) => [id, is])).toEqual([
        ["a", "told"],
        ["c", "told"],
      ]);
      expect(await readFile(file, "utf8")).toContain('"by":"post"');
    } finally {
      await removeFolder(folder);
    }
  });
});
