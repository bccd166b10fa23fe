import { isPlain } from "../core/host-locked.ts";
import type { HostLock } from "../core/host-lock.ts";
import { isLeaseOver, leaseWords, utcMoment } from "../core/lock-words.ts";
import { oneLine } from "../core/printable.ts";
import { afterWish } from "../core/wish.ts";
import type { Holder } from "../ports/journal.ts";
import { whyUnfinished } from "../runner/refuse-unfinished.ts";
import { zoneTime } from "../views/times.ts";
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

/** An inventory that a process holds right now. Its lock ends with the process, however that ends. */
export function holderLines(
  { inventory, holder, rollout, since }: Holder,
  { program }: Pick<LockWords, "program">,
): string[] {
  return [
    `inventory ${inventory}: held by ${rollout} (${holder}) since ${utcMoment(since)}; its process is at work here`,
    `  to see what it does: ${program} status ${rollout} --watch`,
    `  to clear it: wait for its end (--wait), or ${program} abort ${rollout}`,
  ];
}

/** An inventory that a rollout keeps though no process carries it: it is not over. */
export function unfinishedLines(
  { id, state, records, holder }: FoundRollout,
  { program }: Pick<LockWords, "program">,
): string[] {
  if (holder !== null || state.closed !== null) return [];
  const [first] = records;
  const by = first?.event.kind === "opened" ? ` (${first.event.by})` : "";
  const since = first === undefined ? "" : ` since ${utcMoment(first.at)}`;
  const last = records.at(-1);
  const heard = last === undefined ? "" : `, last heard ${utcMoment(last.at)}`;
  return [
    `inventory ${state.itinerary.inventory.name}: kept by ${id}${by}${since}${heard}; it is not over: ${whyUnfinished(state)}`,
    `  to clear it: ${program} ${leadOn(state, id)}, or ${program} abort ${id}`,
  ];
}

/** The words that let a rollout go on which nobody carries: `resume` is refused where a person must speak. */
function leadOn({ closed, parked }: FoundRollout["state"], id: string): string {
  if (closed !== null) return `reconcile ${id}`;
  if (parked?.kind === "approval") return `approve ${id} ${shellWord(parked.region)}`;
  if (parked?.kind === "emergency") return `approve ${id} --emergency --reason "…"`;
  const waits = parked !== null && !resumable.has(parked.kind);
  return `${waits ? "status" : "resume"} ${id}`;
}

const resumable: ReadonlySet<string> = new Set(["paused", "interrupted", "window"]);

/** Instances of one rollout that keep their locks, why, and what leads on or gives the lock back. */
export function heldLines(found: FoundRollout, { program }: Pick<LockWords, "program">): string[] {
  const { id, state } = found;
  return heldInstances(found).flatMap(({ name, region, since, why, waitsForDecision }) => {
    const wish = { kind: "release-lock", instance: name, reason: "" } as const;
    const giveUp =
      afterWish(state, wish, "") === state
        ? []
        : [`  to give it up as it stands: ${program} ${releaseWords(shellWord(name), id)}`];
    const zone = state.itinerary.regions.find((it) => it.name === region)?.timezone ?? null;
    const when = since === null ? "" : ` since ${sinceWords(since, zone)}`;
    return [
      `instance ${name}: held by ${id}${when}; ${why}`,
      waitsForDecision
        ? `  to clear it: ${program} decide ${id} rollback ${shellWord(name)} (or accept, retry, leave instead of rollback)`
        : `  to clear it: ${program} ${leadOn(state, id)}`,
      ...giveUp,
    ];
  });
}

export interface LookedWords {
  readonly words: LockWords;
  readonly known: ReadonlyMap<string, FoundRollout>;
  /** Of the host's region; null: only UTC is told. */
  readonly timezone: string | null;
}

/** One host, as it was seen: its lock is there whether any journal knows of it or not. */
export function hostLines(looked: LookedHost, about: LookedWords): string[] {
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
  const { rollout, holder, since, message } = lock;
  return [
    `host ${name}: held by ${rollout} (${holder}) since ${sinceWords(since, about.timezone)}`,
    `  lease: ${leaseWords(lock)}`,
    ...(message === "" ? [] : [`  message: ${message}`]),
    ...clearLines(name, lock, about),
  ];
}

function clearLines(name: string, lock: HostLock, { words, known }: LookedWords): string[] {
  const { rollout } = lock;
  const found = known.get(rollout);
  if (found !== undefined) {
    const { program } = words;
    return found.holder === null
      ? [`  to clear it: ${program} ${leadOn(found.state, rollout)}`]
      : [`  to see what it does: ${program} status ${rollout} --watch`];
  }
  if (!isPlain(rollout)) return ["  next: that is no name of a rollout; look at that spool"];
  const giveUp = `${words.program} ${releaseWords(`${words.hosts} --host ${shellWord(name)}`, rollout)}`;
  const carryOn = "carry it on where its journal is, which is not here";
  return isLeaseOver(lock) || lock.lease === null
    ? [
        "  kept on purpose: nobody here knows what became of its steps",
        `  to clear it: ${carryOn}; if that is lost, give the lock up:`,
        `  ${giveUp}`,
      ]
    : [
        `  to clear it: wait for its end (--wait), or ${carryOn};`,
        "  once nobody is heard there any more, and that journal is lost, give the lock up:",
        `  ${giveUp}`,
      ];
}

function sinceWords(at: string, timezone: string | null): string {
  const local = zoneTime(at, timezone);
  return local === null ? utcMoment(at) : `${utcMoment(at)} (${local})`;
}

/** The command that gives a lock up, with a place for the reason. */
export function releaseWords(what: string, rollout: string): string {
  return `locks release ${what} --rollout ${rollout} --why TEXT`;
}
