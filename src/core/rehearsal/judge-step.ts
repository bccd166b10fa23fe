import type { Change, Effect } from "../effects.ts";
import { exitWords } from "../exit-words.ts";
import type { PathText } from "../path-text.ts";
import type { Allowance } from "../plan/plan.ts";
import { effectClasses, effectsOf } from "../verdict/classify.ts";
import { judge } from "../verdict/judge.ts";
import { rulings, type Ruling, type Trees } from "../verdict/ruling.ts";
import type { EffectGroup, StepFound } from "./rehearsal.ts";
import { deletionsIn } from "./traced.ts";

/** Effects of one group that are listed; all are counted. */
const effectsMax = 1_000;

export interface StepInCopyOrder extends Trees {
  readonly allow: readonly Allowance[];
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly full: boolean;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** Safe to show. */
  readonly output: string;
  readonly calls: readonly (readonly string[])[];
  /** Lines of strace(1); null: nothing was traced. */
  readonly traced: string | null;
  readonly inside: Listed;
  readonly outside: Listed;
  /** Does its text start something that goes on running? */
  readonly startsDaemon: boolean;
}

interface Listed {
  readonly changes: readonly Change[];
  /** All, listed or not. */
  readonly total: number;
}

/**
 * What one step did in a copy, judged by the very code that judges it on a host. What may regenerate is
 * no broken policy: a copy can't show whether it would come back.
 */
export function judgeInCopy(order: StepInCopyOrder): StepFound {
  const { exitCode, durationMs, output, calls, traced, inside, outside } = order;
  const rulingFor = rulings(order);
  const judged = inside.changes.filter(({ path }) => rulingFor(path) !== null);
  // Of what another step of the plan writes, this one is not judged; it is shown all the same.
  const others = inside.changes.filter(({ path }) => rulingFor(path) === null);
  const total = inside.total - others.length;
  const { verdict, awaiting } = judge({ ...order, changes: judged, total });
  const groups = [
    ...groupsOf(effectsOf(judged), rulingFor, total - judged.length),
    ...elsewhere(
      effectsOf([...others, ...outside.changes]),
      outside.total - outside.changes.length,
    ),
  ];
  const gone = [...judged, ...others, ...outside.changes].filter(({ after }) => after === null);
  return {
    exitCode,
    durationMs,
    output,
    inconclusive: whyInconclusive(order),
    findings: verdict.findings,
    groups,
    external: calls.map((words) => words.map(shown).join(" ")),
    remarks: [
      ...awaiting.map(
        ({ path, missing }) =>
          `${missing.length} ${missing.length === 1 ? "path" : "paths"} of ${path} would go, and a rehearsal can't show whether that comes back`,
      ),
      ...(order.startsDaemon
        ? [
            "its text starts something that goes on running; in the copy that was ended with the step",
          ]
        : []),
      ...verdict.remarks,
      ...toldByOutput(output),
    ],
    ...(traced === null
      ? {}
      : { tracedTo: deletionsIn(traced, new Set(gone.map(({ path }) => path))) }),
  };
}

function whyInconclusive(order: StepInCopyOrder): string | null {
  const { exitCode, timedOut, full, output, timeoutMs } = order;
  if (full || /No space left on device/.test(output))
    return "the memory that a copy may take was used up, which may not happen on the host";
  if (timedOut) return `it did not end within ${timeoutMs / 1000} s, and was ended`;
  if (/Value too large for defined data type/.test(output))
    return "it met files of other users, which can't be changed in a copy without root";
  if (exitCode !== 0)
    return `it ended with ${exitWords(exitCode)} in the copy; on the host the rollout would stop there, unless it failed only because this is a copy`;
  return null;
}

/** What a step says of things that are as they are because it is a copy. */
const telling: readonly (readonly [RegExp, string])[] = [
  [
    /Network is unreachable|Could not resolve|name resolution|Connection refused/i,
    "its output tells of a network that was not there",
  ],
  [/Read-only file system/, "its output tells of a place that can't be written in a copy"],
  [/Operation not permitted/, "its output tells of a right that a step does not have in a copy"],
];

function toldByOutput(output: string): readonly string[] {
  return telling.flatMap(([said, words]) =>
    said.test(output) ? [`${words}: what it would do on the host after that is not known`] : [],
  );
}

function groupsOf(
  effects: readonly Effect[],
  rulingFor: (path: PathText) => Ruling | null,
  unlisted: number,
): readonly EffectGroup[] {
  const groups = Map.groupBy(effects, ({ path }) => {
    const ruling = rulingFor(path);
    return JSON.stringify([ruling?.kind, ruling?.path]);
  });
  return [...groups.values()].map((all, at) => {
    const ruling = rulingFor(all[0]!.path);
    const isPolicy = ruling?.kind === "policy";
    return {
      of: isPolicy ? ("protected" as const) : ("written" as const),
      path: ruling?.path ?? null,
      policy: isPolicy ? ruling.policy.kind : null,
      ...counted(all, at === 0 ? unlisted : 0),
    };
  });
}

function elsewhere(effects: readonly Effect[], unlisted: number): readonly EffectGroup[] {
  if (effects.length === 0 && unlisted === 0) return [];
  return [{ of: "elsewhere", path: null, policy: null, ...counted(effects, unlisted) }];
}

function counted(
  effects: readonly Effect[],
  unlisted: number,
): Pick<EffectGroup, "counts" | "deletedBytes" | "effects"> {
  const counts: Record<string, number> = {};
  for (const kind of effectClasses) {
    const count = effects.filter((effect) => effect.class === kind).length;
    if (count > 0) counts[kind] = count;
  }
  if (unlisted > 0) counts["unlisted"] = unlisted;
  const deleted = effects.filter((effect) => effect.class === "deleted");
  return {
    counts,
    deletedBytes: deleted.reduce((sum, { size }) => sum + size, 0),
    effects: effects.slice(0, effectsMax),
  };
}

/** A word as a person would type it. */
function shown(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
