import type { Going, Standing } from "./standing.ts";
import type { AnswerName } from "./verb-answers.ts";
import type { Condition } from "./verb-conditions.ts";

/** What a person can ask of a rollout, as it is typed, and what reaches the process that runs it. */
export const verbs = [
  "pause",
  "resume",
  "abort",
  "abort --rollback",
  "undo",
  "approve",
  "approve --emergency",
  "override",
  "decide",
  "reconcile",
  "locks release",
  "first signal",
  "second signal",
] as const;

export type Verb = (typeof verbs)[number];

/** The answers in order, each where its condition holds; the last is for all other cases. */
export interface Cell {
  readonly where: readonly (readonly [Condition, AnswerName])[];
  readonly otherwise: AnswerName;
}

export type VerbRow = Readonly<Record<Verb, Cell | null>>;

const only = (otherwise: AnswerName): Cell => ({ where: [], otherwise });
const cases = (where: Cell["where"], otherwise: AnswerName): Cell => ({ where, otherwise });

const approving = cases(
  [
    ["it begins no region", "beginsNoRegion"],
    ["it has no such approval", "needsNoApproval"],
    ["it is approved", "approvedAlready"],
    ["another digest was approved", "approvedOther"],
    ["who asks is not named for it", "notNamed"],
    ["who asks began the rollout", "beganIt"],
    ["who asks approved it already", "approvedByYou"],
    ["it takes more people", "approvedInPart"],
    ["it waits for it", "approved"],
  ],
  "approvedAhead",
);
const approvingEmergency = cases(
  [
    ["it begins no region", "beginsNoRegion"],
    ["it is no emergency", "noEmergency"],
    ["its emergency is approved", "emergencyAlready"],
    ["another digest was approved", "approvedOther"],
    ["who asks is not named for it", "notNamedEmergency"],
    ["who asks began the rollout", "beganEmergency"],
    ["it waits for it", "emergencyApproved"],
  ],
  "emergencyAhead",
);
const overriding = cases(
  [
    ["it begins no region", "beginsNoRegion"],
    ["it has no such window", "hasNoWindow"],
    ["it waits for no window there", "waitsForNoWindow"],
    ["it waits for it", "overridden"],
  ],
  "overriddenAhead",
);
const deciding = cases(
  [
    ["it accepts what a required step did", "acceptsRequired"],
    ["it goes on without a required step", "excludesRequired"],
    ["it means something", "decides"],
  ],
  "nothingToDecide",
);
const asking = cases([["something is open", "asks"]], "nothingOpen");
const freeing = cases([["it means something", "frees"]], "keepsNoLock");
const beginsNone = only("beginsNoRegion");
const widening = cases([["it means something", "endsWhole"]], "endsAlready");

const signals = { "first signal": only("interrupted"), "second signal": only("leaves") };
const signalsBack = { "first signal": only("finishesBack"), "second signal": only("leaves") };
const noProcess = { "first signal": null, "second signal": null };

const aboutInstances = {
  decide: deciding,
  reconcile: asking,
  "locks release": freeing,
};

/** Somebody runs it. */
export const attendedRows: Readonly<Record<Going, VerbRow>> = {
  preflight: {
    pause: only("pauses"),
    resume: only("goesAlready"),
    abort: only("endsUntouched"),
    "abort --rollback": only("endsUntouched"),
    undo: only("endsUntouched"),
    approve: approving,
    "approve --emergency": approvingEmergency,
    override: overriding,
    ...aboutInstances,
    ...signals,
  },
  forward: {
    pause: only("pauses"),
    resume: only("goesAlready"),
    abort: only("ends"),
    "abort --rollback": only("endsWhole"),
    undo: only("endsWhole"),
    approve: approving,
    "approve --emergency": approvingEmergency,
    override: overriding,
    ...aboutInstances,
    ...signals,
  },
  pausing: {
    pause: only("pausesAlready"),
    resume: only("goesOn"),
    abort: only("ends"),
    "abort --rollback": only("endsWhole"),
    undo: only("endsWhole"),
    approve: approving,
    "approve --emergency": approvingEmergency,
    override: overriding,
    ...aboutInstances,
    ...signals,
  },
  halting: {
    pause: only("wayBack"),
    resume: only("noWayForward"),
    abort: only("ends"),
    "abort --rollback": only("endsWhole"),
    undo: only("endsWhole"),
    approve: beginsNone,
    "approve --emergency": beginsNone,
    override: beginsNone,
    ...aboutInstances,
    ...signalsBack,
    "first signal": only("finishesHalt"),
  },
  aborting: {
    pause: only("wayBack"),
    resume: only("noWayForward"),
    abort: only("endsAlready"),
    "abort --rollback": widening,
    undo: widening,
    approve: beginsNone,
    "approve --emergency": beginsNone,
    override: beginsNone,
    ...aboutInstances,
    ...signalsBack,
  },
  undoing: {
    pause: only("wayBack"),
    resume: only("noWayForward"),
    abort: only("undoesAlready"),
    "abort --rollback": only("undoesAlready"),
    undo: cases([["a way back stopped", "goesOnBack"]], "undoesAlready"),
    approve: beginsNone,
    "approve --emergency": beginsNone,
    override: beginsNone,
    ...aboutInstances,
    ...signalsBack,
  },
  releasing: {
    pause: only("givesLocksBack"),
    resume: only("givesLocksBack"),
    abort: only("endsAlready"),
    "abort --rollback": only("endsAlready"),
    undo: cases([["something was touched", "goesBack"]], "nothingStands"),
    approve: beginsNone,
    "approve --emergency": beginsNone,
    override: beginsNone,
    ...aboutInstances,
    ...signalsBack,
  },
};

