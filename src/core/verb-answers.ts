/** What becomes of what was asked, in a word. */
export type AnswerWord =
  /** Nothing new begins; what runs comes to its end, and then it rests. */
  | "stops"
  | "goes on"
  /** It comes to its close by itself, whatever the hosts answer. */
  | "ends"
  /** Everything that was touched goes back, and then it comes to its close. */
  | "goes back"
  /** Hosts are asked about what is open, and nothing new begins. */
  | "asks"
  | "decides"
  /** A lock is given back. */
  | "frees"
  | "remembered"
  /** The process is gone; its rollout is as if it had been killed. */
  | "leaves"
  /** It is what was asked for: nothing changes, and nothing is recorded. */
  | "already so"
  /** It would mean nothing here: nothing is recorded. */
  | "refused";

export interface Answer {
  readonly word: AnswerWord;
  /** What "it", the rollout, does or is: a clause without a full stop. */
  readonly says: string;
  /** The next command to type, where nothing was done; ROLLOUT, REGION and INSTANCE stand for names. */
  readonly next: string | null;
}

const does = (word: AnswerWord, says: string): Answer => ({ word, says, next: null });
const already = (says: string, next: string): Answer => ({ word: "already so", says, next });
const refused = (says: string, next: string): Answer => ({ word: "refused", says, next });

const look = "handrail status ROLLOUT";
const watch = "handrail status ROLLOUT --watch";
const report = "handrail report ROLLOUT";
const resume = "handrail resume ROLLOUT";
const decide = 'handrail decide ROLLOUT CHOICE INSTANCE --reason "…"';

