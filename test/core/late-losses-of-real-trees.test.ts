import { describe, expect, test } from "vitest";
import { afterLook, beginWatch, type TreeWatch } from "../../src/core/late-losses.ts";
import type { Policy } from "../../src/core/plan/plan.ts";

// Trees as applications have them, looked at every 30 s after the seal: what comes of what they lose.

const keep: Policy = { kind: "keep" };
const everyMs = 30_000;

/** The worst that is said of any look: nothing, told to people, or enough to halt without them. */
type Comes = "nothing" | "told" | "halts";

interface Tree {
  readonly policy?: Policy;
  readonly minutes: number;
  /** Names in it, so many minutes after the seal. */
  readonly names: (minute: number) => readonly string[];
}

const range = (count: number, name: (at: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, at) => name(at));
const day = (date: number): string => `202611${String(date).padStart(2, "0")}`;
/** As PHP names its sessions: 26 characters that mean nothing. */
const session = (at: number): string =>
  `sess_${String(at).padStart(5, "0")}kq3v9d0a7m2x5z8b1c4n6`.slice(0, 31);

/**
 * Sessions that begin `perMinute`, live as long as they are used, 10 minutes, and are collected `everyMin`
 * once they were not used for `idleMin`, as Debian's cron job for PHP does it.
 */
function sessions(
  minute: number,
  { perMinute, idleMin, everyMin }: { perMinute: number; idleMin: number; everyMin: number },
): readonly string[] {
  const collected = Math.floor(minute / everyMin) * everyMin;
  const first = Math.ceil((collected - 10 - idleMin) * perMinute);
  const last = Math.floor(minute * perMinute);
  // Those of before the seal have their numbers, too.
  return range(last - first, (at) => session(50_000 + first + at));
}

const harmless: readonly (readonly [string, Comes, Tree])[] = [
  [
    "sessions that a job collects each half hour, more than half of them at once",
    "told",
    {
      minutes: 100,
      names: (minute) => sessions(minute, { perMinute: 3, idleMin: 6, everyMin: 30 }),
    },
  ],
  [
    "sessions that are collected as they run out",
    "nothing",
    {
      minutes: 100,
      names: (minute) => sessions(minute, { perMinute: 3, idleMin: 24, everyMin: 1 }),
    },
  ],
  [
    "700 of 1,000 sessions that expire at midnight, while people log in",
    "told",
    {
      minutes: 20,
      names: (minute) => [
        ...range(1_000, session).slice(minute < 12 ? 0 : 700),
        ...range(Math.floor(minute * 2), (at) => session(2_000 + at)),
      ],
    },
  ],
  [
    "the logs of 20 hosts, rotated by date and packed, the oldest of them dropped",
    "nothing",
    {
      minutes: 10,
      names: (minute) => {
        const today = minute < 5 ? 27 : 28;
        return range(20, (at) => `access-web${at}.log`).flatMap((log) => [
          log,
          `${log}-${day(today)}`,
          ...range(6, (at) => `${log}-${day(today - 1 - at)}.gz`),
        ]);
      },
    },
  ],
  [
    "logs that are rotated by number",
    "nothing",
    {
      minutes: 10,
      names: (minute) =>
        range(minute < 5 ? 6 : 7, (at) => (at === 0 ? "app.log" : `app.log.${at}`)),
    },
  ],
  [
    "30 of 300 leftovers that systemd-tmpfiles cleans after 10 days",
    "told",
    { minutes: 10, names: (minute) => range(300, (at) => `tmp.${at}x`).slice(minute < 5 ? 0 : 30) },
  ],
  [
    "the same while new ones come",
    "nothing",
    {
      minutes: 10,
      names: (minute) => [
        ...range(300, (at) => `tmp.${at}x`).slice(minute < 5 ? 0 : 30),
        ...range(Math.floor(minute), (at) => `tmp.${900 + at}x`),
      ],
    },
  ],
  [
    "bodies of uploads, each there for as long as it comes in",
    "nothing",
    {
      minutes: 60,
      names: (minute) => [
        "client_body",
        // A burst of nine each ten minutes.
        ...range(
          minute % 10 < 2 && minute > 1 ? 9 : 0,
          (at) => `00000${Math.floor(minute / 10)}${at}`,
        ),
      ],
    },
  ],
  [
    "a cache that is filled anew under other names",
    "nothing",
    { minutes: 10, names: (minute) => range(40, (at) => `app-${minute < 5 ? 1 : 2}${at}.css`) },
  ],
  [
    "compiled pages that are back within their time",
    "nothing",
    {
      policy: { kind: "regenerates", withinMs: 120_000, recover: [] },
      minutes: 10,
      names: (minute) => (minute >= 5 && minute < 6.5 ? [] : range(40, (at) => `page${at}.class`)),
    },
  ],
];

