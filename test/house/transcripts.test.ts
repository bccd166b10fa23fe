import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { failureCodes } from "../../src/core/failure.ts";
import { verbAnswers } from "../../src/core/verb-answers.ts";

// What a verb can refuse must be in a transcript, where a person has read it: every code of
// docs/errors.md, every sentence of the command line's own, every answer that the verb table refuses with.

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const folder = "test/cli/transcripts/";
const told = readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".txt"))
  .map((name) => read(`${folder}${name}`))
  .join("\n")
  // Headings and command lines are no words of the program.
  .replaceAll(/^[#$] .*$/gm, "");

interface LeftOut {
  readonly because: string;
  /** The test that holds it instead: it has the code, or these words. */
  readonly test: string;
  /** What to look for there, where it is neither. */
  readonly has?: string;
}

const byKeyOrLogin = {
  because: "it takes an SSH server that answers so, and each transport says it in words of its own",
  test: "test/contracts/transport-diagnosis.test.ts",
};
const byGuard = (file: string): LeftOut => ({
  because: "it takes a host that is broken, or cut off at one instant, in a way of its own",
  test: file,
});

/** Codes that stand in no transcript. */
const codesLeftOut: Readonly<Record<string, LeftOut>> = {
  CONNECT_DNS: byKeyOrLogin,
  CONNECT_TIMEOUT: byKeyOrLogin,
  HOST_KEY_CHANGED: byKeyOrLogin,
  HOST_KEY_UNKNOWN: byKeyOrLogin,
  TRANSPORT_UNSUPPORTED: byKeyOrLogin,
  CONNECT_LOST: byGuard("test/contracts/transport-ssh.contract.ts"),
  BECOME_FAILED: byGuard("test/host/open.test.ts"),
  GUARD_HOST_UNFIT: byGuard("test/host/open.test.ts"),
  GUARD_PROTOCOL: byGuard("test/host/open.test.ts"),
  GUARD_FIRED: byGuard("test/runner/dead-man.test.ts"),
  GUARD_NOT_ARMED: byGuard("test/host/switch.test.ts"),
  RESTORE_INCOMPLETE: byGuard("test/runner/put-back.test.ts"),
  SNAPSHOT_NO_SPACE: byGuard("test/e2e/failure-paths.test.ts"),
  SNAPSHOT_UNPROVEN: byGuard("test/host/snapshot-trouble.test.ts"),
  SNAPSHOT_UNREADABLE: byGuard("test/host/snapshot-trouble.test.ts"),
  STEP_INTERRUPTED: byGuard("test/host/receipt.test.ts"),
  STEP_IN_DOUBT: byGuard("test/core/recover.test.ts"),
  STEP_LEFT_DAEMON: {
    because: "no host is closed to a step that is seen to start a daemon, so it must hide it",
    test: "test/host/closed-paths.test.ts",
    has: "leftPid",
  },
  STEP_NOT_BEGUN: byGuard("test/runner/perform-apply.test.ts"),
  FENCED: {
    because: "another runner must take the rollout up between two records of this one",
    test: "test/host/late-runner.test.ts",
  },
  DEADLINE_INSTANCE: {
    because: "on a slow machine another step is the one that is under way when the time is over",
    test: "test/runner/bounded-abort.test.ts",
  },
  DEADLINE_PROGRESS: {
    because: "nothing may end for minutes",
    test: "test/runner/deadlines.test.ts",
  },
  EVIDENCE_MISSING: {
    because:
      "bakes that wait for evidence take their time, and docs/metrics.md shows what they say",
    test: "test/e2e/metrics.test.ts",
  },
  METRIC_INCONCLUSIVE: {
    because: "it takes a server of metrics, and docs/metrics.md shows what is said",
    test: "test/runner/control-group.test.ts",
  },
  METRIC_WORSE: {
    because: "it takes a server of metrics, and docs/metrics.md shows what is said",
    test: "test/runner/control-group.test.ts",
  },
  LATE_HARM: {
    because: "harm must come while a second region is under way, and docs/watching.md shows it",
    test: "test/e2e/late-harm.test.ts",
  },
  NOT_APPROVED: {
    because: "only programs that use the library are told so; `apply` says it in words",
    test: "test/e2e/library.test.ts",
  },
  ORDER_REFUSED: {
    because: "only programs that use the library are told so; the verbs say it in words",
    test: "test/e2e/library.test.ts",
  },
  ROLLOUT_EXISTS: {
    because: "an id ends with random digits, and would have to come twice in one minute",
    test: "test/contracts/journal-contract.ts",
  },
  STATE_FULL: {
    because: "it takes a disk that is full, which only root can make",
    test: "test/contracts/journal-disk.test.ts",
  },
};

/** Sentences of the command line that stand in no transcript, by a piece of them. */
const sentencesLeftOut: Readonly<Record<string, LeftOut>> = {
  ", and a page starts no process that could act on it: nothing was asked": {
    because: "a page is told so, and nobody at a terminal",
    test: "test/cli/page-wishes.test.ts",
  },
  "; nothing was asked": {
    because: "a page is told so, and nobody at a terminal",
    test: "test/cli/page-wishes.test.ts",
  },
  "who approves an emergency says why, for the journal and the report; nothing was asked": {
    because: "a page is told so, and nobody at a terminal",
    test: "test/cli/page-wishes.test.ts",
  },
  "nothing was confirmed, and nothing was touched": {
    because: "it takes a person at a terminal, who types nothing",
    test: "test/cli/intent.test.ts",
  },
};

/** Answers of the verb table that no verb gives, and what it says in their place, with the names. */
const answersSaidBefore: Readonly<Record<string, string>> = {
  approvedOther: '--digest is "0000", and ',
  hasNoWindow: " has a maintenance window",
  keepsNoLock: " keeps no lock of us1",
  needsNoApproval: 'no region "nowhere" of ',
  nothingToDecide: "there is nothing to decide for us1",
};

/** Those of these that the texts do not have. */
function missing(wanted: readonly string[], texts: string): readonly string[] {
  return wanted.filter((each) => !texts.includes(each));
}

describe("the transcripts", () => {
  test("have every failure code, but for those that say why not", () => {
    expect(missing(failureCodes, told).toSorted()).toEqual(Object.keys(codesLeftOut).toSorted());
  });

  test("have every sentence with which the command line refuses", () => {
    const sentences = [...new Set(refusals().flat())];
    expect(sentences.length).toBeGreaterThan(50);
    expect(missing(sentences, told).toSorted()).toEqual(Object.keys(sentencesLeftOut).toSorted());
  });

  test("have every answer with which the verb table refuses", () => {
    const refused = Object.entries(verbAnswers)
      .filter(([, { word }]) => word === "refused" || word === "already so")
      .map(([name, { says }]) => [name, says.split(/\b(?:REGION|INSTANCE)\b/)] as const);
    const untold = refused
      .filter(([, pieces]) => missing(pieces, told).length > 0)
      .map(([name]) => name);
    expect(untold.toSorted()).toEqual(Object.keys(answersSaidBefore).toSorted());
    expect(missing(Object.values(answersSaidBefore), told)).toEqual([]);
  });

  test.each(Object.entries({ ...codesLeftOut, ...sentencesLeftOut }))(
    'leave out "%s", which the test that is named has',
    (words, { because, test: file, has = words }) => {
      expect(because).not.toBe("");
      expect(read(file)).toContain(has);
    },
  );

  test("of nothing would lack all of it", () => {
    expect(missing(failureCodes, "")).toEqual(failureCodes);
    expect(missing(["STATE_FULL", "made up"], "(STATE_FULL)")).toEqual(["made up"]);
    const source =
      'throw new UsageError(a ? `no ${thing(`very ${b}, nested`)} is found here` : "short", "next")';
    expect(messagesIn(source)).toEqual([[", nested", " is found here"]]);
  });
});

/** The message of each UsageError in the program, as the pieces of text that its source has. */
function refusals(): readonly (readonly string[])[] {
  const files = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" });
  return files
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => messagesIn(read(`src/${path}`)));
}

function messagesIn(source: string): readonly (readonly string[])[] {
  return [...source.matchAll(/new UsageError\(/g)].map(({ 0: call, index }) => {
    const pieces: string[] = [];
    walkCode(source, { from: index + call.length, ends: ",", pieces });
    return pieces.filter((piece) => piece.trim().length >= pieceMin);
  });
}

/** Shorter pieces of a sentence may stand anywhere by chance. */
const pieceMin = 8;

interface Walk {
  readonly from: number;
  /** The character that ends it, where it stands in no text and in no brackets. */
  readonly ends: string;
  /** Gets what stands in texts. */
  readonly pieces: string[];
}

/** Where the code ends that begins there. */
function walkCode(source: string, { from, ends, pieces }: Walk): number {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    const char = source[at]!;
    if (depth === 0 && char === ends) return at;
    if (char === '"' || char === "'") {
      const end = source.indexOf(char, at + 1);
      pieces.push(source.slice(at + 1, end));
      at = end;
    } else if (char === "`") at = walkTemplate(source, at + 1, pieces);
    else if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) depth -= 1;
  }
  throw new Error(`no end of: ${source.slice(from, from + 80)}`);
}

function walkTemplate(source: string, from: number, pieces: string[]): number {
  let piece = "";
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "`") {
      pieces.push(piece);
      return at;
    }
    if (source.startsWith("${", at)) {
      pieces.push(piece);
      piece = "";
      at = walkCode(source, { from: at + 2, ends: "}", pieces });
    } else piece += source[at];
  }
  throw new Error(`no end of: ${source.slice(from, from + 80)}`);
}
