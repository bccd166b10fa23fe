import { describe, expect, test } from "vitest";
import { answerTo } from "../../src/core/answer-to.ts";
import { decide } from "../../src/core/decide.ts";
import { due } from "../../src/core/due.ts";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { recover } from "../../src/core/recover.ts";
import { isGoing, standingOf } from "../../src/core/standing.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { toldTime } from "../../src/core/told-time.ts";
import { type Answer, verbAnswers } from "../../src/core/verb-answers.ts";
import { attendedRows, type Cell, restingRows, stoppedRows } from "../../src/core/verb-table.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";
import { describeState, keyOf, ownSuccessors, successors } from "../support/small-worlds.ts";

const decision = (choice: "accept" | "retry" | "rollback" | "leave" | "exclude"): Wish => ({
  kind: "decide",
  instance: "eu1",
  choice,
});
const abort: Wish = { kind: "abort", rollback: false };
const abortAll: Wish = { kind: "abort", rollback: true };
const interrupt: Wish = { kind: "interrupt", signal: "SIGINT" };
const approve: Wish = { kind: "approve", region: "us" };
const approveEmergency: Wish = { kind: "approve-emergency", digest: "0".repeat(64) };
const override: Wish = { kind: "override-window", region: "us" };

interface SmallerWorld extends SmallWorld {
  /** It has so many states that only the long suite goes through them. */
  readonly large?: true;
  /** No answer is ever lost. */
  readonly silent?: true;
  /** What is asked on the way to the states that are looked at. */
  readonly wishes: readonly Wish[];
}

/** Together they lead to every standing, with every answer of the table: a test below sees to that. */
const worlds: Readonly<Record<string, SmallerWorld>> = {
  "a region waits for approval": {
    large: true,
    regions: { us: [["eu1"]] },
    approve: ["us"],
    silent: true,
    wishes: [{ kind: "pause" }, interrupt, approve, abort, { kind: "undo" }],
  },
  "a region waits for its maintenance window": {
    regions: { us: [["eu1"]] },
    windows: ["us"],
    silent: true,
    wishes: [{ kind: "pause" }, override],
  },
  "a region waits for two people": {
    regions: { us: [["eu1"]] },
    approve: ["us"],
    approvals: { us: { by: 2, from: ["somebody", "bob", "ann"], expiresMs: null, starter: false } },
    silent: true,
    wishes: [approve],
  },
  "it is an emergency": {
    regions: { us: [["eu1"]] },
    emergency: { bake: { stableMs: 500 }, approvers: ["somebody", "ann"], starter: false },
    silent: true,
    wishes: [approveEmergency, { kind: "pause" }, abort],
  },
  "two regions can be taken back": {
    large: true,
    regions: { eu: [["eu1"]], us: [["us1"]] },
    silent: true,
    wishes: [abort, abortAll],
  },
  "onFail: ask": {
    large: true,
    regions: { eu: [["eu1", "eu2"]] },
    onFail: "ask",
    silent: true,
    concurrency: 1,
    wishes: [decision("leave"), decision("rollback")],
  },
  "one bad instance is tolerated": {
    large: true,
    regions: { eu: [["eu1", "eu2"]] },
    maxBad: 1,
    silent: true,
    concurrency: 1,
    wishes: [decision("exclude")],
  },
  "a step is required, and nobody can tell what it did": {
    regions: { eu: [["eu1"]] },
    steps: [{ required: true }],
    silent: true,
    wishes: [decision("rollback"), decision("leave")],
  },
  "a step is required, and one bad instance is tolerated": {
    large: true,
    regions: { eu: [["eu1", "eu2"]] },
    steps: [{ required: true }],
    maxBad: 1,
    silent: true,
    concurrency: 1,
    wishes: [decision("rollback")],
  },
  "two instances are undone": {
    large: true,
    regions: { eu: [["eu1"], ["eu2"]] },
    silent: true,
    concurrency: 1,
    wishes: [{ kind: "undo" }],
  },
  "answers are lost": {
    large: true,
    regions: { eu: [["eu1"]], us: [["us1"]] },
    onFail: "halt",
    wishes: [{ kind: "reconcile" }, { kind: "release-lock", instance: "eu1", reason: "seen to" }],
  },
  "answers are lost on the way back": {
    regions: { eu: [["eu1"]] },
    wishes: [abort, { kind: "undo" }, { kind: "reconcile" }],
  },
};

