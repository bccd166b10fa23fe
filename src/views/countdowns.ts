import { approvalRule } from "../core/approval.ts";
import { instancesOf, type RolloutState } from "../core/state.ts";
import { openRegion, shutRegion } from "../core/told-time.ts";
import type { Activity } from "./activity.ts";
import type { BakeProgress } from "./bake-progress.ts";
import { timeLeft, timeLeftWords } from "./time-left.ts";
import { bothTimes, span } from "./times.ts";
import { counted } from "./wording.ts";

/** Something that ends by itself at an instant that is known: what a view counts down to. */
export interface Countdown {
  /** "apac batch 1: ap01". */
  readonly who: string;
  /** Milliseconds since 1970. */
  readonly endsMs: number;
  /** Around how long it still takes: "settling, ", " left". */
  readonly before: string;
  readonly after: string;
  /** What is so once the instant has passed and nothing else was heard yet. */
  readonly over: string;
}

export interface CountdownsQuestion {
  readonly activity: Activity;
  /** Does somebody run it? Else no bake goes on. */
  readonly attended: boolean;
}

/** Baking instances of a batch that are each told of; of more only how many are how far. */
const namedMax = 6;

/** What a rollout waits for that has an end: bakes, a maintenance window, approvals that lapse. */
export function countdowns(
  state: RolloutState,
  question: CountdownsQuestion,
): readonly Countdown[] {
  if (state.closed !== null) return [];
  return [
    ...(question.attended ? bakes(state, question.activity) : []),
    ...windows(state),
    ...votes(state),
  ];
}

/** "about 4 min left"; null while nobody knows, and where nobody runs it. */
export function leftWords(
  state: RolloutState,
  { activity, attended }: CountdownsQuestion,
  nowMs: number,
): string | null {
  const left = attended ? timeLeft(state, activity.batches, nowMs) : null;
  return left === null ? null : timeLeftWords(left);
}

function bakes(state: RolloutState, { bakes: all }: Activity): readonly Countdown[] {
  return state.itinerary.regions.flatMap(({ name, batches }) => {
    const baking = instancesOf(state, name).filter((it) => it.phase === "baking");
    return batches.flatMap((_, index) => {
      const batch = `${name} batch ${index + 1}`;
      const members = baking.flatMap((it) => {
        const bake = it.batch === index ? all.get(it.name) : undefined;
        return bake === undefined ? [] : [{ name: it.name, bake }];
      });
      if (members.length <= namedMax)
        return members.map((it) => bakeCountdown(`${batch}: ${it.name}`, it.bake));
      return stages.flatMap((stage) => {
        const some = members.filter((it) => it.bake.stage === stage);
        // The last of them is what their batch waits for.
        const last = some.reduce<BakeProgress | null>(
          (most, { bake }) => (most === null || bake.endsMs > most.endsMs ? bake : most),
          null,
        );
        if (last === null) return [];
        return [bakeCountdown(`${batch}: ${counted(some.length, "instance")}`, last)];
      });
    });
  });
}

const stages = ["retry", "settle", "stable", "evidence"] as const;

/** The words of `bakeWords`, around the time that is left. */
function bakeCountdown(who: string, { stage, endsMs, ofMs }: BakeProgress): Countdown {
  const it = { who, endsMs };
  switch (stage) {
    case "settle":
      return { ...it, before: "settling, ", after: " left", over: "looks at health" };
    case "stable":
      return {
        ...it,
        before: "stable, ",
        after: ` of ${span(ofMs)} left`,
        over: `stable ${span(ofMs)}, last look`,
      };
    case "evidence": {
      const waits = "healthy, waits for enough to judge by";
      return { ...it, before: `${waits}, at most `, after: " left", over: `${waits}, last look` };
    }
    case "retry":
      return {
        ...it,
        before: "not stable, ",
        after: " left to become so",
        over: "not stable, last look",
      };
  }
}

function windows(state: RolloutState): readonly Countdown[] {
  const shut = shutRegion(state);
  const region = shut ?? openRegion(state);
  const until = region?.window?.until ?? null;
  if (region === null || until === null) return [];
  const zone = state.itinerary.regions.find((it) => it.name === region.name)?.timezone ?? null;
  const at = bothTimes(until, zone);
  const it = { who: region.name, endsMs: Date.parse(until) };
  if (shut !== null)
    return [
      {
        ...it,
        before: "its maintenance window opens in ",
        after: `, at ${at}`,
        over: `its maintenance window opens now, at ${at}`,
      },
    ];
  return [
    {
      ...it,
      before: "its maintenance window closes in ",
      after: `, at ${at}: no batch begins after that`,
      over: `its maintenance window has closed, at ${at}`,
    },
  ];
}

/** Approvals of regions that have not begun: one that gets too old must be given again. */
function votes(state: RolloutState): readonly Countdown[] {
  return state.regions.flatMap(({ name, stage, votes: given }) => {
    const { expiresMs } = approvalRule(state.itinerary.regions.find((it) => it.name === name));
    if (expiresMs === null || (stage !== "waiting" && stage !== "approval")) return [];
    return given.flatMap(({ by, at }): readonly Countdown[] =>
      at === null
        ? []
        : [
            {
              who: name,
              endsMs: Date.parse(at) + expiresMs,
              before: `the approval of ${by} counts for `,
              after: " more",
              over: `the approval of ${by} is too old now`,
            },
          ],
    );
  });
}
