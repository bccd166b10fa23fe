import { expect, test } from "vitest";
import { isLong } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { ChurnDriver, type Event, type Living } from "./support/churn-driver.ts";

const top = "./t";
const born = (at: number, ...names: readonly string[]): Living =>
  new Map(names.map((name) => [`${top}/${name}`, at]));
const all = (...parts: readonly Living[]): Living => new Map(parts.flatMap((part) => [...part]));
const stay = born(-9e6, "index.html", "logo.png");

/** `count` names of this shape: "upload-17.part". */
const names = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, at) => `upload-${from + at}.part`);

/** Looks each second from `from` to `to`, between each of which `lost` uploads go and as many come. */
function quiet(from: number, to: number, lost: number, name = names): Event[] {
  const looks: Event[] = [];
  for (let at = from; at <= to; at++)
    looks.push({ is: "quiet", at, holds: all(stay, born(at - 1, ...name(lost, at * lost))) });
  return looks;
}

/** A step of two seconds after the last of these looks, by whose end these names are gone. */
function asked(at: number, gone: Living, kept: Living = stay): Event {
  return { is: "asked", at, key: "ap01.1", before: all(kept, gone), now: kept };
}

const gone = (count: number, at = 9): Living => born(at, ...names(count, 900));

/** A long calm, then two lively seconds with a command between them. */
const interrupted: readonly Event[] = [
  ...quiet(0, 6, 0),
  { is: "quiet", at: 7, holds: all(stay, gone(5, 6)) },
  { is: "quiet", at: 8, holds: stay },
  { is: "command", key: "a", ended: true },
  { is: "quiet", at: 8.2, holds: all(stay, gone(5, 8)) },
  { is: "quiet", at: 9.2, holds: stay },
];

