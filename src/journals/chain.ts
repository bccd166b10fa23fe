import type { Failure } from "../core/failure.ts";
import { HandrailError } from "../core/failure.ts";
import type { JournalCheck } from "../ports/journal.ts";
import { chainHash, decodeRecord } from "./encoding.ts";
import type { StoredRecord } from "./encoding.ts";
import { damaged } from "./journal-error.ts";

export interface ChainOrder {
  readonly rollout: string;
  /** In the order of their numbers. */
  readonly stored: Iterable<StoredRecord>;
  /** How many records there should be, and the hash of the last: kept apart from the records. */
  readonly records: number;
  readonly head: string;
}

/**
 * Finds the first record that was edited, cut out, reordered or added. Whoever can write the file
 * can also forge the whole chain: only a head that was noted elsewhere shows that.
 */
export function checkChain({ rollout, stored, records, head }: ChainOrder): JournalCheck {
  let previous = rollout;
  let seq = 0;
  for (const record of stored) {
    seq += 1;
    const failure = linkFailure({ rollout, seq, record, previous });
    if (failure !== null) return { kind: "damaged", seq, failure };
    previous = record.hash;
  }
  if (seq === records && previous === head) return { kind: "sound", records, head };
  const because =
    seq < records
      ? `it and all after it are gone, the journal had ${records} records`
      : `the last record is not the one that the journal ended with (${records} records)`;
  const at = seq < records ? seq + 1 : records + 1;
  return { kind: "damaged", seq: at, failure: failureAt(rollout, at, because) };
}

interface Link {
  readonly rollout: string;
  readonly seq: number;
  readonly record: StoredRecord;
  readonly previous: string;
}

function linkFailure({ rollout, seq, record, previous }: Link): Failure | null {
  if (record.seq !== seq) {
    return failureAt(rollout, seq, `it is missing, record ${record.seq} comes instead`);
  }
  if (chainHash(previous, record.line) !== record.hash) {
    return failureAt(rollout, seq, "its hash does not fit its text and the record before it");
  }
  try {
    decodeRecord(rollout, record);
    return null;
  } catch (error) {
    if (error instanceof HandrailError) return error.failure;
    throw error;
  }
}

function failureAt(rollout: string, seq: number, because: string): Failure {
  return damaged(`record ${seq} of rollout "${rollout}"`, because).failure;
}
