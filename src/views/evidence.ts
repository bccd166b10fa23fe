import type { Failure } from "../core/failure.ts";
import type { Note } from "../core/event.ts";
import { lateFailure } from "../core/after-late-harm.ts";
import type { JournalRecord } from "../ports/journal.ts";

/** What the journal says of one instance, with times. All times RFC 3339 in UTC, null: never. */
export interface Evidence {
  readonly beganAt: string | null;
  readonly sealedAt: string | null;
  /** The last attempt of each step, by index in the plan, and when its first host began it. */
  readonly stepStarted: ReadonlyMap<number, { readonly attempt: number; readonly at: string }>;
  /** Everything that went wrong, oldest first. */
  readonly failures: readonly { readonly at: string; readonly failure: Failure }[];
  /** When something looked wrong after a step had begun (a verdict, a probe, …), oldest first. */
  readonly signs: readonly string[];
  /** When its rollback began. */
  readonly backAt: string | null;
  /** Steps taken back, by index in the plan, in the order in which it was done. */
  readonly reverted: readonly number[];
  readonly restored: number;
  readonly conflicts: readonly string[];
  readonly recoveries: readonly Extract<Note, { kind: "recovery" }>[];
  /** Hosts that went back by themselves. */
  readonly fired: readonly Extract<Note, { kind: "guard.fired" }>[];
  /** Content and health confirmed after a rollback. */
  readonly verifiedAt: string | null;
  readonly probes: readonly SeenProbe[];
}

export interface SeenProbe {
  readonly at: string;
  readonly probe: string;
  readonly surface: string;
  readonly host: string;
  readonly is: "pass" | "fail" | "error";
}

/** Nothing is known of an instance that the journal does not name. */
export const noEvidence: Evidence = {
  beganAt: null,
  sealedAt: null,
  stepStarted: new Map(),
  failures: [],
  signs: [],
  backAt: null,
  reverted: [],
  restored: 0,
  conflicts: [],
  recoveries: [],
  fired: [],
  verifiedAt: null,
  probes: [],
};

/** Evidence by instance, gathered in one pass. */
export function gatherEvidence(records: readonly JournalRecord[]): ReadonlyMap<string, Evidence> {
  const gathered = new Map<string, Gathering>();
  const of = (instance: string): Gathering => {
    const known = gathered.get(instance) ?? gathering();
    gathered.set(instance, known);
    return known;
  };
  for (const { at, event } of records) {
    if (event.kind === "noted") note(of(event.note.instance), event.note, at);
    if (event.kind === "intent") {
      const it = of(event.action.instance);
      if (event.action.kind === "begin") it.beganAt ??= at;
      if (event.action.kind === "revert") it.backAt ??= at;
    }
    if (event.kind === "late-harm")
      of(event.harm.instance).failures.push({ at, failure: lateFailure(event) });
    if (event.kind === "outcome") outcome(of(event.action.instance), event, at);
  }
  return gathered;
}

type Gathering = {
  -readonly [Key in keyof Evidence]: Evidence[Key] extends readonly (infer One)[]
    ? One[]
    : Evidence[Key];
} & { stepStarted: Map<number, { readonly attempt: number; readonly at: string }> };

function gathering(): Gathering {
  return {
    ...noEvidence,
    stepStarted: new Map(),
    failures: [],
    signs: [],
    reverted: [],
    conflicts: [],
    recoveries: [],
    fired: [],
    probes: [],
  };
}

function outcome(
  it: Gathering,
  event: Extract<JournalRecord["event"], { kind: "outcome" }>,
  at: string,
): void {
  const { action } = event;
  if (event.outcome.is !== "done") {
    it.failures.push({ at, failure: event.outcome.failure });
    return;
  }
  if (action.kind === "bake") it.sealedAt = at;
  if (action.kind === "verify") it.verifiedAt = at;
  if (action.kind === "revert" && !it.reverted.includes(action.step)) it.reverted.push(action.step);
}

function note(it: Gathering, told: Note, at: string): void {
  if (isSign(told)) it.signs.push(at);
  if (told.kind === "step.started") {
    const known = it.stepStarted.get(told.step);
    if (known === undefined || known.attempt < told.attempt)
      it.stepStarted.set(told.step, { attempt: told.attempt, at });
  }
  if (told.kind === "recovery") it.recoveries.push(told);
  if (told.kind === "guard.fired") {
    it.fired.push(told);
    it.restored += told.restored;
    it.conflicts.push(...told.conflicts);
  }
  if (told.kind === "restored") {
    it.restored += told.restored;
    it.conflicts.push(...told.conflicts);
  }
  if (told.kind === "probe")
    it.probes.push({
      at,
      probe: told.probe,
      surface: told.surface,
      host: told.host ?? told.instance,
      is: told.is,
    });
}

/** Does this say that something is wrong? */
export function isSign(told: Note): boolean {
  switch (told.kind) {
    case "verdict":
      return told.verdict.is === "broken";
    case "probe":
      return told.is === "fail" && told.while !== "before";
    case "step.finished":
      return told.timedOut || (told.exitCode !== null && told.exitCode !== 0);
    case "recovery":
      return true;
    case "guard.fired":
      return true;
    case "control.compared":
    case "baseline.compared":
      return told.is === "harm" && told.mode === "gate";
    case "snapshot.taken":
    case "guard.armed":
    case "guard.disarmed":
    case "step.started":
    case "restored":
    case "mark":
    case "bake.stage":
    case "retrying":
    case "remark":
    case "host.facts":
    case "baseline":
    case "bake.evidence":
      return false;
  }
}
