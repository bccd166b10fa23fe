import { Buffer } from "node:buffer";

/** One message of a guard: a kind, and bytes that are fields or a file's content. */
export interface Frame {
  readonly kind: string;
  readonly body: Buffer;
}

/** Longest frame that is taken: the text of a comparison's differences is the longest there is. */
const frameMax = 64 * 1024 * 1024;

/** What a login shell may print (a motd, an rc file's chatter) before the guard says hello. */
const chatterMax = 64 * 1024;

/** Longest line that begins a frame. */
const headMax = 128;

/** The guard did not keep to its protocol; nothing that comes after can be trusted. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Cuts the bytes that a guard sends into frames. Before the first one, other bytes are skipped. */
export class FrameReader {
  readonly #nonce: Buffer;
  #waiting: Buffer = Buffer.alloc(0);
  /** What came since: not joined before a frame is whole, or a long one would be copied for each. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  #needed = 0;
  #greeted = false;
  #skipped = 0;

  constructor(nonce: string) {
    this.#nonce = Buffer.from(`${nonce} `, "latin1");
  }

  /** Frames that are complete with these bytes. Throws a ProtocolError on anything else. */
  push(bytes: Uint8Array): readonly Frame[] {
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#needed) return [];
    this.#waiting = Buffer.concat([this.#waiting, ...this.#pieces]);
    this.#pieces = [];
    this.#needed = 0;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    this.#held = this.#waiting.length;
    return frames;
  }

  #next(): Frame | null {
    if (!this.#greeted && !this.#skipChatter()) return null;
    const found = frameAt(this.#waiting, this.#nonce);
    if (found?.frame == null) {
      this.#needed = found?.size ?? 0;
      return null;
    }
    this.#waiting = this.#waiting.subarray(found.size);
    return found.frame;
  }

  #skipChatter(): boolean {
    const at = this.#waiting.indexOf(this.#nonce);
    // What may be the beginning of the nonce has to stay.
    const skip = at < 0 ? Math.max(0, this.#waiting.length - this.#nonce.length) : at;
    this.#skipped += skip;
    this.#waiting = this.#waiting.subarray(skip);
    if (this.#skipped > chatterMax)
      throw new ProtocolError("endless output before the guard's hello");
    this.#greeted = at >= 0;
    return this.#greeted;
  }
}

/** The whole frames at the beginning of a file; what comes after them is not looked at. */
export function leadingFrames(bytes: Buffer, nonce: string): readonly Frame[] {
  const frames: Frame[] = [];
  const start = Buffer.from(`${nonce} `, "latin1");
  for (let rest = bytes; rest.subarray(0, start.length).equals(start);) {
    const found = frameAt(rest, start);
    if (found?.frame == null) break;
    frames.push(found.frame);
    rest = rest.subarray(found.size);
  }
  return frames;
}

/**
 * The frame that these bytes begin with, null while not all of it is there, and its length with its
 * head; null: not even its head is there.
 */
function frameAt(
  bytes: Buffer,
  nonce: Buffer,
): { readonly frame: Frame | null; readonly size: number } | null {
  const end = bytes.indexOf("\n");
  if (end < 0) {
    if (bytes.length > headMax) throw new ProtocolError("a frame has no beginning");
    return null;
  }
  const head = bytes.toString("latin1", 0, end);
  const match = /^[0-9a-z]+ ([A-Za-z-]+) ([0-9]{1,9})$/.exec(head);
  if (match === null || !bytes.subarray(0, nonce.length).equals(nonce))
    throw new ProtocolError("bytes that belong to no frame");
  const length = Number(match[2]);
  if (length > frameMax) throw new ProtocolError(`a frame of ${length} bytes`);
  const size = end + 1 + length;
  if (bytes.length < size) return { frame: null, size };
  return { frame: { kind: match[1]!, body: bytes.subarray(end + 1, size) }, size };
}

/** The fields of a frame: each ends with a zero byte, so that they can hold any path. */
export function fieldsOf(frame: Frame): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < frame.body.length;) {
    const end = frame.body.indexOf(0, at);
    if (end < 0) throw new ProtocolError(`a ${frame.kind} frame with an open field`);
    fields.push(frame.body.subarray(at, end));
    at = end + 1;
  }
  return fields;
}

/** The fields as text, `count` of them at least. Not for paths. */
export function textsOf(frame: Frame, count: number): readonly string[] {
  const texts = fieldsOf(frame).map((field) => field.toString("utf8"));
  if (texts.length < count) throw new ProtocolError(`a ${frame.kind} frame with too few fields`);
  return texts;
}

/** A field that must be a whole number. */
export function numberOf(text: string | undefined): number {
  if (text === undefined || !/^-?[0-9]{1,16}$/.test(text))
    throw new ProtocolError(`"${text ?? ""}" where a number should be`);
  return Number(text);
}
