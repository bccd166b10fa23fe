import type { JournalRecord } from "../../../src/ports/journal.ts";
import type { IncidentIndex } from "../../../src/views/incident-pack/incident-pack.ts";

// The pack as a distrustful reader would check it, with the records and the notice log alone: none of
// the code that drew it is used here.

type Statement = IncidentIndex["statements"][number];
type Said = Statement["says"][number];

/** What is not so, a sentence each; empty when every statement of the pack is borne out. */
export function untrueStatements(
  files: ReadonlyMap<string, string>,
  index: IncidentIndex,
  records: readonly JournalRecord[],
  log = "",
): readonly string[] {
  const lines = linesOf(log);
  const numbered = new Map(records.map((record) => [record.seq, record]));
  const names = namesOf(records);
  return [
    ...index.statements.flatMap((statement) =>
      [
        ...misplaced(statement, files),
        ...unproved(statement, numbered, lines),
        ...untold(statement, numbered, lines),
        ...loose(statement, names),
      ].map((why) => `${statement.file}:${statement.line}: ${why}`),
    ),
    ...unindexed(files, index),
  ];
}

/** The line of the file must say what the index says, and point where it points. */
function misplaced(statement: Statement, files: ReadonlyMap<string, string>): readonly string[] {
  const line = files.get(statement.file)?.split("\n")[statement.line - 1] ?? "";
  const [, text, marks] = /^(?:- )?(.*) \[(#\d[^\]]*)\]$/.exec(line) ?? [];
  if (text === undefined || marks === undefined) return [`no statement stands there: ${line}`];
  const shown = text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
  if (shown !== statement.text) return [`the file says "${shown}", the index "${statement.text}"`];
  const numbers = [...marks.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));
  const strange = numbers.filter((number) => !statement.records.includes(number));
  return strange.map((number) => `points to #${number}, which the index does not have`);
}

/** Each piece must be what the records say. */
function unproved(
  statement: Statement,
  records: ReadonlyMap<number, JournalRecord>,
  log: NoticeLines,
): readonly string[] {
  const missing = statement.records.filter((number) => !records.has(number));
  if (missing.length > 0) return [`points to #${missing[0]}, which is not in the journal`];
  return statement.says.flatMap((said) => {
    if (!statement.text.includes(said.text)) return [`"${said.text}" does not stand in it`];
    const outside = pointed(said).filter((number) => !statement.records.includes(number));
    if (outside.length > 0)
      return [`"${said.text}" comes from #${outside[0]}, which it does not point to`];
    return isSo(said, records, log) ? [] : [`"${said.text}" is not what the journal says`];
  });
}

type NoticeLines = ReadonlyMap<
  string,
  { readonly is: string; readonly at: string; readonly tries: number }
>;

/** The newest line of each notice; one that a crash has torn is none. */
function linesOf(log: string): NoticeLines {
  return new Map(
    log
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => {
        const entry: NoticeLine = JSON.parse(line);
        return [entry.id, entry];
      }),
  );
}

interface NoticeLine {
  readonly id: string;
  readonly is: string;
  readonly at: string;
  readonly tries: number;
}

