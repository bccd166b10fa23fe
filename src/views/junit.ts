import { create } from "xmlbuilder2";
import { oneLine, printable } from "../core/printable.ts";

/** What became of one case. `error`: it could not be told, which is neither good nor bad. */
export type CaseEnd =
  | { readonly is: "passed" }
  | { readonly is: "skipped"; readonly because: string }
  | {
      readonly is: "failure" | "error";
      /** A word for machines: REGENERATION_LATE. */
      readonly type: string;
      /** One sentence. */
      readonly message: string;
      /** Further lines: what was done about it, how users are, what to type next. */
      readonly lines: readonly string[];
    };

export interface JunitCase {
  /** Where it belongs: "cn.cn01". The same in every run, for who compares runs. */
  readonly of: string;
  readonly name: string;
  readonly ms: number;
  readonly end: CaseEnd;
}

export interface JunitSuite {
  readonly name: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly cases: readonly JunitCase[];
}

/** Characters of one text: a file of two thousand instances must stay one that a server reads. */
const textMax = 8_192;

/**
 * JUnit XML in the shape that both the schema of Ant's task and that of Jenkins accept: no attribute
 * on the root, times in UTC without a zone, all parts of a suite in their order. `printable` leaves no
 * character that XML forbids, so whatever a host printed, the file can be read. Of cases that are named
 * alike GitLab shows the first alone, so no two are: the second of them is called "name (2)".
 */
export function junitXml(suites: readonly JunitSuite[]): string {
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites");
  const unlike = unlikeNames();
  suites.forEach((suite, id) => {
    const count = (is: CaseEnd["is"]): number =>
      suite.cases.filter(({ end }) => end.is === is).length;
    const element = root.ele("testsuite", {
      name: word(suite.name),
      package: "handrail",
      id,
      timestamp: suite.at.slice(0, "2026-11-23T03:12:40".length),
      hostname: "localhost",
      tests: suite.cases.length,
      failures: count("failure"),
      errors: count("error"),
      skipped: count("skipped"),
      time: seconds(suite.cases.reduce((sum, { ms }) => sum + ms, 0)),
    });
    element.ele("properties");
    for (const { of, name, ms, end } of suite.cases) {
      const at = element.ele("testcase", {
        name: unlike(word(of), word(name)),
        classname: word(of),
        time: seconds(ms),
      });
      if (end.is === "skipped") at.ele("skipped", { message: word(end.because) });
      if (end.is === "failure" || end.is === "error")
        at.ele(end.is, { message: word(end.message), type: word(end.type) }).txt(
          printable([end.message, ...end.lines].join("\n"), { max: textMax }),
        );
    }
    element.ele("system-out");
    element.ele("system-err");
  });
  return `${root.end({ prettyPrint: true })}\n`;
}

/** Never empty, which the schema of Ant's task and some readers do not take. */
function word(text: string): string {
  return oneLine(text, { max: textMax }) || "(empty)";
}

/** Names by class, each given out once. */
function unlikeNames(): (of: string, name: string) => string {
  const taken = new Set<string>();
  return (of, name) => {
    const key = (made: string): string => JSON.stringify([of, made]);
    let free = name;
    for (let count = 2; taken.has(key(free)); count += 1) free = `${name} (${count})`;
    taken.add(key(free));
    return free;
  };
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
