import { duration } from "../../core/duration-words.ts";
import { oneLine } from "../../core/printable.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import { bothTimes, msBetween } from "../times.ts";
import { grouped } from "../wording.ts";

/**
 * A piece of a statement that says something of the journal, and where that stands there, so that
 * anybody can hold the two together. `at`: a JSON Pointer (RFC 6901) into the record.
 */
export type Said =
  /** When the record became durable; with the zone's time in brackets where there is a zone. */
  | {
      readonly is: "time";
      readonly text: string;
      readonly record: number;
      readonly timezone: string | null;
    }
  /** From one record to another. */
  | { readonly is: "span"; readonly text: string; readonly from: number; readonly to: number }
  /** A text of the record, made safe to print. */
  | { readonly is: "word"; readonly text: string; readonly record: number; readonly at: string }
  /** A number of the record; steps and batches count from 1 for people, hence `plus`. */
  | {
      readonly is: "number";
      readonly text: string;
      readonly record: number;
      readonly at: string;
      readonly plus: 0 | 1;
    }
  /** The sum of numbers, of a record each. */
  | {
      readonly is: "sum";
      readonly text: string;
      readonly of: readonly { readonly record: number; readonly at: string }[];
    }
  /** So many records. */
  | { readonly is: "count"; readonly text: string; readonly records: readonly number[] }
  /** What `handrail report` says of the record in its timeline. */
  | { readonly is: "event"; readonly text: string; readonly record: number }
  /** Whom an entry of the plan's `notify` reaches, without what is secret in it: `at` is that entry. */
  | { readonly is: "receiver"; readonly text: string; readonly record: number; readonly at: string }
  /** The notice that tells this record to one receiver, by its id. */
  | { readonly is: "notice"; readonly text: string; readonly record: number }
  /** What the log beside the journal says of a notice, at `at` of its newest line. */
  | {
      readonly is: "logged";
      readonly text: string;
      readonly notice: string;
      readonly at: "/at" | "/tries";
      /** Of a time; null: in UTC only, or it is none. */
      readonly timezone: string | null;
    };

/** A sentence with all that it says of the journal, in the order in which it stands in the text. */
export interface Sentence {
  readonly text: string;
  readonly said: readonly Said[];
  /** Numbers of records that prove it, ascending: those of what it says, and further ones. */
  readonly records: readonly number[];
}

/** A sentence from fixed words and what the journal says. Nothing else can stand in one. */
export function says(
  fixed: TemplateStringsArray,
  ...parts: readonly (Said | Sentence)[]
): Sentence {
  const said = parts.flatMap((part) => ("is" in part ? [part] : part.said));
  const more = parts.flatMap((part) => ("is" in part ? [] : part.records));
  const text = fixed.map((words, at) => words + (parts[at]?.text ?? "")).join("");
  return { text, said, records: numbers([...said.flatMap(recordsOf), ...more]) };
}

/** The same sentence, proved by these records too. */
export function provedBy(sentence: Sentence, records: readonly number[]): Sentence {
  return { ...sentence, records: numbers([...sentence.records, ...records]) };
}

/** `a, b and c`, of sentences. */
export function inARow(sentences: readonly Sentence[]): Sentence {
  return sentences.reduce((left, right, at) =>
    at === sentences.length - 1 ? says`${left} and ${right}` : says`${left}, ${right}`,
  );
}

/** `one` or `more`, as that many takes it. */
export function plural(many: number, one: string, more = `${one}s`): Sentence {
  return { text: many === 1 ? one : more, said: [], records: [] };
}

/** Numbers of the records that this is about. */
export function recordsOf(said: Said): readonly number[] {
  switch (said.is) {
    case "span":
      return [said.from, said.to];
    case "sum":
      return said.of.map(({ record }) => record);
    case "count":
      return said.records;
    case "time":
    case "word":
    case "number":
    case "event":
    case "receiver":
    case "notice":
      return [said.record];
    case "logged":
      return [];
  }
}

/** `2026-11-23 03:13:35Z (11:13:35 Asia/Shanghai)`. */
export function time(record: JournalRecord, timezone: string | null): Said {
  return { is: "time", text: bothTimes(record.at, timezone), record: record.seq, timezone };
}

/** `690 ms`; null where the clock was put back between the two, so that nobody knows. */
export function span(from: JournalRecord, to: JournalRecord): Said | null {
  const ms = msBetween(from.at, to.at);
  return ms === null ? null : { is: "span", text: duration(ms), from: from.seq, to: to.seq };
}

/** The text at this place of the record. A place without one is a bug of whoever asks. */
export function word(record: JournalRecord, at: string): Said {
  const value = valueAt(record, at);
  if (typeof value !== "string") throw new Error(`record ${record.seq} has no text at ${at}`);
  return { is: "word", text: oneLine(value, { max: wordMax }), record: record.seq, at };
}

/** Characters of one text of the journal that a statement repeats. */
export const wordMax = 600;

/** The number at this place of the record. */
export function number(record: JournalRecord, at: string, plus: 0 | 1 = 0): Said {
  const value = valueAt(record, at);
  if (typeof value !== "number") throw new Error(`record ${record.seq} has no number at ${at}`);
  return { is: "number", text: grouped(value + plus), record: record.seq, at, plus };
}

/** The sum of the numbers at this place of each of these records. */
export function sum(records: readonly JournalRecord[], at: string): Said {
  const values = records.map((record) => Number(valueAt(record, at)));
  const text = grouped(values.reduce((left, right) => left + right, 0));
  return { is: "sum", text, of: records.map(({ seq }) => ({ record: seq, at })) };
}

/** How many records. */
export function count(records: readonly JournalRecord[]): Said {
  const seqs = numbers(records.map(({ seq }) => seq));
  return { is: "count", text: grouped(seqs.length), records: seqs };
}

/** Whom this entry of the plan's `notify` reaches, counted from 1, in words that hold no secret. */
export function receiver(
  opened: JournalRecord,
  { entry, text }: { readonly entry: number; readonly text: string },
): Said {
  const at = `/event/itinerary/plan/notify/${entry - 1}`;
  return { is: "receiver", text: oneLine(text, { max: wordMax }), record: opened.seq, at };
}

/** The notice that tells this record. */
export function noticeId({ seq }: JournalRecord, { id }: { readonly id: string }): Said {
  return { is: "notice", text: id, record: seq };
}

/** When a notice was taken or given up, or after how many tries, as its log says. */
export function logged(
  notice: string,
  it:
    | { readonly key: "at"; readonly value: string; readonly timezone: string | null }
    | { readonly key: "tries"; readonly value: number },
): Said {
  const said = { is: "logged", notice } as const;
  return it.key === "at"
    ? { ...said, text: bothTimes(it.value, it.timezone), at: "/at", timezone: it.timezone }
    : { ...said, text: grouped(it.value), at: "/tries", timezone: null };
}

/** What stands at this JSON Pointer of the record; undefined: nothing. */
export function valueAt(record: JournalRecord, pointer: string): unknown {
  let value: unknown = record;
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}

function numbers(records: readonly number[]): readonly number[] {
  return [...new Set(records)].sort((a, b) => a - b);
}
