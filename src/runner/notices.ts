import { evolve } from "../core/evolve.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { planVariables } from "../core/plan/instance-variables.ts";
import { isWanted, noticeFields, type NotifySpec } from "../core/plan/notice.ts";
import { templateOf } from "../core/plan/review-notices.ts";
import { redactor } from "../core/redact.ts";
import { openRollout, type RolloutState } from "../core/state.ts";
import { substitute } from "../core/variables.ts";
import type { Clock } from "../ports/clock.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { NoticeLog } from "../ports/notice-log.ts";
import type { Notice, NotifierKind } from "../ports/notifier.ts";
import type { ReferredContent } from "../ports/step-kind.ts";
import { noticeOf, type Turn } from "./notice-of.ts";

/** Longest that one try is waited for, in milliseconds. The kinds are to end within ten seconds. */
const tryMaxMs = 12_000;

/** Milliseconds between the tries of one notice: after the last of them it is given up. */
export const noticePausesMs: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Once the rollout is over, those still to be told get so long, in milliseconds. */
export const noticeLingerMs = 20_000;

/** A kind that does not end although it was told to gets so long to let go. */
const letGoMs = 1_000;

export interface NoticesOrder {
  readonly itinerary: Itinerary;
  readonly notifierKind: (name: string) => NotifierKind | null;
  readonly onTrouble: (sentence: string) => void;
  /** Values by name, without the `secret_` in front. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Templates, by the path written in the plan. */
  readonly files: ReferredContent;
  readonly clock: Clock;
  readonly log: NoticeLog;
  /** Somebody asks for it: what was given up is told again, too. */
  readonly again?: boolean;
}

/** One notice to one receiver. */
export interface DueNotice {
  readonly id: string;
  readonly turn: Turn;
  readonly spec: NotifySpec;
  /** Which entry of the plan's `notify` that is, from 1. */
  readonly entry: number;
}

/** Everything that these records have to tell, in their order, whether it was told or not. */
export function dueNotices(
  itinerary: Itinerary,
  records: readonly JournalRecord[],
): readonly DueNotice[] {
  let state = openRollout(itinerary);
  return records.flatMap((record) => {
    state = evolve(state, record.event);
    return noticesOf(itinerary, record, state);
  });
}

function noticesOf(
  { rollout, plan }: Itinerary,
  record: JournalRecord,
  after: RolloutState,
): readonly DueNotice[] {
  const turn = noticeOf(record, after);
  if (turn === null) return [];
  return plan.notify.flatMap((spec, index) =>
    isWanted(spec, turn)
      ? [{ id: `${rollout}.${turn.seq}.${index + 1}`, turn, spec, entry: index + 1 }]
      : [],
  );
}

/** Whoever is told of the turns of one rollout, as long as this runner lives. */
export interface Notices {
  /** Begins to tell what this record means. Returns at once and never throws: nothing waits for it. */
  saw(record: JournalRecord, after: RolloutState): void;
  /**
   * Waits, bounded, for what is being told; then gives up waiting and says so. What was not told by
   * then is told by the next runner of this rollout, under the same id.
   */
  finish(): Promise<void>;
}

/**
 * Each notice reaches each of its receivers at least once, or is given up after some tries: it is
 * told again until the receiver has taken it, also by a runner that takes over. `records`: what the
 * journal held when this runner took the rollout up.
 */
