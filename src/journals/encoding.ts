import { hash } from "node:crypto";
import * as z from "zod";
import type { RolloutEvent } from "../core/event.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { damaged, newer, overLimit } from "./journal-error.ts";

/** Raised when a reader of the version before could misread what is written. */
export const encodingVersion = 1;

/** Bytes of one record's line. Far above what any bounded event makes. */
export const recordMaxBytes = 1024 * 1024;

/** Bytes of the first record, which holds the whole itinerary: some kilobytes for each instance. */
export const openedMaxBytes = 64 * 1024 * 1024;

/** A record as it is stored: the line is what was hashed, byte for byte. */
export interface StoredRecord {
  readonly seq: number;
  readonly key: string;
  /** One line of JSON: v, rollout, seq, epoch, key, at, event. */
  readonly line: string;
  /** sha256 in hex over the hash before (the rollout's name for the first), a newline, the line. */
  readonly hash: string;
}

export interface EncodeOrder {
  readonly rollout: string;
  readonly seq: number;
  readonly epoch: number;
  readonly key: string;
  readonly at: string;
  readonly event: RolloutEvent;
}

/** The stored form of a record that follows one with the hash `previous`; JOURNAL_LIMIT if too long. */
export function encodeRecord(order: EncodeOrder, previous: string): StoredRecord {
  const { rollout, seq, epoch, key, at, event } = order;
  const line = JSON.stringify({ v: encodingVersion, rollout, seq, epoch, key, at, event });
  const limit = event.kind === "opened" ? openedMaxBytes : recordMaxBytes;
  const bytes = Buffer.byteLength(line);
  if (bytes > limit) {
    throw overLimit(
      `record ${seq} of rollout "${rollout}" ("${event.kind}") has ${bytes} bytes`,
      `${limit} bytes`,
    );
  }
  return { seq, key, line, hash: chainHash(previous, line) };
}

/** Links a line to everything before it. `printf '%s\n%s' PREVIOUS LINE | sha256sum` gives the same. */
export function chainHash(previous: string, line: string): string {
  return hash("sha256", `${previous}\n${line}`);
}

/** What a stored line says, checked; JOURNAL_DAMAGED or STATE_NEWER when it can't be read. */
export function decodeRecord(rollout: string, stored: StoredRecord): JournalRecord {
  const where = `record ${stored.seq} of rollout "${rollout}"`;
  const value = parseLine(stored.line, where);
  const version = versionOf(value);
  if (version !== null && version > encodingVersion) {
    throw newer(
      `${where} has the encoding ${version}, this Handrail reads up to ${encodingVersion}`,
    );
  }
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) {
    const issue = envelope.error.issues[0];
    throw damaged(where, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a record"}`);
  }
  const { seq, key, at, event } = envelope.data;
  if (envelope.data.rollout !== rollout || seq !== stored.seq || key !== stored.key) {
    throw damaged(
      where,
      `it is in the place of record ${seq} of rollout "${envelope.data.rollout}"`,
    );
  }
  if (!Object.hasOwn(eventKinds, event.kind)) {
    throw newer(`${where} is an event "${event.kind}" that this Handrail does not know`);
  }
  // The event itself is as the runner gave it: hashed, and typed by the version that wrote it.
  return { seq, at, event };
}

const textMax = 256;

const envelopeSchema = z.strictObject({
  v: z.literal(encodingVersion),
  rollout: z.string().min(1).max(textMax),
  seq: z.int().positive(),
  epoch: z.int().positive(),
  key: z.string().min(1).max(textMax),
  at: z.string().min(1).max(textMax),
  event: z.custom<RolloutEvent>(hasKind, "not an event"),
});

const eventKinds: Readonly<Record<RolloutEvent["kind"], true>> = {
  opened: true,
  "taken-up": true,
  intent: true,
  outcome: true,
  forgotten: true,
  noted: true,
  "outliers-found": true,
  "order-decided": true,
  "preflight-passed": true,
  "region-started": true,
  "batch-started": true,
  "bake-started": true,
  "bake-finished": true,
  "region-sealed": true,
  "approval-waiting": true,
  "approval-lapsed": true,
  window: true,
  "late-harm": true,
  halting: true,
  parked: true,
  asked: true,
  closed: true,
};

function hasKind(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && value.kind.length <= textMax;
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw damaged(where, "its line is not JSON", { cause: error });
  }
}

function versionOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("v" in value)) return null;
  return typeof value.v === "number" ? value.v : null;
}
