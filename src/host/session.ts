import type { Answer } from "../core/answer.ts";
import type { Failure } from "../core/failure.ts";
import { type Frame, ProtocolError } from "./frames.ts";
import type { GuardLine } from "./guard-line.ts";
import { refusalOf } from "./refusal.ts";
import type { ShellText } from "./shell-text.ts";

/** What one order needs of the guard that carries it out. */
export interface Session {
  readonly line: GuardLine;
  readonly host: string;
  readonly nonce: string;
  /** The rollout's folder in the spool. */
  readonly home: string;
  /** Of this runner, once it has claimed the host; "" before. */
  readonly epoch: string;
  /** A name that was not used before on this channel. */
  newName(): string;
}

/** Asks for one thing; a refusal is a value of its own kind. */
export type Asked = Answer<
  | { readonly kind: "done"; readonly frames: readonly Frame[] }
  | { readonly kind: "refused"; readonly failure: Failure }
>;

/** One request on the channel, its refusal told apart. `hear`: see GuardLine. */
export async function askGuard(
  session: Session,
  request: ShellText,
  payload: readonly Uint8Array[] = [],
  hear?: (frame: Frame) => void,
): Promise<Asked> {
  // Whoever has claimed the host keeps its switches from firing while it asks for something.
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  const onBehalf = session.epoch === "" ? "" : `on_behalf ${session.epoch} ${length}\n`;
  const answer = await session.line.exchange(`${onBehalf}${request}\n:`, payload, hear);
  if (answer.kind !== "result") return answer;
  const failure = refusalOf(answer.value, session.host);
  return {
    kind: "result",
    value: failure === null ? { kind: "done", frames: answer.value } : { kind: "refused", failure },
  };
}

/** The only frame of this kind in an answer. */
export function frameOf(frames: readonly Frame[], kind: string): Frame {
  const frame = frames.find((each) => each.kind === kind);
  if (frame === undefined) throw new ProtocolError(`an answer without ${kind}`);
  return frame;
}

/** Bytes that keep to the frames, and say what no guard says. */
export function misspoke(host: string, error: ProtocolError): Failure {
  return {
    code: "GUARD_PROTOCOL",
    message: `the guard on ${host} answered with ${error.message}`,
    hint: "nothing of that answer was used; look at the host, then `resume` the rollout",
    host,
  };
}

/** A key or a rollout's name becomes a file name on the host, so it must be a plain one. */
export function plainName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name))
    throw new Error(
      `"${name}" can't name a folder in the spool: letters, digits, ".", "_" and "-" can`,
    );
  return name;
}
