import type { Going } from "../../src/core/standing.ts";
import { triesMax } from "../../src/core/tries.ts";
import { type Answer, verbAnswers } from "../../src/core/verb-answers.ts";
import { letGoMaxMs } from "../../src/runner/run-rollout.ts";
import {
  attendedRows,
  type Cell,
  restingRows,
  stoppedRows,
  type Verb,
  type VerbRow,
  verbs,
} from "../../src/core/verb-table.ts";

const standingWords: Readonly<Record<Going | keyof typeof restingRows, string>> = {
  preflight: "preflight",
  forward: "going forward",
  pausing: "pausing",
  halting: "halting",
  aborting: "aborting",
  undoing: "being undone",
  releasing: "giving locks back",
  approval: "waits for approval",
  emergency: "its emergency waits for approval",
  window: "waits for its maintenance window",
  inconclusive: "inconclusive",
  ask: "failed under `onFail: ask`",
  "bad-in-region": "a bad instance in its region",
  paused: "paused",
  interrupted: "interrupted",
  sealed: "sealed",
  halted: "halted",
  refused: "refused",
  undone: "undone",
};

interface Place {
  readonly name: string;
  readonly row: VerbRow;
}

const places: readonly Place[] = [
  ...named(attendedRows, (words) => words),
  ...named(stoppedRows, (words) => `${words}, nobody runs it`),
  ...named(restingRows, (words) => words),
];

/** docs/verbs.md, from the table that the program answers by. */
export function verbsPage(): string {
  return [
    "# Verbs and signals",
    "",
    "What each verb and each signal means, wherever a rollout stands. This page is written from the table",
    "that the program answers by (`src/core/verb-table.ts`): `VERBS=update npx vitest run",
    "test/core/verbs-page.test.ts` writes it anew, and `test/core/verb-table.test.ts` walks every state of",
    "small rollouts and checks that each answer is what happens then.",
    "",
    "| word | what it promises |",
    "| --- | --- |",
    ...Object.entries(wordPromises).map(([word, promise]) => `| ${word} | ${promise} |`),
    "",
    "## Where it stands, and what can be asked",
    "",
    `| | ${verbs.map((verb) => `\`${verb}\``).join(" | ")} |`.replace(
      /`(first|second) signal`/g,
      "$1 signal",
    ),
    `| --- |${verbs.map(() => " --- |").join("")}`,
    ...places.map(
      ({ name, row }) => `| ${name} | ${verbs.map((verb) => wordsOf(row[verb])).join(" | ")} |`,
    ),
    "",
    ...signals,
    "## What each verb says",
    "",
    "Two words that stand together above depend on who or what is meant: the lines below have the case.",
    "",
    ...verbs.flatMap(section),
  ].join("\n");
}

const wordPromises: Readonly<Record<Answer["word"], string>> = {
  stops: "nothing new begins, what runs comes to its end, and then it rests; `resume` goes on",
  "goes on": "it is held up no more; what is still in its way is told when it stops there",
  ends: "it comes to its close without anything more being asked, whatever the hosts answer",
  "goes back": "everything that was touched goes back, and then it comes to its close",
  asks: "hosts are asked about what is open, nothing new begins, and then it rests",
  decides: "the decision is recorded; whoever runs it, now or later, acts on it",
  frees: "one lock is given back, and the rollout does nothing else for it",
  remembered: "nothing changes now; it counts when its time comes",
  leaves: "the process is gone; the rollout is as if it had been killed",
  "already so": "exit 3: nothing is recorded, because nothing would change",
  refused: "exit 3: nothing is recorded, and the next command to type is named",
};

const signals = [
  "## Signals",
  "",
  "SIGINT (Ctrl-C), SIGTERM and SIGHUP mean the same to the process that runs a rollout. What counts as a",
  "hangup, too: its terminal is closed, whoever read its standard output is gone (EPIPE, EIO), or npx, npm",
  "or an older Node that started it is. A full disk behind `>` is no reason to stop.",
  "",
  "* **The first** begins nothing new and lets running steps come to their end: judged, and taken back",
  "  where they did harm. A rollout on its way back goes on to its end.",
  "* **The second**, of whatever kind, leaves at once. Switches on the hosts stay armed: unless somebody",
  "  goes on within the lease, a host ends the step that still runs there, and takes it back.",
  "* Within half a second the same signal counts once: a terminal sends it to npm too, which passes it on.",
  "* A verb that only looks (`status --watch`) ends with its own exit code, and the rollout goes on. A",
  "  question at a terminal counts as answered with no: exit 3, nothing was touched.",
  "",
  "| how it ended | exit |",
  "| --- | --- |",
  "| it stopped, and `resume` goes on | 129 after SIGHUP, 130 after SIGINT, 143 after SIGTERM |",
  "| it left at the second signal | the same, of the second one |",
  "| it came to its close all the same | that of the close: 0, 3, 4 or 5 |",
  "",
  "## How long an abort takes",
  "",
  "A step that is under way comes to its end first, within its `timeout` and what is left of",
  `\`deadline: { instance }\`. What only looks on (preflight, a bake) is given up within ${letGoMaxMs / 1_000} s.`,
  "On the way back there is, for each instance, one action for each step that was begun, and standing down,",
  "verifying and giving the lock back; `concurrency` instances at once. Each action has as long as",
  `\`deadline: { instance }\` for itself, and at most ${triesMax} tries where its answer is lost. Once its time is`,
  "over it is not asked again, its instance is named as one that needs a person, and the rollout comes to its",
  "close; a lock is tried twice, and named where it lingers.",
  "",
];