/** Its process was killed, or left at the second signal. */
export const stoppedRows: Readonly<Record<Going, VerbRow>> = {
  preflight: {
    ...attendedRows.preflight,
    pause: only("nobodyRuns"),
    resume: only("takenUp"),
    ...noProcess,
  },
  forward: {
    ...attendedRows.forward,
    pause: only("nobodyRuns"),
    resume: only("takenUp"),
    ...noProcess,
  },
  pausing: {
    ...attendedRows.pausing,
    pause: only("nobodyRuns"),
    resume: only("takenUp"),
    ...noProcess,
  },
  halting: {
    ...attendedRows.halting,
    pause: only("wayBackAlone"),
    resume: only("takenBackUp"),
    ...noProcess,
  },
  aborting: {
    ...attendedRows.aborting,
    pause: only("wayBackAlone"),
    resume: only("takenBackUp"),
    abort: only("endsAlone"),
    "abort --rollback": cases([["it means something", "endsWhole"]], "endsAlone"),
    undo: cases([["it means something", "endsWhole"]], "endsAlone"),
    ...noProcess,
  },
  undoing: {
    ...attendedRows.undoing,
    pause: only("wayBackAlone"),
    resume: only("takenBackUp"),
    abort: only("undoesAlone"),
    "abort --rollback": only("undoesAlone"),
    undo: cases([["a way back stopped", "goesOnBack"]], "undoesAlone"),
    ...noProcess,
  },
  releasing: {
    ...attendedRows.releasing,
    pause: only("givesLocksBackAlone"),
    resume: only("takenBackUp"),
    abort: only("locksAlone"),
    "abort --rollback": only("locksAlone"),
    ...noProcess,
  },
};

const atRest = {
  pause: only("standsStill"),
  abort: only("ends"),
  "abort --rollback": only("endsWhole"),
  undo: only("endsWhole"),
  approve: approving,
  "approve --emergency": approvingEmergency,
  override: overriding,
  ...aboutInstances,
  ...noProcess,
};

const ended = (says: AnswerName, stands: AnswerName): Cell =>
  says === stands ? only(says) : cases([["something was touched", stands]], says);

const whenOver = (says: AnswerName, stands: AnswerName): Omit<VerbRow, "undo"> => ({
  pause: only(says),
  resume: only(says),
  abort: ended(says, stands),
  "abort --rollback": ended(says, stands),
  approve: only(says),
  "approve --emergency": only(says),
  override: only(says),
  decide: only(says),
  reconcile: asking,
  "locks release": freeing,
  ...noProcess,
});

/** Nobody runs it: it waits for a person, or it is over. */
export const restingRows: Readonly<Record<Exclude<Standing, Going>, VerbRow>> = {
  approval: { ...atRest, resume: only("waitsForApproval") },
  emergency: { ...atRest, resume: only("waitsForEmergency") },
  window: { ...atRest, resume: only("takenUp") },
  inconclusive: { ...atRest, resume: only("waitsForDecision") },
  ask: { ...atRest, resume: only("waitsForDecision") },
  "bad-in-region": {
    ...atRest,
    resume: cases([["a required step failed", "waitsForNothing"]], "waitsForExclusion"),
  },
  paused: { ...atRest, resume: only("takenUp") },
  interrupted: { ...atRest, resume: only("takenUp") },
  sealed: {
    ...whenOver("overSealed", "overSealedStands"),
    undo: cases([["something was touched", "goesBack"]], "nothingStands"),
  },
  halted: {
    ...whenOver("overHalted", "overHaltedStands"),
    undo: cases([["something was touched", "goesBack"]], "nothingStands"),
  },
  refused: { ...whenOver("overRefused", "overRefused"), undo: only("overRefused") },
  undone: { ...whenOver("overUndone", "overUndone"), undo: only("undoneAlready") },
};
