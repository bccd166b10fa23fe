import type { ForeseenChange, LineDiff } from "./foreseen.ts";
import type { Block } from "./page.ts";
import type { Tone } from "./paint.ts";
import type { EffectGroup } from "./preview-effects.ts";
import { clipped, counted, grouped, listed } from "./wording.ts";

/** Groups of instances that are told with all they would change; of the others only that they differ. */
const groupsMax = 3;
/** Paths of one group that are named, and those of them whose lines are shown. */
const pathsMax = 12;
const diffsMax = 4;
/** Lines of one diff. */
const linesMax = 30;
/** Characters of one of them: never wrapped. */
const lineMax = 160;
/** Names of instances and of entries that are listed. */
const namesMax = 8;

/** What a step would do to files, as they are on the instances now. */
export function effectBlocks(groups: readonly EffectGroup[], all: number): readonly Block[] {
  if (groups.length === 0) return [];
  const told = groups.slice(0, groupsMax);
  const others = groups.slice(groupsMax).flatMap(({ instances }) => instances);
  return [
    ...told.flatMap((group) => groupBlocks(group, all)),
    ...(others.length === 0
      ? []
      : [text(2, `otherwise again on ${listed(others, namesMax)}: --json tells each`, "warning")]),
  ];
}

function groupBlocks({ instances, changes, after }: EffectGroup, all: number): readonly Block[] {
  const isAll = instances.length === all && all > 1;
  const where = isAll ? `all ${grouped(all)} instances` : listed(instances, namesMax);
  // One path for many instances is said in the words of the plan.
  const said = changes.map((it) => (instances.length > 1 ? { ...it, path: it.written } : it));
  const still = said.filter(({ effect }) => effect === "nothing");
  const moving = said.filter(({ effect }) => effect !== "nothing");
  // What is folded away is what needs a reader's eye least.
  const sorted = [...moving].sort((a, b) => rank(a) - rank(b));
  const told = sorted.slice(0, pathsMax);
  const withLines = new Set(told.filter(({ diff }) => diff !== null).slice(0, diffsMax));
  const more = sorted.length - told.length;
  return [
    text(2, `now on ${where}:`),
    ...(after === null
      ? []
      : [text(3, `as it is before "${after}", which may change it`, "warning")]),
    ...told.flatMap((change) => changeBlocks(change, withLines.has(change))),
    ...(more === 0 ? [] : [text(3, `and ${counted(more, "path")} more: --json tells each`)]),
    ...stillBlocks(still, moving.length > 0),
  ];
}

function rank({ effect }: ForeseenChange): number {
  return ["fails", "unknown", "change", "delete", "create", "nothing"].indexOf(effect);
}

const signs = { create: "+", change: "~", delete: "-", nothing: "=", fails: "!", unknown: "?" };

function changeBlocks(change: ForeseenChange, withLines: boolean): readonly Block[] {
  const { effect, path, says, diff, names } = change;
  const tone: Tone = effect === "fails" ? "bad" : effect === "unknown" ? "warning" : "plain";
  const sign = signs[effect];
  return [
    { kind: "text", level: 3, tone, bullet: `${sign} `, text: `${path}: ${says}` },
    ...(names.length === 0
      ? []
      : [text(4, `${listed(names, namesMax)}${namesEnd(change)}`, "quiet")]),
    ...(diff === null ? [] : diffBlocks(diff, withLines)),
  ];
}

const tones: Readonly<Record<string, Tone>> = { "+": "good", "-": "bad", "@": "quiet" };

/** The host names some of many. */
function namesEnd({ before, names }: ForeseenChange): string {
  const rest = (before?.entries ?? 1) - 1 - names.length;
  if (rest <= 0) return "";
  return names.length <= namesMax + 1 ? ` and ${grouped(rest)} more` : `; ${grouped(rest)} others`;
}

function diffBlocks({ lines, more }: LineDiff, withLines: boolean): readonly Block[] {
  if (!withLines) return [];
  const shown = lines.slice(0, linesMax);
  const left = lines.length - shown.length + more;
  return [
    ...shown.map((line): Block => ({
      kind: "verbatim",
      level: 5,
      tone: tones[line[0] ?? ""] ?? "plain",
      text: clipped(line, lineMax),
    })),
    ...(left === 0 ? [] : [text(5, `… ${counted(left, "more line", "more lines")}`, "quiet")]),
  ];
}

function stillBlocks(still: readonly ForeseenChange[], isBeside: boolean): readonly Block[] {
  const [first] = still;
  if (first === undefined) return [];
  const [bullet, level] = [`${signs.nothing} `, 3];
  if (still.length <= 2)
    return still.map(({ path, says }) => ({
      kind: "text",
      level,
      bullet,
      text: `${path}: ${says}`,
    }));
  const others = isBeside ? "others " : "";
  return [
    {
      kind: "text",
      level,
      bullet,
      text: `${grouped(still.length)} ${others}already there, unchanged`,
    },
  ];
}

function text(level: number, words: string, tone: Tone = "plain"): Block {
  return { kind: "text", level, tone, text: words };
}