/** Everything that can be asked, once for each target that makes a difference. */
const asked: readonly Wish[] = [
  { kind: "pause" },
  { kind: "resume" },
  abort,
  abortAll,
  { kind: "undo" },
  approve,
  { kind: "approve", region: "nowhere" },
  { kind: "approve", region: "us", digest: "f".repeat(64) },
  approveEmergency,
  { kind: "approve-emergency", digest: "f".repeat(64) },
  override,
  { kind: "override-window", region: "nowhere" },
  ...(["accept", "retry", "rollback", "leave", "exclude"] as const).map(decision),
  { kind: "reconcile" },
  { kind: "release-lock", instance: "eu1", reason: "seen to" },
  interrupt,
];

/** Of the small worlds' windows; whoever takes a rollout up asks the clock before anything else. */
const whileOpen = "2026-01-01T03:00:00Z";

/** Records in which a small rollout comes to its end, whatever the hosts answer. */
const recordsMax = 120;
const statesMax = 60_000;

describe.each(Object.entries(worlds))("in every state of a world where %s", (name, { large }) => {
  const later = large === true && !isLong;
  test.skipIf(later)(`each verb does what the table says${later ? longOnly : ""}`, () => {
    const { wrong, count } = checked(name);
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(statesMax);
  });
});

describe("the table", () => {
  test.skipIf(!isLong)(`has no answer that no state leads to${longOnly}`, () => {
    const met = new Set(Object.keys(worlds).flatMap((name) => [...checked(name).met]));
    const never = Object.keys(verbAnswers).filter((name) => !met.has(name));
    // The second signal is no wish: the process is gone before it could be recorded.
    expect(never).toEqual(["leaves"]);
  });

  test("names a next command wherever nothing is done, and only there", () => {
    for (const [name, { word, next }] of Object.entries<Answer>(verbAnswers)) {
      const nothing = word === "refused" || word === "already so";
      const command = /^(to [a-z ]+: )?handrail [a-z]+ /.test(next ?? "");
      expect([name, next !== null, command]).toEqual([name, nothing, nothing]);
    }
  });

  test("answers no signal where there is no process, and every verb everywhere", () => {
    const alone = { ...restingRows, ...stoppedRows };
    for (const row of Object.values(alone))
      expect([row["first signal"], row["second signal"]]).toEqual([null, null]);
    const missing = [...Object.values(alone), ...Object.values(attendedRows)].flatMap((row) =>
      Object.entries<Cell | null>(row).filter(
        ([verb, cell]) => cell === null && !verb.endsWith("signal"),
      ),
    );
    expect(missing).toEqual([]);
  });
});

function nameOf(answer: Answer): string {
  const found = Object.entries<Answer>(verbAnswers).find(([, it]) => it === answer);
  return found?.[0] ?? "no answer";
}

/** Whoever runs a rollout leaves once it rests. */
function attendances(state: RolloutState): readonly boolean[] {
  return isGoing(standingOf(state)) ? [true, false] : [false];
}

/** Visits every state that this world can get to. */
function walk(world: SmallerWorld, visit: (state: RolloutState) => void): number {
  const start: RolloutState = { ...openRollout(smallItinerary(world)), startedBy: "ann@desktop" };
  const seen = new Set([keyOf(start)]);
  const queue = [start];
  while (queue.length > 0 && seen.size < statesMax) {
    const state = queue.pop()!;
    visit(state);
    for (const event of successors(state, world.wishes, world.silent === true)) {
      const after = evolve(state, event);
      const key = keyOf(after);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(after);
    }
  }
  return seen.size;
}