/** Every answer that a verb or a signal can get, by a name of its own. */
export const verbAnswers = {
  pauses: does("stops", "it begins nothing new, and what runs comes to its end"),
  pausesAlready: already("it pauses already", `to go on: ${resume}`),
  standsStill: already("it stands still already", look),
  nobodyRuns: already("nobody runs it, so nothing new begins", `to go on: ${resume}`),
  wayBack: refused("it is on its way back, which nothing should hold up", watch),
  noWayForward: refused("it is on its way back, and goes forward no more", watch),
  wayBackAlone: refused(
    "it is on its way back, which nothing should hold up, and nobody runs it",
    `to bring it to its end: ${resume}`,
  ),
  givesLocksBack: refused("it is done, and only gives locks back", watch),
  givesLocksBackAlone: refused(
    "it is done, only locks are still to be given back, and nobody does it",
    `to bring it to its end: ${resume}`,
  ),

  goesOn: does("goes on", "it begins new work again"),
  takenUp: does("goes on", "this process takes it up, and asks the hosts first what became of it"),
  takenBackUp: does(
    "goes on",
    "this process takes it up, and brings it to the end it was going to",
  ),
  goesAlready: already("it goes on already", watch),
  waitsForApproval: refused(
    "it waits for a person to approve region REGION",
    "handrail approve ROLLOUT REGION",
  ),
  waitsForDecision: refused("it waits for a person to decide about INSTANCE", decide),
  waitsForExclusion: refused(
    "its next region begins only when a person excludes INSTANCE, which is bad",
    'handrail decide ROLLOUT exclude INSTANCE --reason "…"',
  ),

  waitsForNothing: refused(
    "it can't go on: the plan marks a step required that did not succeed on INSTANCE",
    "handrail abort ROLLOUT",
  ),

  endsUntouched: does("ends", "it begins nothing more; no instance was changed"),
  ends: does("ends", "it begins nothing new, what is under way goes back, what is sealed stays"),
  endsWhole: does("ends", "it begins nothing new, and everything that it touched goes back"),
  endsAlready: already("it ends already", watch),
  undoesAlready: already("everything goes back already", watch),
  undoesAlone: does("ends", "this process takes it up, and everything goes on to go back"),
  endsAlone: does("ends", "this process takes it up, and brings it to the end that was asked for"),
  locksAlone: does("ends", "this process takes it up, and gives the locks back"),

  goesBack: does("goes back", "everything that it touched goes back, newest first"),
  goesOnBack: does("goes back", "what could not be taken back whole is tried again"),
  nothingStands: refused("nothing of it stands on any instance", report),

  approved: does("goes on", "region REGION may begin"),
  approvedAhead: does("remembered", "region REGION will not wait for a person"),
  approvedAlready: already("region REGION is approved", look),
  needsNoApproval: refused("it has no region REGION that waits for approval", look),
  approvedOther: refused(
    "what was approved has another digest than this rollout",
    "handrail report ROLLOUT",
  ),
  notNamed: refused("the plan names other people to let region REGION begin", look),
  beganIt: refused("region REGION takes somebody else than the person who began the rollout", look),
  approvedByYou: already("region REGION is approved by this person, and waits for others", look),
  approvedInPart: does("remembered", "region REGION waits for more people to approve it"),
  beginsNoRegion: refused("it begins no region any more", look),

  waitsForEmergency: refused(
    "it was started as an emergency, and waits for a person to approve that",
    'handrail approve ROLLOUT --emergency --reason "…"',
  ),
  emergencyApproved: does("goes on", "its emergency is approved, and it may begin"),
  emergencyAhead: does("remembered", "it will not wait for a person to approve its emergency"),
  emergencyAlready: already("its emergency is approved", look),
  noEmergency: refused("it was not started as an emergency", look),
  notNamedEmergency: refused("the plan names other people to approve an emergency", look),
  beganEmergency: refused(
    "its emergency takes somebody else than the person who began the rollout",
    look,
  ),

  overridden: does("goes on", "region REGION begins outside its maintenance window"),
  overriddenAhead: does("remembered", "region REGION will not wait for its maintenance window"),
  hasNoWindow: refused("it has no region REGION with a maintenance window", look),
  waitsForNoWindow: already("region REGION waits for no maintenance window", look),

  decides: does("decides", "what becomes of INSTANCE is decided"),
  nothingToDecide: refused("that is no choice for INSTANCE as it stands", look),

  acceptsRequired: refused(
    "the plan marks the step required that is undecided on INSTANCE, so nobody may accept it as it is",
    'handrail decide ROLLOUT retry INSTANCE --reason "…"',
  ),
  excludesRequired: refused(
    "the plan marks the step required that did not succeed on INSTANCE, so nobody may go on without it",
    "handrail abort ROLLOUT",
  ),

  asks: does("asks", "hosts are asked about what is not known or not finished; nothing new begins"),
  nothingOpen: refused("nothing of it is unknown or unfinished", look),

  frees: does("frees", "the lock of INSTANCE is given back, and nothing of it is changed"),
  keepsNoLock: refused("it keeps no lock of INSTANCE for a person, or still works on it", look),

  overSealed: refused("it is over: it is sealed", report),
  overHalted: refused("it is over: it is halted", report),
  overRefused: refused("it is over: it was refused, and touched nothing", report),
  overUndone: refused("it is over: it is undone", report),
  overSealedStands: refused("it is over: it is sealed", "to take it back: handrail undo ROLLOUT"),
  overHaltedStands: refused(
    "it is over: it is halted",
    "to take back what stands: handrail undo ROLLOUT",
  ),
  undoneAlready: already("it is taken back", report),

  interrupted: does("stops", "it begins nothing new, and what runs comes to its end"),
  finishesHalt: does(
    "stops",
    "it goes on with the way back, to its end or to where the plan asks a person",
  ),
  finishesBack: does("ends", "it goes on to its end: the way back is what runs"),
  leaves: does("leaves", "the process is gone at once, and the switches on the hosts stay armed"),
} as const satisfies Readonly<Record<string, Answer>>;

export type AnswerName = keyof typeof verbAnswers;
