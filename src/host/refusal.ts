import type { Failure } from "../core/failure.ts";
import { hostLocked } from "../core/host-locked.ts";
import { pathText } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import { size } from "../core/size.ts";
import { fieldsOf, type Frame, ProtocolError } from "./frames.ts";
import { lockOf } from "./lock-of.ts";

/** Characters of what a tool on the host said. */
const toldMax = 2_000;

/** A guard refuses with a word and facts; here they become a sentence and the next thing to do. */
export function refusalOf(frames: readonly Frame[], host: string): Failure | null {
  const frame = frames.find((each) => each.kind === "REFUSED");
  if (frame === undefined) return null;
  const [reason, ...facts] = fieldsOf(frame);
  const name = reason?.toString("latin1") ?? "";
  if (name === "locked") return hostLocked(host, lockOf(frame, 1));
  // The host chose the name: what every object has is no sentence.
  const known = Object.hasOwn(sentences, name) ? sentences[name] : undefined;
  if (known === undefined)
    throw new ProtocolError(`a refusal for "${printable(name, { max: 40 })}"`);
  return { ...known(new Facts(facts), host), host };
}

class Facts {
  readonly #fields: readonly Uint8Array[];
  constructor(fields: readonly Uint8Array[]) {
    this.#fields = fields;
  }
  path(at: number): string {
    return pathText(this.#fields[at] ?? new Uint8Array());
  }
  text(at: number): string {
    return printable(this.#fields[at] ?? new Uint8Array(), { max: toldMax }).trim();
  }
  size(at: number): string {
    return size(Number(this.text(at)) * 1024);
  }
}

const switchWords: Readonly<Record<string, string>> = {
  none: "not there",
  dead: "gone: its process has ended",
  disarmed: "disarmed already",
  fired: "fired",
};

const sentences: Readonly<Record<string, (facts: Facts, host: string) => Failure>> = {
  "spool-unusable": (facts, host) => ({
    code: "SPOOL_UNUSABLE",
    message: `the spool "${facts.path(0)}" on ${host} can't be used: ${facts.text(1)}`,
    hint: "give `spool` a folder that only the user of the steps may enter, or let Handrail make it",
    path: facts.path(0),
  }),
  "spool-inside": (facts, host) => ({
    code: "SPOOL_UNUSABLE",
    message: `the spool "${facts.path(0)}" and the protected path "${facts.path(1)}" on ${host} lie within one another`,
    hint: "choose a spool outside every protected path, so that a step can't destroy both at once",
    path: facts.path(0),
  }),
  "not-held": (facts, host) => ({
    code: "HOST_LOCKED",
    message: `${host} is not held by rollout "${facts.text(0)}", or by any other`,
    hint: "nothing is to be given up there; `handrail locks` with the plan shows what is held",
  }),
  "at-work": (facts, host) => ({
    code: "HOST_LOCKED",
    message: `rollout "${facts.text(0)}" is at work on ${host}: ${facts.text(1)}`,
    hint: "wait until that is over (a switch that nobody renews ends by itself), or end it there by hand, then ask again",
  }),
  "in-lease": (facts, host) => ({
    code: "HOST_LOCKED",
    message: `rollout "${facts.text(0)}" was heard on ${host} ${facts.text(1)} s ago, and its lease is ${facts.text(2)} s: somebody may be at work there`,
    hint: "end it where it runs, or wait until its lease is over, then give the lock up again",
  }),
  fenced: (facts, host) => ({
    code: "FENCED",
    message: `another runner (number ${facts.text(1)}) has taken this rollout up on ${host}; this one is number ${facts.text(0)}`,
    hint: "leave it to that runner; `handrail status` shows what it does",
  }),
  "given-back": (facts, host) => ({
    code: "FENCED",
    message: `${host} was given back meanwhile: rollout "${facts.text(0)}" does not hold it any more`,
    hint: "somebody else has brought it to its end there; `handrail status` shows how",
  }),
  linked: (facts, host) => ({
    code: "SNAPSHOT_REFUSED",
    message:
      facts.path(0) === facts.path(1)
        ? `"${facts.path(0)}" on ${host} is a symbolic link to "${facts.path(2)}"`
        : `"${facts.path(0)}" on ${host} passes through "${facts.path(1)}", a symbolic link to "${facts.path(2)}"`,
    hint: "name the real folder in the plan: what lies behind a link is never followed",
    path: facts.path(1),
  }),
  "no-space": (facts, host) => ({
    code: "SNAPSHOT_NO_SPACE",
    message: `the snapshot needs ${facts.size(1)} and leaves ${facts.size(2)} free, but the spool "${facts.path(0)}" on ${host} has ${facts.size(3)} free`,
    hint: "free space there, or put the spool on a larger file system",
    path: facts.path(0),
  }),
  "no-inodes": (facts, host) => ({
    code: "SNAPSHOT_NO_SPACE",
    message: `the snapshot needs ${facts.text(1)} inodes, but the file system of the spool "${facts.path(0)}" on ${host} has ${facts.text(2)} left`,
    hint: "remove small files there, or put the spool on another file system",
    path: facts.path(0),
  }),
  "disk-full": (facts, host) => ({
    code: "SNAPSHOT_NO_SPACE",
    message: `the file system of the spool "${facts.path(0)}" on ${host} ran full`,
    hint: "free space there, or put the spool on a larger file system",
    path: facts.path(0),
  }),
  "spool-failed": (facts, host) => ({
    code: "SPOOL_UNUSABLE",
    message: `a tool failed at its work in the spool "${facts.path(0)}" on ${host}, and it was not for want of room`,
    hint: "look there for a quota and for trouble with the disk (`dmesg`), then try again",
    path: facts.path(0),
  }),
  unreadable: (facts, host) => ({
    code: "SNAPSHOT_UNREADABLE",
    message: `"${facts.path(0)}" on ${host} can't be read by ${facts.text(1)}`,
    hint: "run the steps as a user who may read it (`become`), or leave it out of `protect`",
    path: facts.path(0),
  }),
  "unreadable-tree": (facts, host) => ({
    code: "SNAPSHOT_UNREADABLE",
    message: `"${facts.path(0)}" on ${host} could not be read whole by ${facts.text(1)}`,
    hint: "the tool's own words say what stood in the way",
    path: facts.path(0),
    detail: facts.text(2),
  }),
  "too-many": (facts, host) => ({
    code: "SNAPSHOT_REFUSED",
    message: `"${facts.path(0)}" on ${host} has more than ${facts.text(1)} entries`,
    hint: "protect the folders in it that matter, each by itself",
    path: facts.path(0),
  }),
  unproven: (facts, host) => ({
    code: "SNAPSHOT_UNPROVEN",
    message: `the snapshot on ${host} did not give "${facts.path(0)}" back as it is`,
    hint: "nothing was run; look at the tools and the disk of that host before you trust it with a snapshot",
    path: facts.path(0),
    detail: facts.text(1),
  }),
  "snapshot-missing": (facts, host) => ({
    code: "SNAPSHOT_MISSING",
    message: `there is no snapshot "${facts.text(0)}" on ${host}`,
    hint: "was the spool emptied, or the host set up anew? nothing can be put back from there",
  }),
  "snapshot-partial": (facts, host) => ({
    code: "SNAPSHOT_MISSING",
    message: `of snapshot "${facts.text(0)}" on ${host} only ${facts.text(1)} of its ${facts.text(2)} trees are there`,
    hint: "nothing was judged by it, run upon it or put back from it; see who changed the spool on that host, then `handrail reconcile` asks again",
  }),
  "stage-failed": (facts, host) => ({
    code: "RESTORE_INCOMPLETE",
    message: `the content of "${facts.path(0)}" could not be unpacked on ${host}`,
    hint: "the host's own words say what stood in the way",
    path: facts.path(0),
    detail: facts.text(1),
  }),
  "not-armed": (facts, host) => ({
    code: "GUARD_NOT_ARMED",
    message: `the step did not start on ${host}: its dead-man switch "${facts.text(0)}" is ${switchWords[facts.text(1)] ?? "not armed"}`,
    hint: "nothing of the step has run; `handrail resume` arms it anew, or rolls back what the switch has done",
  }),
  restarted: (facts, host) => ({
    code: "GUARD_NOT_ARMED",
    message: `${host} was restarted while a step was guarded by the dead-man switch "${facts.text(0)}"`,
    hint: "what the step did until then is not known; its snapshot goes back before anything else is done",
  }),
  unready: (facts, host) => ({
    code: "GUARD_NOT_ARMED",
    message: `the dead-man switch "${facts.text(0)}" could not be armed on ${host}: ${facts.text(1)}`,
    hint: "without it the step does not start; look at what keeps processes from starting on that host",
  }),
  staging: (facts, host) => ({
    code: "SPOOL_UNUSABLE",
    message: `the command could not be made ready on ${host}: ${facts.text(0)}`,
    hint: "nothing of it has run; look at the spool on that host, then try again",
  }),
  "not-rehearsable": (facts, host) => ({
    code: "NOT_REHEARSABLE",
    message: `no step can be rehearsed on ${host}: ${facts.text(0)}`,
    hint: "nothing was run there and nothing is known; rehearse on another instance, or as another user (`become`)",
  }),
  settled: (_facts, host) => ({
    code: "FENCED",
    message: `this command was taken back on ${host} before it began, and may not begin any more`,
    hint: "a rollback has passed it; start a new rollout to try again",
  }),
};