interface Checked {
  /** Sentences about answers that are not true. */
  readonly wrong: readonly string[];
  /** States that were looked at. */
  readonly count: number;
  /** Names of answers that were given. */
  readonly met: ReadonlySet<string>;
}

const done = new Map<string, Checked>();

/** Walked once, whichever test asks first. */
function checked(name: string): Checked {
  const before = done.get(name);
  if (before !== undefined) return before;
  const now = check(worlds[name]!);
  done.set(name, now);
  return now;
}

function check(world: SmallerWorld): Checked {
  const wrong = new Set<string>();
  const met = new Set<string>();
  const paths = new Paths(world.silent === true);
  const count = walk(world, (state) => {
    for (const attended of attendances(state))
      for (const [wish, by] of asked.flatMap(askedBy)) {
        if (!attended && wish.kind === "interrupt") continue;
        const answer = answerTo({ state, attended, wish, by });
        met.add(nameOf(answer));
        const before = attended ? state : takenUp(state);
        const after = ask(before, wish, by);
        const fault = faultOf({ answer, wish, by, state, before, after, attended, paths });
        if (fault === null || wrong.size > 5) continue;
        const who = attended ? "" : ", nobody runs it";
        wrong.add(
          `${JSON.stringify(wish)} is "${nameOf(answer)}", but ${fault}: ${standingOf(state)}${who}: ${describeState(state)}`,
        );
      }
  });
  return { wrong: [...wrong], count, met };
}

/** For an approval it counts who asks. */
function askedBy(wish: Wish): readonly (readonly [Wish, string])[] {
  const people =
    wish.kind === "approve" || wish.kind === "approve-emergency"
      ? ["somebody", "ann@laptop", "eve"]
      : ["somebody"];
  return people.map((by) => [wish, by] as const);
}

function ask(state: RolloutState, wish: Wish, by: string): RolloutState {
  return evolve(state, { kind: "asked", wish, by, reason: "" });
}

/** As the next runner finds it, before it hears what was asked. */
function takenUp(state: RolloutState): RolloutState {
  const first: RolloutEvent = { kind: "taken-up", runner: "next", epoch: state.epoch };
  const next = evolve(state, first);
  return next.closed === null ? recover(next).reduce(evolve, next) : next;
}

interface Claim {
  readonly answer: Answer;
  readonly wish: Wish;
  readonly by: string;
  /** As the person saw it. */
  readonly state: RolloutState;
  /** As it is when the wish is heard. */
  readonly before: RolloutState;
  readonly after: RolloutState;
  readonly attended: boolean;
  readonly paths: Paths;
}

/** What is not as the answer says; null: all is. */
function faultOf(claim: Claim): string | null {
  const { answer, wish, by, state, before, after, paths } = claim;
  switch (answer.word) {
    case "refused":
    case "already so":
      return faultOfNothing(claim);
    case "stops":
      return paths.all(after, "rests") ? null : "it does not come to rest without new work";
    case "ends":
    case "goes back":
      if (answer.word === "goes back" && !leadsBack(after)) return "nothing goes back";
      return paths.all(after, "closes") ? null : "it does not close whatever happens";
    case "goes on": {
      if (wish.kind === "override-window") return isOverridden(after, wish) ? null : "it waits";
      if (wish.kind === "approve") return isApproved(after, wish) ? null : "it is not approved";
      if (wish.kind === "approve-emergency" && after.emergency === null)
        return "its emergency is not approved";
      if (after.held !== null || after.parked !== null) return "it is held up";
      const next = toldTime(after, whileOpen) ?? due(after);
      const same = next?.kind === "parked" && next.why.kind === state.parked?.kind;
      return same ? `it rests again at once: ${next.why.kind}` : null;
    }
    case "asks":
      if (!isSame(before, after)) return paths.all(after, "rests") ? null : "new work begins";
      if (state.lingering.size > 0 || decide(after).length > 0)
        return paths.all(after, "rests") ? null : "new work begins";
      return "nobody is asked anything";
    case "decides":
      return isSame(state, ask(state, wish, by)) ? "nothing is decided" : null;
    case "frees":
      return wish.kind === "release-lock" && after.instances.get(wish.instance)?.freed === true
        ? null
        : "its lock is kept";
    case "remembered":
      if (wish.kind === "override-window") return isOverridden(after, wish) ? null : "it waits";
      if (wish.kind === "approve-emergency")
        return after.emergency !== null && after.parked === before.parked ? null : "it is not so";
      if (wish.kind !== "approve") return "nothing can be remembered of that";
      if (isApproved(after, wish) === (answer === verbAnswers.approvedInPart))
        return "it is not approved, or by too few";
      return isSame(before, after) && after.parked === before.parked ? null : "more changes";
    case "leaves":
      return "a signal that is no wish is recorded";
  }
}

