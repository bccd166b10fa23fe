import { isPlain } from "../core/host-locked.ts";
import { oneLine } from "../core/printable.ts";
import { afterWish } from "../core/wish.ts";
import type { Holder } from "../ports/journal.ts";
import { shellWord } from "./called-as.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { heldInstances } from "./held-instances.ts";
import type { LookedHost } from "./host-looks.ts";

export interface LockWords {
  /** How to call handrail so that it finds the journal. */
  readonly program: string;
  /** How to name the hosts that were looked at: a plan, or `--inventory FILE`. */
  readonly hosts: string;
}

export function holderLine({ inventory, holder, rollout, since }: Holder): string {
  return `inventory ${inventory}: ${holder}, for ${rollout}, since ${since}`;
}

/** Instances of one rollout that keep their locks, why, and what leads on or gives the lock back. */
export function heldLines(found: FoundRollout, { program }: Pick<LockWords, "program">): string[] {
  const { id, state } = found;
  return heldInstances(found).flatMap(({ name, why }) => {
    const wish = { kind: "release-lock", instance: name, reason: "" } as const;
    const giveUp =
      afterWish(state, wish, "") === state
        ? []
        : [`  to give it up as it stands: ${program} ${releaseWords(shellWord(name), id)}`];
    return [
      `instance ${name}: kept by ${id}: ${why}`,
      `  to clear it: ${program} ${nextVerb(found)} ${id}`,
      ...giveUp,
    ];
  });
}

/** One host, as it was seen: its lock is there whether any journal knows of it or not. */
export function hostLines(
  looked: LookedHost,
  {
    words,
    known,
  }: { readonly words: LockWords; readonly known: ReadonlyMap<string, FoundRollout> },
): string[] {
  const { name } = looked.host;
  if (looked.is === "unseen") {
    const { message, hint } = looked.failure;
    return [`host ${name}: could not be looked at: ${oneLine(message)}`, `  next: ${hint}`];
  }
  const { lock, spool } = looked.look;
  if (lock === null) {
    const fault = spool.fault === "" ? "" : `; its spool can't be used: ${oneLine(spool.fault)}`;
    return [`host ${name}: not locked${fault}`];
  }
  const { rollout, holder, since } = lock;
  const line = `host ${name}: held by ${rollout} (${holder}) since ${since}`;
  const found = known.get(rollout);
  if (found !== undefined) {
    const verb = found.holder === null ? nextVerb(found) : "status";
    return [line, `  next: ${words.program} ${verb} ${rollout}`];
  }
  if (!isPlain(rollout)) return [line, "  next: that is no name of a rollout; look at that spool"];
  return [
    `${line}, which this journal does not know`,
    "  next: carry it on where its journal is; if that is lost, give the lock up:",
    `  ${words.program} ${releaseWords(`${words.hosts} --host ${shellWord(name)}`, rollout)}`,
  ];
}

/** The command that gives a lock up, with a place for the reason. */
export function releaseWords(what: string, rollout: string): string {
  return `locks release ${what} --rollout ${rollout} --why TEXT`;
}

function nextVerb({ state }: FoundRollout): string {
  return state.closed === null ? "resume" : "reconcile";
}
