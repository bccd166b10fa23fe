import { openNoticeLog } from "./journals/notice-log.ts";
import { notifierKind } from "./notifiers/registry.ts";
import type { Clock } from "./ports/clock.ts";
import type { JournalRecord } from "./ports/journal.ts";
import { type Notices, type NoticesOrder, openNotices } from "./runner/notices.ts";

export type DeskOrder = Omit<NoticesOrder, "notifierKind" | "clock" | "log">;

/** Notices of the rollouts that are carried here. What is still to be told at the end waits for nothing else. */
export interface NoticeDesk {
  /** Before the first record of a rollout. Trouble changes nothing but words. */
  begin(order: Pick<DeskOrder, "itinerary" | "onTrouble">): Promise<void>;
  open(order: DeskOrder, records: readonly JournalRecord[]): Promise<Notices>;
  /** Bounded. After everything else, so that nobody waits for a receiver to see how a rollout ended. */
  finish(): Promise<void>;
}

/** The desk over this state folder. */
export function noticeDesk(state: string, clock: Clock): NoticeDesk {
  const log = openNoticeLog(state);
  const opened: Notices[] = [];
  return {
    async begin({ itinerary: { plan, rollout }, onTrouble }) {
      if (plan.notify.length === 0) return;
      await log.begin(rollout).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        onTrouble(`a notice that reaches nobody will not be told after a crash: ${why}`);
      });
    },
    async open(order, records) {
      const notices = await openNotices({ ...order, notifierKind, clock, log }, records);
      opened.push(notices);
      return notices;
    },
    async finish() {
      await Promise.all(opened.map((notices) => notices.finish()));
    },
  };
}