/** Kinds of records by how a statement calls them that says who was told of one. */
const turns: readonly (readonly [RegExp, string])[] = [
  [/ told of the start[ ,]/, "preflight-passed"],
  [/ told of the halt[ ,]/, "halting"],
  [/ told of a pause[ ,]/, "parked"],
  [/ told of the seal of region /, "region-sealed"],
  [/ told of the seal(?: so far)?(?:,| \()/, "closed"],
  [/ told of the end[ ,]/, "closed"],
];

/** Who was told of what must be what the log says of that very notice, of that very turn, to that receiver. */
function untold(
  { text, says }: Statement,
  records: ReadonlyMap<number, JournalRecord>,
  log: NoticeLines,
): readonly string[] {
  const notice = says.find((said) => said.is === "notice");
  const whom = says.find((said) => said.is === "receiver");
  if (notice?.is !== "notice" || whom?.is !== "receiver")
    return / told of /.test(text) || says.some(({ is }) => is === "logged")
      ? ["tells of no notice that it names"]
      : [];
  const is = log.get(notice.text)?.is ?? "";
  const told = text.includes(" was not told of ")
    ? "given up"
    : text.includes(" has not been told of ")
      ? ""
      : "told";
  const turn = turns.find(([words]) => words.test(text))?.[1];
  const entry = Number(whom.at.split("/").at(-1)) + 1;
  return [
    ...(is === told ? [] : [`says "${told}" of ${notice.text}, and its log "${is}"`]),
    ...(turn === records.get(notice.record)?.event.kind ? [] : [`is about no ${turn}`]),
    ...(notice.text.endsWith(`.${notice.record}.${entry}`) ? [] : ["names another's notice"]),
    ...says.flatMap((said) =>
      said.is === "logged" && said.notice !== notice.text ? ["tells of two notices"] : [],
    ),
  ];
}

/** Whom it names must stand in that entry of the plan, and nothing of an address but its host. */
function isReceiver(text: string, spec: unknown): boolean {
  const { kind, args } = Object(spec);
  const [first, ...rest] = text.split(" ");
  const whole = JSON.stringify(args);
  const secret = / the address in secret (\w+)$/.exec(text)?.[1];
  if (first !== kind || text.includes("://")) return false;
  if (secret !== undefined) return whole.includes(`\${secret.${secret}}`);
  const named = rest.filter((each) => each !== "to" && each !== "at");
  return named.every((each) => whole.includes(each.replace(/,$/, "")));
}

/** No figure, no time and no name of the fleet may stand in it without a record behind it. */
function loose(statement: Statement, names: readonly string[]): readonly string[] {
  let rest = statement.text;
  const pieces = statement.says.map(({ text }) => text).sort((a, b) => b.length - a.length);
  for (const piece of pieces) rest = rest.replace(piece, "");
  const figure = /\d+/.exec(rest)?.[0];
  const name = names.find((each) => ` ${rest} `.includes(` ${each} `));
  return [figure, name].flatMap((it) =>
    it === undefined ? [] : [`"${it}" has no record behind it`],
  );
}

/** What looks like a statement must be in the index, and nothing else may tell a time. */
function unindexed(files: ReadonlyMap<string, string>, index: IncidentIndex): readonly string[] {
  return [...files].flatMap(([file, text]) =>
    file === "index.json"
      ? []
      : text.split("\n").flatMap((line, at) => {
          if (/^(#|Drafted|INTERIM)/.test(line)) return [];
          const known = index.statements.some((it) => it.file === file && it.line === at + 1);
          return known || !/\[#|\d\d:\d\d/.test(line)
            ? []
            : [`${file}:${at + 1}: is in no index: ${line}`];
        }),
  );
}

function pointed(said: Said): readonly number[] {
  if (said.is === "span") return [said.from, said.to];
  if (said.is === "sum") return said.of.map(({ record }) => record);
  if (said.is === "logged") return [];
  return said.is === "count" ? said.records : [said.record];
}

function isSo(said: Said, records: ReadonlyMap<number, JournalRecord>, log: NoticeLines): boolean {
  const at = (number: number): JournalRecord => records.get(number)!;
  switch (said.is) {
    case "time":
      return said.text === timeWords(at(said.record).at, said.timezone);
    case "span": {
      const ms = Date.parse(at(said.to).at) - Date.parse(at(said.from).at);
      const { ms: told, unit } = spanOf(said.text);
      return Math.abs(ms - told) <= unit / 2;
    }
    case "word":
      return (
        said.text ===
        String(pick(at(said.record), said.at))
          .replace(/\s+/g, " ")
          .trim()
      );
    case "number":
      return plain(said.text) === Number(pick(at(said.record), said.at)) + said.plus;
    case "sum":
      return (
        plain(said.text) ===
        said.of.reduce((all, { record, at: pointer }) => all + Number(pick(at(record), pointer)), 0)
      );
    case "count":
      return plain(said.text) === new Set(said.records).size;
    case "receiver":
      return isReceiver(said.text, pick(at(said.record), said.at));
    case "notice": {
      const { event } = records.get(1)!;
      if (event.kind !== "opened") return false;
      return said.text.startsWith(`${event.itinerary.rollout}.${said.record}.`);
    }
    case "logged": {
      const line = log.get(said.notice);
      if (line === undefined) return false;
      if (said.at === "/tries") return plain(said.text) === line.tries;
      return said.text === timeWords(line.at, said.timezone);
    }
    case "event": {
      const who = said.text.slice(0, said.text.indexOf(": "));
      return who === whoIsMeant(at(said.record));
    }
  }
}

/** Whom the record is about: an instance, else a region, else the rollout. */
function whoIsMeant({ event }: JournalRecord): string {
  if (event.kind === "noted") return event.note.instance;
  if ("action" in event) return event.action.instance;
  const about = event.kind === "asked" ? event.wish : event;
  if ("instance" in about) return about.instance;
  return "region" in about ? about.region : "rollout";
}

function timeWords(at: string, timezone: string | null): string {
  const utc = `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
  if (timezone === null) return utc;
  const there = new Date(at).toLocaleString("sv-SE", { timeZone: timezone });
  const local = there.startsWith(at.slice(0, 10)) ? there.slice(11) : there;
  return `${utc} (${local} ${timezone})`;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

function spanOf(text: string): { readonly ms: number; readonly unit: number } {
  const parts = [...text.matchAll(/([\d.]+) (ms|s|min|h)/g)];
  const ms = parts.reduce((all, [, many, unit]) => all + Number(many) * unitsMs[unit!]!, 0);
  const [, many = "", unit = ""] = parts.at(-1) ?? [];
  return { ms, unit: unitsMs[unit]! / (many.includes(".") ? 10 : 1) };
}

function plain(text: string): number {
  return Number(text.replaceAll(",", ""));
}

function pick(record: JournalRecord, pointer: string): unknown {
  let value: unknown = record;
  for (const key of pointer.split("/").slice(1))
    value = Object.entries(value ?? {}).find(([name]) => name === key)?.[1];
  return value;
}

/** Names of the fleet and of the plan that a statement could mention. */
function namesOf(records: readonly JournalRecord[]): readonly string[] {
  const first = records[0]?.event;
  if (first?.kind !== "opened") throw new Error("the journal does not begin with its opening");
  const { regions, instances, plan } = first.itinerary;
  return [
    ...regions.map(({ name }) => name),
    ...Object.keys(instances),
    ...plan.steps.map(({ name }) => name),
    ...plan.probes.flatMap(({ name, surface }) => [name, surface]),
  ];
}