const table: readonly (readonly [string, readonly Event[], number])[] = [
  [
    "a tree that was never seen to lose anything has no churn",
    [...quiet(7, 10, 0), asked(12, gone(1))],
    0,
  ],
  ["a tree that was never looked at has no churn", [asked(12, gone(1))], 0],
  ["one look alone knows of no loss", [...quiet(10, 10, 5), asked(12, gone(1))], 0],
  ["as many as went in quiet time are churn", [...quiet(7, 10, 5), asked(12, gone(10))], 10],
  // 10 went in any two seconds: 2 × (10 + √10) + 3 = 29.3.
  [
    "twice as many, chance included, and three more are",
    [...quiet(7, 10, 5), asked(12, gone(29))],
    29,
  ],
  ["one more is a mass deletion, and none of it is", [...quiet(7, 10, 5), asked(12, gone(30))], 0],
  // 18 went in two of them: 2 × (18 + √18) + 3 = 47.5.
  [
    "the most in any stretch counts, not the mean",
    [...quiet(2, 3, 1), ...quiet(4, 5, 9), ...quiet(6, 7, 1), asked(9, gone(47))],
    47,
  ],
  [
    "more than the most in any stretch is too much",
    [...quiet(2, 3, 1), ...quiet(4, 5, 9), ...quiet(6, 7, 1), asked(9, gone(48))],
    0,
  ],
  // Only 5 went in one stretch: 2 × (5 + √5) + 3 = 17.5.
  [
    "windows with a command between them are no stretch",
    [...interrupted, asked(11.2, gone(17))],
    17,
  ],
  [
    "what went before and after a command is not added up",
    [...interrupted, asked(11.2, gone(18))],
    0,
  ],
  // 20 went in each second: 2 × (20 + √20) / 2 + 3 = 27.5.
  [
    "a step that took half as long as a window may lose half as many",
    [...quiet(7, 10, 20), asked(10.5, gone(27))],
    27,
  ],
  [
    "a step that took half as long may not lose more",
    [...quiet(7, 10, 20), asked(10.5, gone(28))],
    0,
  ],
  // 20 went in four seconds: 2 × (20 + √20) × 20 / 4 + 3 = 247.7.
  [
    "a watch that was shorter than the step speaks for all of it",
    [...quiet(6, 10, 5), asked(30, gone(247))],
    247,
  ],
  [
    "a watch that was shorter than the step does not speak for more",
    [...quiet(6, 10, 5), asked(30, gone(248))],
    0,
  ],
  // 2 × (1 + √1) + 1 = 5.
  [
    "where only one was ever seen to go, five are churn",
    [
      ...quiet(5, 9, 0),
      { is: "quiet", at: 9.5, holds: gone(1) },
      ...quiet(10, 10, 0),
      asked(12, gone(5)),
    ],
    5,
  ],
  [
    "where only one was ever seen to go, six are too many",
    [
      ...quiet(5, 9, 0),
      { is: "quiet", at: 9.5, holds: gone(1) },
      ...quiet(10, 10, 0),
      asked(12, gone(6)),
    ],
    0,
  ],
  [
    "a name of another shape is no churn beside one that is",
    [...quiet(7, 10, 5), asked(12, all(gone(3), born(9, "session.lock")))],
    3,
  ],
  [
    "the same name as a folder is of another shape",
    [...quiet(7, 10, 5), asked(12, born(9, "upload-1.part/"))],
    0,
  ],
  [
    "the same name in another folder is of another shape",
    [...quiet(7, 10, 5), asked(12, born(9, "a/upload-1.part"))],
    0,
  ],
  [
    "what was there before any look, and long, is no churn among such names",
    [...quiet(7, 10, 5), asked(12, all(gone(3), born(-200, "upload-7.part")))],
    3,
  ],
  [
    "nothing is old that is ten seconds old",
    [...quiet(7, 10, 5), asked(12, all(gone(3), born(0.1, "upload-7.part")))],
    4,
  ],
  [
    "where entries were seen to live long, older ones are churn",
    [
      { is: "quiet", at: 0, holds: born(-50, ...names(3)) },
      ...quiet(1, 10, 5),
      asked(12, all(gone(3), born(-200, "upload-7.part"))),
    ],
    4,
  ],
  [
    "a command that ran between two looks makes no evidence",
    quiet(7, 10, 5)
      .flatMap((look, at): Event[] => [look, { is: "command", key: `a${at}`, ended: true }])
      .concat(asked(12, gone(1))),
    0,
  ],
  [
    "a command that has not ended makes no evidence",
    [{ is: "command", key: "a", ended: false }, ...quiet(7, 10, 5), asked(12, gone(1))],
    0,
  ],
  [
    "a restore makes no evidence",
    [
      ...quiet(0, 1, 0),
      { is: "quiet", at: 2, holds: gone(9) },
      { is: "restored" },
      ...quiet(3, 10, 0),
      asked(12, gone(1)),
    ],
    0,
  ],
  [
    "evidence from before a command counts after it",
    [
      ...quiet(7, 10, 5),
      { is: "command", key: "a", ended: true },
      { is: "quiet", at: 20, holds: stay },
      asked(22, gone(9, 19)),
    ],
    9,
  ],
  [
    "after a restart of the host nobody knows how long the step took",
    [...quiet(7, 10, 5), { is: "boot" }, asked(12, gone(1))],
    0,
  ],
  [
    "the protected path itself is never churn",
    [
      ...[0, 1, 2, 3].flatMap((at): Event[] => [
        { is: "quiet", at, holds: new Map([["./t", at]]) },
        { is: "quiet", at: at + 0.5, holds: new Map() },
      ]),
      asked(5, new Map([["./t", 3]]), new Map()),
    ],
    0,
  ],
  [
    "a name with a newline is never churn",
    [
      ...quiet(7, 10, 5, (count, from) => names(count, from).map((name) => `a\0${name}`)),
      asked(12, born(9, "a\0upload-9.part")),
    ],
    0,
  ],
  [
    "a name with a control character is never churn",
    [
      ...quiet(7, 10, 5, (count, from) => names(count, from).map((name) => `a\u0001${name}`)),
      asked(12, born(9, "a\u0001upload-9.part")),
    ],
    0,
  ],
];