function named<Name extends keyof typeof standingWords>(
  rows: Readonly<Record<Name, VerbRow>>,
  words: (standing: string) => string,
): readonly Place[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets its type
  return (Object.keys(rows) as Name[]).map((name) => ({
    name: words(standingWords[name]),
    row: rows[name],
  }));
}

function answersIn(cell: Cell): readonly Answer[] {
  return [...cell.where.map(([, name]) => name), cell.otherwise].map((name) => verbAnswers[name]);
}

function wordsOf(cell: Cell | null): string {
  if (cell === null) return "–";
  return [...new Set(answersIn(cell).map(({ word }) => word))].join(", ");
}

interface Said {
  readonly answer: Answer;
  readonly when: string;
  readonly where: string[];
}

/** One line an answer, with where it is given. */
function section(verb: Verb): readonly string[] {
  const said = new Map<string, Said>();
  for (const { name, row } of places) {
    const cell = row[verb];
    if (cell === null) continue;
    const cases = [
      ...cell.where.map(([condition, answer]) => [`where ${condition}`, answer] as const),
      [cell.where.length === 0 ? "" : "else", cell.otherwise] as const,
    ];
    for (const [when, answer] of cases) {
      const known = said.get(`${answer} ${when}`);
      if (known !== undefined) known.where.push(name);
      else said.set(`${answer} ${when}`, { answer: verbAnswers[answer], when, where: [name] });
    }
  }
  const title = verb.endsWith("signal") ? verb : `\`${verb}\``;
  return [
    `### ${title}`,
    "",
    "| word | what it says | next | where it stands |",
    "| --- | --- | --- | --- |",
    ...[...said.values()].map(
      ({ answer: { word, says, next }, when, where }) =>
        `| ${word} | ${says} | ${nextCell(next)} | ${whereCell(where, when)} |`,
    ),
    "",
  ];
}

function nextCell(next: string | null): string {
  return next === null ? "" : next.replace(/handrail .*$/, (command) => `\`${command}\``);
}

function whereCell(where: readonly string[], when: string): string {
  const list = where.length === places.length ? "everywhere" : where.join("; ");
  return when === "" ? list : `${when}: ${list}`;
}
