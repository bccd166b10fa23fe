import type { NotifySpec } from "../core/plan/notice.ts";
import type { NoticeRow, ToldNotices } from "../views/notices-text.ts";
import type { FoundRollout } from "./find-rollout.ts";

/** Whom an entry of a plan's `notify` reaches, in words that hold no secret. Loaded late: zod is heavy. */
export async function receiverWords(): Promise<(spec: NotifySpec) => string> {
  const { notifierKind } = await import("../notifiers/registry.ts");
  return ({ kind: name, args }) => {
    const kind = notifierKind(name);
    // A journal of another version may know kinds and args that this one does not.
    const read = kind?.args.safeParse(args);
    return kind !== null && read?.success === true ? kind.receiver(read.data) : name;
  };
}

/** Every notice that the journal has to tell, and what the log beside it says of each. */
export async function toldNotices(
  { id, state, records }: Pick<FoundRollout, "id" | "state" | "records">,
  folder: string,
): Promise<ToldNotices> {
  const { dueNotices } = await import("../runner/notices.ts");
  const { openNoticeLog } = await import("../journals/notice-log.ts");
  const receiver = await receiverWords();
  const settled = await openNoticeLog(folder).settled(id);
  const rows = dueNotices(state.itinerary, records).map((it): NoticeRow => ({
    id: it.id,
    seq: it.turn.seq,
    entry: it.entry,
    at: it.turn.at,
    kind: it.turn.kind,
    severity: it.turn.severity,
    to: receiver(it.spec),
    text: it.turn.text,
    settled: settled?.get(it.id) ?? null,
  }));
  return { rows, isKept: settled !== null };
}