const harmful: readonly (readonly [string, Comes, Tree])[] = [
  [
    "all sessions at once, the newest too",
    "halts",
    {
      minutes: 20,
      names: (minute) => {
        const all = sessions(minute, { perMinute: 3, idleMin: 24, everyMin: 1 });
        return minute < 12 ? all : all.slice(all.indexOf(session(50_000 + 36)));
      },
    },
  ],
  [
    "all temp files of an application that makes no new ones",
    "halts",
    { minutes: 10, names: (minute) => (minute < 5 ? range(12, (at) => `up${at}.part`) : []) },
  ],
  [
    "the temp files of before, while the application makes as many of another kind",
    "halts",
    {
      minutes: 10,
      names: (minute) =>
        minute < 5 ? range(12, (at) => `up${at}.part`) : range(12, (at) => `log.${at}`),
    },
  ],
  [
    "half of the uploads, by a job that deletes what is older than an hour",
    "halts",
    {
      minutes: 10,
      names: (minute) => range(20, (at) => `up${at}.part`).slice(minute < 5 ? 0 : 10),
    },
  ],
  [
    "the same where new ones come all the time: names alone don't tell it from a cleaner",
    "told",
    {
      minutes: 20,
      names: (minute) => [
        ...range(20, (at) => `up${at}.part`).slice(minute < 12 ? 0 : 15),
        ...range(Math.floor(minute), (at) => `up${900 + at}.part`),
      ],
    },
  ],
  [
    "two uploads of forty",
    "told",
    { minutes: 10, names: (minute) => range(40, (at) => `up${at}.part`).slice(minute < 5 ? 0 : 2) },
  ],
  [
    "one file of a folder that must stay as it is",
    "halts",
    {
      policy: { kind: "keep-content" },
      minutes: 10,
      names: (minute) => range(30, (at) => `site${at}.conf`).slice(minute < 5 ? 0 : 1),
    },
  ],
  [
    "compiled pages that never come back",
    "halts",
    {
      policy: { kind: "regenerates", withinMs: 120_000, recover: [] },
      minutes: 10,
      names: (minute) => (minute >= 5 ? [] : range(40, (at) => `page${at}.class`)),
    },
  ],
];

function comesOf({ policy = keep, minutes, names }: Tree): Comes {
  const look = (minute: number) => ({
    atMs: minute * 60_000,
    entries: new Set(["/srv/tmp", ...names(minute).map((name) => `/srv/tmp/${name}`)]),
  });
  let watch: TreeWatch = beginWatch(policy, look(0));
  let comes: Comes = "nothing";
  for (let atMs = everyMs; atMs <= minutes * 60_000; atMs += everyMs) {
    const after = afterLook(watch, look(atMs / 60_000));
    watch = after.watch;
    if (after.lost?.isMany === true) return "halts";
    if (after.lost !== null) comes = "told";
  }
  return comes;
}

describe("harmless is what a tree loses by itself", () => {
  test.each(harmless)("%s: %s", (_what, comes, tree) => {
    expect(comesOf(tree)).toBe(comes);
  });
});

describe("harmful is what something else takes from it", () => {
  test.each(harmful)("%s: %s", (_what, comes, tree) => {
    expect(comesOf(tree)).toBe(comes);
  });
});
