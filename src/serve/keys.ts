import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What one start of the server knows and nobody else does. All of it ends with the process. */
export interface Keys {
  /** Stands in the address that is printed: whoever has it may look, and act where that is allowed. */
  readonly token: string;
  /** In the cookie: the token itself is never kept in a browser. */
  readonly session: string;
  /** In the pages: what a request that changes something must bring along as a header. */
  readonly page: string;
  /**
   * First part of every path. Browsers send a cookie to every port of its host, to paths that begin
   * as its own does (RFC 6265 §8.5, §5.1.4): other servers on this machine can't name this one.
   */
  readonly place: string;
}

export function newKeys(): Keys {
  return { token: random(32), session: random(32), page: random(32), place: random(9) };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** Is it the same text? Takes as long whether it is or not. */
export function isSame(given: string, known: string): boolean {
  return timingSafeEqual(digest(given), digest(known));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
