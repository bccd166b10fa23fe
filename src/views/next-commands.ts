import { harmOf } from "../core/did-harm.ts";
import { lacksRequired } from "../core/required.ts";
import { type InstanceState, isUnderWay, type RolloutState } from "../core/state.ts";
import { span } from "./times.ts";
import { counted } from "./wording.ts";

/** The next thing to type, and what it does. */
export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

export interface CommandWords {
  /** How the program is called here, with the options that it always needs, e.g. `--state DIR`. */
  readonly program?: string;
  /** The plan as it can be typed here, with the options that it needs: "fix/plan.yaml". */
  readonly plan?: string;
  /** false: the rollout is half-way, and nobody runs it. Default: somebody does. */
  readonly attended?: boolean;
}

/** What a person can do now, the most likely first. Empty while a rollout goes by itself. */
export function nextCommands(
  state: RolloutState,
  words: CommandWords = {},
): readonly NextCommand[] {
  const type = (...rest: readonly string[]): string =>
    [words.program ?? "handrail", ...rest].join(" ");
  const id = state.itinerary.rollout;
  if (state.parked !== null) return parked(state, state.parked, type);
  switch (state.closed) {
    case null:
      return words.attended === false ? goingOn(state, type) : [];
    case "sealed":
      return [
        { command: type("report", id), why: "the record of it" },
        ...undo(state, type, "take it back"),
      ];
    case "undone":
      return [...hands(state, type), { command: type("report", id), why: "timeline and verdicts" }];
    case "halted":
      return [
        ...hands(state, type),
        { command: type("report", id), why: "timeline and verdicts" },
        again(state, words.plan ?? "PLAN", type),
      ];
    case "refused":
      return [
        { command: type("report", id), why: "what each instance said" },
        {
          command: type("apply", words.plan ?? "PLAN"),
          why: "again, once that is put right",
        },
      ];
  }
}

/** How to start anew after a halt: a plan that did harm must change first. */
function again(state: RolloutState, plan: string, type: Type): NextCommand {
  if (harmOf(state) !== null)
    return {
      command: type("preview", plan),
      why: "once it is corrected; this very plan is refused from now on",
    };
  return state.halt?.rule === "abort"
    ? { command: type("preview", plan), why: "what it would do, before it is started again" }
    : { command: type("apply", plan), why: "again, once that is put right" };
}

function undo(state: RolloutState, type: Type, what: string): readonly NextCommand[] {
  const { retentionMs } = state.itinerary.plan.rollout;
  if (retentionMs === 0) return [];
  const why = `${what}; snapshots are kept for ${span(retentionMs)}`;
  return [{ command: type("undo", state.itinerary.rollout), why }];
}

type Type = (...rest: readonly string[]) => string;

/** What is left to do by hand after a halt or an undo. */
function hands(state: RolloutState, type: Type): readonly NextCommand[] {
  const id = state.itinerary.rollout;
  const all = [...state.instances.values()];
  const next: NextCommand[] = [];
  if (all.some((it) => unfinished.has(it.phase)))
    next.push({
      command: type("reconcile", id),
      why: "ask the hosts again, and finish what can be",
    });
  const sealed = all.filter((it) => it.phase === "sealed").length;
  if (all.some((it) => it.phase === "left")) {
    const too = sealed === 0 ? "" : `, and the ${counted(sealed, "sealed instance")} with it`;
    next.push({ command: type("undo", id), why: `take back what was left as it is${too}` });
  } else if (state.closed === "halted" && sealed > 0)
    next.push(...undo(state, type, "also take back the instances that are sealed"));
  return next;
}

const unfinished: ReadonlySet<InstanceState["phase"]> = new Set<InstanceState["phase"]>([
  "unknown",
  "rollback-failed",
  "rolled-back-unverified",
]);

function parked(
  state: RolloutState,
  why: NonNullable<RolloutState["parked"]>,
  type: Type,
): readonly NextCommand[] {
  const id = state.itinerary.rollout;
  const [resume, abort, back] = goingOn(state, type);
  const decide = (choice: string, name: string, says: string): NextCommand => ({
    command: type("decide", id, choice, name, '--reason "…"'),
    why: says,
  });
  switch (why.kind) {
    case "approval":
      return [
        { command: type("approve", id, why.region), why: `let region ${why.region} begin` },
        { command: type("resume", id), why: "and go on" },
        abort,
      ];
    case "emergency":
      return [
        {
          command: type("approve", id, "--emergency", '--reason "…"'),
          why: "let it go on with the bakes of an emergency",
        },
        { command: type("resume", id), why: "and go on" },
        abort,
      ];
    case "window":
      return [
        { command: type("resume", id), why: `once the window of region ${why.region} is open` },
        {
          command: type("override", id, why.region, '--reason "…"'),
          why: "do not wait for it; then resume",
        },
        abort,
      ];
    case "inconclusive":
      return [
        ...why.instances
          .slice(0, 1)
          .flatMap((name) => [
            ...(lacksRequired(state, name)
              ? []
              : [decide("accept", name, `${name} counts as good from here on`)]),
            decide("retry", name, "look again"),
            decide("rollback", name, "take it back; it counts as bad"),
          ]),
        { command: type("resume", id), why: "go on once that is decided" },
      ];
    case "ask":
      return [
        ...why.instances
          .slice(0, 1)
          .flatMap((name) => [
            decide("rollback", name, "take it back"),
            decide("leave", name, "leave it as it is"),
            ...(canRetry(state, name) ? [decide("retry", name, "the same step again")] : []),
          ]),
        { command: type("resume", id), why: "go on once that is decided" },
      ];
    case "bad-in-region":
      // Nobody may go on without a required step, so there is nothing to go on to.
      if (why.instances.some((name) => lacksRequired(state, name))) return [abort, back];
      return [
        ...why.instances
          .slice(0, 1)
          .map((name) => decide("exclude", name, `go on without ${name}; it stays named`)),
        { command: type("resume", id), why: "go on once each of them is decided" },
        back,
      ];
    case "paused":
    case "interrupted":
      return [resume, abort, back];
  }
}

/** To go on, to end here, to take all of it back. */
function goingOn(
  state: RolloutState,
  type: Type,
): readonly [resume: NextCommand, abort: NextCommand, back: NextCommand] {
  const id = state.itinerary.rollout;
  const all = [...state.instances.values()];
  const goesBack = all.some((it) => isUnderWay(it) && it.touched > 0);
  const stays = all.some((it) => it.phase === "sealed");
  const ends = [
    ...(goesBack ? ["what is under way goes back"] : []),
    ...(stays ? ["what is sealed stays"] : []),
  ];
  return [
    { command: type("resume", id), why: "go on" },
    {
      command: type("abort", id),
      why: `end here: ${ends.length === 0 ? "nothing is changed anywhere" : ends.join(", ")}`,
    },
    { command: type("abort", "--rollback", id), why: "end here, and take all of it back" },
  ];
}

function canRetry(state: RolloutState, name: string): boolean {
  const step = state.instances.get(name)?.step ?? -1;
  return state.itinerary.plan.steps[step]?.idempotent === true;
}
