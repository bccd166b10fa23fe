import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { Root } from "./host-paths.ts";
import { askGuard, type Asked, type Session } from "./session.ts";
import { command, shellBytes, type ShellText } from "./shell-text.ts";

export interface StageOrder {
  readonly key: string;
  /** Names as archives have them, by the tree they belong to. */
  readonly members: ReadonlyMap<Root, ReadonlySet<ShellText>>;
  /** `near`: where a link into the live tree works; `spool`: in the spool, to be read only. */
  readonly place: "near" | "spool";
}

/** Unpacks these paths of a snapshot where only the guard can reach them, until `unstage`. */
export async function stage(session: Session, order: StageOrder): Promise<Asked> {
  const words: (string | number)[] = [];
  const payload: Uint8Array[] = [];
  for (const [root, members] of order.members) {
    const list = shellBytes([...members].map((member) => `${member}\0`).join(""));
    words.push(root.number, order.place, list.length);
    payload.push(Buffer.from(list));
  }
  return askGuard(session, command("stage", order.key, session.epoch, ...words), payload);
}

export async function unstage(session: Session): Promise<Answer<unknown>> {
  return askGuard(session, "unstage");
}
