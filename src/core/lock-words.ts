import { duration } from "./duration-words.ts";
import { durationText } from "./plan/durations.ts";
import type { HostLock, LockLease } from "./host-lock.ts";

/** Is nobody of that rollout heard there any more, and nothing of it at work? No reason to take it. */
export function isLeaseOver({ lease, atWork }: Pick<HostLock, "lease" | "atWork">): boolean {
  return lease !== null && atWork === "" && (lease.restarted || lease.silentMs > lease.lengthMs);
}

/** `(deploy@laptop, pid 1) since 2026-11-23 03:12:44Z, renewed 4 s ago, lease 60 s; for plan fix: …` */
export function holdWords(lock: HostLock): string {
  const { holder, since, message } = lock;
  const why = message === "" ? "" : `; ${message}`;
  return `(${holder}) since ${utcMoment(since)}, ${leaseWords(lock)}${why}`;
}

/** Whether somebody is there, by the host's own clock, and what that means. */
export function leaseWords({ lease, atWork }: Pick<HostLock, "lease" | "atWork">): string {
  if (lease === null)
    return atWork === "" ? "when it was last heard is not known" : `at work there: ${atWork}`;
  if (isLeaseOver({ lease, atWork })) return overWords(lease);
  const renewed = `renewed ${duration(lease.silentMs)} ago, lease ${durationText(lease.lengthMs)}`;
  return atWork === "" ? renewed : `${renewed}, at work there: ${atWork}`;
}

function overWords({ lengthMs, heardAt, silentMs, restarted }: LockLease): string {
  const ago = `not heard since ${utcMoment(heardAt)}, ${duration(silentMs)} ago`;
  return restarted
    ? `${ago}, and the host was restarted since: its lease of ${durationText(lengthMs)} is over`
    : `${ago}: its lease of ${durationText(lengthMs)} is over`;
}

/** `2026-11-23 03:12:44Z`; as it stands, where a host wrote something else. */
export function utcMoment(at: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(at)
    ? `${at.slice(0, 10)} ${at.slice(11, 19)}Z`
    : at;
}