/** Left all the same, by somebody who saw an older state, it must do no harm. */
function faultOfNothing({ wish, by, state, attended }: Claim): string | null {
  const after = ask(state, wish, by);
  switch (wish.kind) {
    case "pause":
      // Nobody is there to be held up, and whoever takes it up is asked to go on.
      return after === state || !attended ? null : "it changes something";
    case "abort":
    case "approve":
    case "approve-emergency":
    case "override-window":
    case "decide":
    case "release-lock":
      return after === state ? null : "it changes something";
    case "resume": {
      const next = due(after);
      const rests = next?.kind === "parked" && next.why.kind === state.parked?.kind;
      return isSame(state, after) && (state.parked === null || rests) ? null : "it goes on";
    }
    case "undo":
    case "reconcile":
      return isSame(state, after) ? null : "it changes an instance";
    case "interrupt":
    case "deadline":
      return "a signal always means something";
  }
}

function isApproved(state: RolloutState, { region }: { readonly region: string }): boolean {
  return state.regions.some((it) => it.name === region && it.approved);
}

function isOverridden(state: RolloutState, { region }: { readonly region: string }): boolean {
  return state.regions.some((it) => it.name === region && it.overridden);
}

function isSame(a: RolloutState, b: RolloutState): boolean {
  return [...a.instances].every(([name, it]) => {
    const other = b.instances.get(name);
    return other === it || JSON.stringify(other) === JSON.stringify(it);
  });
}

function leadsBack(state: RolloutState): boolean {
  return [...state.instances.values()].some(
    (it) => it.phase === "reverting" || it.phase === "verifying",
  );
}

type Goal = "closes" | "rests";

/** Follows a state with every outcome of everything, and no wish any more. */
class Paths {
  readonly #silent: boolean;
  /** The longest way to the goal, in records; Infinity: not every way leads there. */
  readonly #longest = { closes: new Map<string, number>(), rests: new Map<string, number>() };

  constructor(silent: boolean) {
    this.#silent = silent;
  }

  all(from: RolloutState, goal: Goal): boolean {
    return this.#way(from, goal) <= recordsMax;
  }

  #way(state: RolloutState, goal: Goal): number {
    if (state.closed !== null) return 0;
    if (state.parked !== null) return goal === "rests" ? 0 : Infinity;
    const known = this.#longest[goal];
    const key = keyOf(state);
    const before = known.get(key);
    if (before !== undefined) return before;
    // A way that comes back here never ends.
    known.set(key, Infinity);
    let longest = 0;
    for (const event of ownSuccessors(state, this.#silent)) {
      if (goal === "rests" && isNewWork(state, event)) longest = Infinity;
      if (longest === Infinity) break;
      longest = Math.max(longest, 1 + this.#way(evolve(state, event), goal));
    }
    known.set(key, longest === 0 ? Infinity : longest);
    return longest === 0 ? Infinity : longest;
  }
}

function isNewWork(state: RolloutState, event: RolloutEvent): boolean {
  if (event.kind === "region-started" || event.kind === "batch-started") return true;
  if (event.kind !== "intent") return false;
  const { action } = event;
  if (action.kind === "apply") return state.instances.get(action.instance)?.inDoubt !== true;
  return action.kind === "begin" || action.kind === "snapshot";
}
