import { setImmediate } from "node:timers/promises";
import { evolve } from "../core/evolve.ts";
import { shown } from "../core/printable.ts";
import { redactor } from "../core/redact.ts";
import type { RolloutState } from "../core/state.ts";
import type { AskedWish, Holder, JournalRecord, Journals } from "../ports/journal.ts";
import { type Activity, noActivity, observe } from "../views/activity.ts";
import { countdowns, leftWords } from "../views/countdowns.ts";
import { decisionWords } from "../views/decision-words.ts";
import { bodyParts } from "../views/html/body.ts";
import type { Markup } from "../views/html/markup.ts";
import type { CommandWords } from "../views/next-commands.ts";
import { followPicture } from "../views/picture/picture-of.ts";
import type { Picture } from "../views/picture/picture.ts";
import { replay, type Replayed } from "../views/replay.ts";
import { actionsPart, type WaitingWish } from "./actions-part.ts";
import type { Drawn } from "./live-source.ts";
import { partPlace } from "./part-places.ts";
import type { SeenRollout } from "./seen-rollout.ts";
import { waitsPart, type WaitsView } from "./waits-part.ts";
import type { Offer } from "./wishes.ts";

export interface FollowOptions {
  readonly journals: Journals;
  readonly id: string;
  /** How handrail and the plan are to be typed, for what is suggested. */
  readonly words: (records: readonly JournalRecord[]) => CommandWords;
  /** Milliseconds since 1970: what is at work is drawn until then. */
  readonly nowMs: () => number;
  /** Values to strike out once more, by name. */
  readonly secrets: (state: RolloutState) => Readonly<Record<string, string>>;
  /** What can be asked of it from the page; null: nothing, the page only looks. */
  readonly offers: ((seen: SeenRollout) => readonly Offer[]) | null;
}

/**
 * Looks at one rollout for all its viewers: only what is new is read, and null where nothing is. The
 * first look rejects with ROLLOUT_UNKNOWN where there is none of that id.
 */
export function followRollout(options: FollowOptions): () => Promise<Drawn | null> {
  const { journals, id } = options;
  const records: JournalRecord[] = [];
  const following = followPicture();
  let state: RolloutState | null = null;
  let activity: Activity = noActivity;
  let known = "";

  function see(told: Replayed): void {
    following.observe(told);
    activity = observe(activity, told.record, told);
    state = told.after;
  }

  function fold(record: JournalRecord): void {
    if (state === null) {
      for (const told of replay([record])) {
        see(told);
      }
      if (state === null) throw new Error(`the journal of ${id} does not begin with its opening`);
    } else {
      see({ record, before: state, after: evolve(state, record.event) });
    }
    records.push(record);
  }

  return async () => {
    // Asked before reading: what the last runner wrote before it left is read all the same.
    const holder = (await journals.holders()).find(({ rollout }) => rollout === id) ?? null;
    const fresh = await journals.read(id, records.length);
    for (const [index, record] of fresh.entries()) {
      // A long journal takes a while, and other pages want to be answered meanwhile.
      if (index % turnOf === turnOf - 1) await setImmediate();
      fold(record);
    }
    const waiting = await journals.waiting(id);
    if (state === null) return null;
    const nowMs = goesOn(state, holder) ? options.nowMs() : null;
    const turn = nowMs === null ? null : Math.floor(nowMs / growsMs);
    const now = JSON.stringify([records.length, holder?.holder ?? null, waiting, turn]);
    if (now === known) return null;
    const words = { ...options.words(records), attended: holder !== null };
    const drawn = following.picture(nowMs === null ? words : { ...words, nowMs });
    if (drawn === null) return null;
    const secrets = options.secrets(state);
    const strike = Object.keys(secrets).length > 0;
    const picture = strike ? redactor(secrets).redactDeep(drawn) : drawn;
    const seen: SeenRollout = { id, state, records, holder, waiting };
    const question = { activity, attended: holder !== null };
    const waits: WaitsView = {
      countdowns: countdowns(state, question),
      left: nowMs === null ? null : leftWords(state, question, nowMs),
    };
    const page = draw(picture, seen, { ...options, program: words.program ?? "handrail", waits });
    known = now;
    return page;
  };
}

interface Around {
  readonly program: string;
  readonly waits: WaitsView;
}

function draw(
  picture: Picture,
  seen: SeenRollout,
  { offers, program, waits }: Pick<FollowOptions, "offers"> & Around,
): Drawn {
  const { head } = picture;
  const actions = actionsPart({
    offers: offers?.(seen) ?? null,
    holder: seen.holder?.holder ?? null,
    waiting: seen.waiting.map(waitingWish),
    isOver: seen.state.closed !== null,
    resume: `${program} resume ${seen.id}`,
  });
  const regions: (readonly [string, Markup])[] = [];
  // Each region is a part of its own: a large fleet changes in one or two of them.
  const placed = (region: Markup, index: number): Markup => {
    const name = `region-${index}`;
    regions.push([name, region]);
    return partPlace(name);
  };
  const [outcome, ...rest] = bodyParts(picture, { program, placed });
  const all = [
    ...(outcome === undefined ? [] : [outcome]),
    ["waits", waitsPart(waits)] as const,
    ["actions", actions] as const,
    ...rest,
    ...regions,
  ];
  return {
    title: shown(`${head.word}: ${head.plan} (${head.rollout})`),
    says: shown(`${head.plan}: ${head.word}, ${head.says}`),
    urgent: head.tone === "bad" || head.tone === "warning",
    lastAt: seen.records.at(-1)?.at ?? null,
    parts: all.map(([name, part]) => [name, shown(part.toString())] as const),
  };
}

/** Something is at work, and its bars grow although nothing is recorded. */
function goesOn({ closed, parked }: RolloutState, holder: Holder | null): boolean {
  return holder !== null && closed === null && parked === null;
}

/** So often they are drawn anew. */
const growsMs = 5_000;

/** Records after which others have their turn. */
const turnOf = 200;

function waitingWish({ wish, by, reason }: AskedWish): WaitingWish {
  return { by, what: decisionWords(wish), reason };
}
