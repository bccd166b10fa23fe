import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { ballastFile } from "../../src/journals/ballast.ts";
import type { Journals } from "../../src/ports/journal.ts";
import {
  applying,
  codeOf,
  halt,
  opened,
  order,
  pause,
  remark,
  reverting,
  runner,
  session,
} from "./journal-events.ts";

/** What happened on a disk that some other program filled while a rollout went on. */
export interface FullDisk {
  readonly forward: unknown;
  readonly ballastAtFirst: boolean;
  readonly ballastAfter: boolean;
  readonly endings: number;
  readonly forwardAgain: unknown;
  readonly asked: boolean;
  readonly sound: string;
  readonly takenUp: string;
  readonly newRollout: unknown;
  readonly newRolloutWithRoom: string;
  readonly ballastWithRoom: boolean;
}

/** Endings that must find room: a fleet of some hundred instances is taken back. */
export const endingsMin = 1000;

/** Plays it through on a small disk of its own, where `folder` is. */
export async function fillDisk(folder: string, journals: Journals): Promise<FullDisk> {
  const held = session(await journals.open(order("kb-1")));
  await held.append(opened);
  const filler = `${folder}-filler`;
  const ballastAtFirst = existsSync(ballastFile(folder));
  let forward: unknown = null;
  for (let tries = 0; tries < 5000 && forward === null; tries += 1) {
    fill(filler);
    forward = await held.append(applying).then(
      () => null,
      (error: unknown) => codeOf(Promise.reject(error)),
    );
  }
  let endings = 0;
  for (; endings < endingsMin; endings += 4) {
    await held.append({ kind: "halting", halt });
    await held.append(reverting);
    await held.append(remark("x".repeat(300)));
    await held.append({ kind: "outcome", action: reverting.action, outcome: { is: "done" } });
  }
  const ballastAfter = existsSync(ballastFile(folder));
  const forwardAgain = await codeOf(held.append(applying));
  await journals.ask("kb-1", pause);
  const [left] = await held.wishes();
  await held.append({ kind: "asked", ...pause }, { wish: left?.id ?? "none" });
  await held[Symbol.asyncDispose]();
  const next = await journals.takeUp("kb-1", runner("second"));
  await session(next).append({ kind: "closed", outcome: "halted" });
  const newRollout = await codeOf(journals.open(order("kb-2", "another")));
  rmSync(filler);
  const withRoom = await journals.open(order("kb-3", "another"));
  await session(withRoom).append(opened);
  await session(withRoom).append(applying);
  return {
    forward,
    ballastAtFirst,
    ballastAfter,
    endings,
    forwardAgain,
    asked: left !== undefined,
    sound: (await journals.verify("kb-1")).kind,
    takenUp: next.kind,
    newRollout,
    newRolloutWithRoom: withRoom.kind,
    ballastWithRoom: existsSync(ballastFile(folder)),
  };
}

/** Takes every block that is left. */
function fill(file: string): void {
  const descriptor = openSync(file, "a");
  try {
    for (let size = 1024 * 1024; size >= 1;) {
      try {
        writeSync(descriptor, Buffer.alloc(size));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