export async function openNotices(
  order: NoticesOrder,
  records: readonly JournalRecord[],
): Promise<Notices> {
  const { itinerary, log, clock } = order;
  const strike = redactor(order.secrets);
  const stop = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  const say = (sentence: string): void => order.onTrouble(strike.text(sentence));

  function begin(it: DueNotice): void {
    const ended = deliver(it)
      .catch((error: unknown) => say(`the notice "${it.turn.text}" was not told: ${words(error)}`))
      .finally(() => underWay.delete(it.id));
    underWay.set(it.id, ended);
  }

  async function deliver(it: DueNotice): Promise<void> {
    const { spec, turn, id } = it;
    for (let tries = 1; ; tries += 1) {
      const trouble = await tryOnce(it).then(() => null, words);
      if (trouble === null) return settle(it, "told", tries);
      if (stop.signal.aborted) return;
      const pause = noticePausesMs[tries - 1];
      if (pause === undefined) {
        say(
          `the notice "${turn.text}" reached nobody by ${spec.kind}, and is given up after ${tries} tries: ${trouble}`,
        );
        return settle(it, "given up", tries);
      }
      if (tries === 1)
        say(
          `the notice "${turn.text}" reached nobody by ${spec.kind} yet, and is tried again (${id}): ${trouble}`,
        );
      if (!(await slept(clock, pause, stop.signal))) return;
    }
  }

  async function settle(
    { id, spec }: DueNotice,
    is: "told" | "given up",
    tries: number,
  ): Promise<void> {
    const notice = { id, is, by: spec.kind, tries, at: clock.wall() };
    await log.settle(itinerary.rollout, notice).catch((error: unknown) => {
      say(
        `that notice ${id} was ${is} could not be kept, so it may be told again: ${words(error)}`,
      );
    });
  }

  async function tryOnce(it: DueNotice): Promise<void> {
    const kind = order.notifierKind(it.spec.kind);
    if (kind === null) throw new Error(`no notifier kind is named "${it.spec.kind}"`);
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(tryMaxMs)]);
    const { args, notice } = filled(order, it, kind);
    const over = new AbortController();
    try {
      await Promise.race([
        kind.tell(args, notice, signal),
        letGo(clock, { signal, over: over.signal }),
      ]);
    } finally {
      over.abort();
    }
  }

  const settled = await log.settled(itinerary.rollout).catch((error: unknown) => {
    say(
      `which notices were told before can't be read, so none of them is told again: ${words(error)}`,
    );
    return null;
  });
  for (const it of dueNotices(itinerary, records)) {
    const is = settled?.get(it.id)?.is;
    // Without a log an earlier Handrail has told them, each once.
    if (is === "told" || (order.again !== true && (is !== undefined || settled === null))) continue;
    begin(it);
  }

  return {
    saw(record, after) {
      for (const it of noticesOf(itinerary, record, after)) begin(it);
    },
    async finish() {
      if (underWay.size === 0) return;
      const over = new AbortController();
      await Promise.race([
        Promise.all(underWay.values()),
        slept(clock, noticeLingerMs, over.signal),
      ]);
      over.abort();
      const left = underWay.size;
      stop.abort(new Error("the rollout is over"));
      await Promise.all(underWay.values());
      if (left > 0)
        say(
          `${left} ${left === 1 ? "notice" : "notices"} reached nobody so far; handrail notices ${itinerary.rollout} --send tells them again, with the same id`,
        );
    },
  };
}

/** The args and the notice, with every name in them filled in. */
function filled(
  { itinerary, secrets, files }: NoticesOrder,
  { turn: { seq: _seq, ...turn }, spec, id }: DueNotice,
  kind: NotifierKind,
): { readonly args: unknown; readonly notice: Notice } {
  const known = planVariables(itinerary.plan.vars);
  const plain = { ...turn, id };
  const fields = noticeFields.map((field) => [`notice.${field}`, plain[field]] as const);
  const { template } = spec;
  let written: string | null = null;
  if (template !== undefined) {
    const read = "text" in template ? template : templateOf(template.file, files);
    if ("trouble" in read) throw new Error(`the template ${read.trouble}`);
    const escape = kind.escape ?? ((text: string) => text);
    const values = [...Object.entries(known), ...fields];
    const escaped = values.map(([name, value]) => [name, escape(value)] as const);
    written = substitute(read.text, Object.fromEntries(escaped));
  }
  const secret = Object.entries(secrets).map(([name, value]) => [`secret_${name}`, value] as const);
  const variables = { ...known, ...Object.fromEntries([...secret, ...fields]) };
  return { args: substitute(spec.args, variables), notice: { ...plain, written } };
}

/** Rejects a little after the signal: for a kind that does not keep its promise to end then. */
function letGo(
  clock: Clock,
  { signal, over }: { readonly signal: AbortSignal; readonly over: AbortSignal },
): Promise<never> {
  return new Promise<never>((_, reject) => {
    const begin = async (): Promise<void> => {
      if (await slept(clock, letGoMs, over)) reject(new Error("it did not end in time"));
    };
    signal.addEventListener("abort", () => void begin(), { once: true, signal: over });
  });
}

/** true after so long; false when the signal came before. */
function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