const shapes: readonly (readonly [string, readonly string[], string, boolean])[] = [
  ["numbers of any length", ["a-1.tmp", "a-22.tmp", "a-9.tmp"], "a-123456.tmp", true],
  ["numbers in a folder's name", ["w1/x", "w2/x", "w3/x"], "w44/x", true],
  [
    "hexadecimal runs of six and more",
    ["s_0a1b2c", "s_ffffff11", "s_12ab34cd56ef"],
    "s_7f7f7f7f",
    true,
  ],
  [
    "hexadecimal runs that happen to be all numbers",
    ["s_0a1b2c", "s_ff1f11", "s_1234ab"],
    "s_123456",
    true,
  ],
  [
    "uuids",
    ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "7ba7b811-9dad-11d1-80b4-00c04fd430c9"],
    "FFFFFFFF-ABCD-ABCD-ABCD-00C04FD430C8",
    true,
  ],
  ["words are themselves", ["lock-a", "lock-b", "lock-c"], "lock-d", false],
  ["words that could be hexadecimal", ["cafe", "babe", "beef"], "dead", false],
  ["random letters, by their length", ["phpAbCdEf", "phpXyZzYx", "phpqWeRtY"], "phpLmNoPq", true],
  [
    "random letters of another length",
    ["phpAbCdEf", "phpXyZzYx", "phpqWeRtY"],
    "phpLmNoPqR",
    false,
  ],
  ["random letters, two names are too few to tell", ["phpAbCdEf", "phpXyZzYx"], "phpLmNoPq", false],
  [
    "random letters in mktemp's names",
    ["tmp.a8Kd92kLqZ", "tmp.QqQqQqQqQq", "tmp.1111111aaa"],
    "tmp.zzzzzzzzzz",
    true,
  ],
  [
    "random letters with underscores",
    ["tmpk3x9_abz", "tmpabcdefgh", "tmp_1_2_3_4"],
    "tmpzyxwvut1",
    true,
  ],
  [
    "random letters in a folder's name",
    ["tmp.aAbBcC/body", "tmp.dDeEfF/body", "tmp.gGhHiI/body"],
    "tmp.jJkKlL/body",
    true,
  ],
  ["blanks and bytes that are no text", ["a b\xff1", "a b\xff2", "a b\xff3"], "a b\xff77", true],
];

for (const name of isLong ? ["mawk", "gawk", "busybox"] : ["mawk"])
  describeWith([name], `the rule of docs/churn.md, in ${name}`, () => {
    test.each(table)("%s", (_title, events, expected) => {
      using driver = new ChurnDriver(name);
      const [churn = []] = driver.tell(events);
      expect(churn).toHaveLength(expected);
    });

    test.each(shapes)("shapes: %s", (_title, seen, later, isChurn) => {
      using driver = new ChurnDriver(name);
      const looks = seen.flatMap((it, at): Event[] => [
        { is: "quiet", at, holds: born(at, it) },
        { is: "quiet", at: at + 0.5, holds: stay },
      ]);
      const [churn] = driver.tell([...looks, asked(5, born(4, later))]);
      expect(churn).toEqual(isChurn ? [`${top}/${later}`] : []);
    });

    test("dates as stat(1) prints them are as good as seconds", () => {
      using driver = new ChurnDriver(name, "stat");
      const old = all(gone(3), born(-200, "upload-7.part"));
      expect(driver.tell([...quiet(7, 10, 5), asked(12, old)])[0]).toHaveLength(3);
    });

    test("what a step took stays harm, however long ago it is when someone asks again", () => {
      using driver = new ChurnDriver(name);
      const before = all(stay, gone(40));
      const answers = driver.tell([
        ...quiet(7, 10, 5),
        { is: "step", at: 12, key: "ap01.1", before, now: stay },
        { is: "asked", at: 60, key: "ap01.1", before, now: stay },
        {
          is: "asked",
          at: 62,
          key: "ap01.1",
          before: all(before, born(9, "upload-77.part")),
          now: stay,
        },
      ]);
      expect(answers).toEqual([[], ["./t/upload-77.part"]]);
    });

    test("how long a step took is measured to its own snapshot, whatever was looked at since", () => {
      using driver = new ChurnDriver(name);
      const first = all(stay, gone(20, 9));
      const answers = driver.tell([
        ...quiet(7, 10, 5),
        { is: "step", at: 11, key: "ap01.1", before: first, now: first },
        { is: "quiet", at: 20, holds: first },
        { is: "asked", at: 20.5, key: "ap01.1", before: first, now: stay },
        { is: "asked", at: 20.5, key: "ap01.2", before: first, now: stay },
      ]);
      expect(answers.map(({ length }) => length)).toEqual([20, 0]);
    });
  });
