import type { InstanceState, RolloutState } from "../core/state.ts";
import { span } from "./times.ts";

/** The next thing to type, and what it does. */
export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

export interface CommandWords {
  /** How the program is called here, with the options that it always needs, e.g. `--state DIR`. */
  readonly program?: string;
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
      return [];
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
        {
          command: type("preview", "PLAN"),
          why: "once it is corrected; this very plan is refused from now on",
        },
      ];
    case "refused":
      return [
        { command: type("report", id), why: "what each instance said" },
        { command: type("apply", "PLAN"), why: "again, once that is put right" },
      ];
  }
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
  if (all.some((it) => again.has(it.phase)))
    next.push({
      command: type("reconcile", id),
      why: "ask the hosts again, and finish what can be",
    });
  if (all.some((it) => it.phase === "left"))
    next.push({ command: type("undo", id), why: "take back what was left as it is" });
  else if (state.closed === "halted" && all.some((it) => it.phase === "sealed"))
    next.push(...undo(state, type, "also take back the instances that are sealed"));
  return next;
}

const again: ReadonlySet<InstanceState["phase"]> = new Set<InstanceState["phase"]>([
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
  const abort = { command: type("abort", id), why: "end here; what is done stays" };
  const back = {
    command: type("abort", "--rollback", id),
    why: "end here, and take all of it back",
  };
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
    case "inconclusive":
      return [
        ...why.instances
          .slice(0, 1)
          .flatMap((name) => [
            decide("accept", name, `${name} counts as good from here on`),
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
      return [
        ...why.instances
          .slice(0, 1)
          .map((name) => decide("exclude", name, `go on without ${name}; it stays named`)),
        { command: type("resume", id), why: "go on once each of them is decided" },
        back,
      ];
    case "paused":
    case "interrupted":
      return [{ command: type("resume", id), why: "go on" }, abort, back];
  }
}

function canRetry(state: RolloutState, name: string): boolean {
  const step = state.instances.get(name)?.step ?? -1;
  return state.itinerary.plan.steps[step]?.idempotent === true;
}
