import { printable } from "../core/printable.ts";
import type { HostLock, LockLease } from "../core/host-lock.ts";
import { type Frame, numberOf, textsOf } from "./frames.ts";

/** Characters of one thing that a host says of its lock. */
const saidMax = 300;

/**
 * The lock that a guard tells of, in the fields of `tell_lock` after the first `skipped` ones. The
 * record of a switch may be one that an older guard has written, which told less.
 */
export function lockOf(frame: Frame, skipped: number): HostLock {
  const fields = textsOf(frame, skipped + 3).slice(skipped);
  const [rollout, holder, since, ...more] = fields.map(said);
  const [message = "", heard = "", silent = "", lease = "", restarted = "", atWork = ""] = more;
  return {
    rollout: rollout!,
    holder: holder!,
    since: since!,
    message,
    lease: leaseOf({ heard, silent, lease, restarted }),
    atWork,
  };
}

interface LeaseFields {
  readonly heard: string;
  readonly silent: string;
  readonly lease: string;
  readonly restarted: string;
}

/** null where the host does not know, or says what is no time. */
function leaseOf({ heard, silent, lease, restarted }: LeaseFields): LockLease | null {
  if (heard === "") return null;
  const at = new Date(numberOf(heard) * 1_000);
  if (Number.isNaN(at.getTime())) return null;
  return {
    lengthMs: numberOf(lease) * 10,
    heardAt: at.toISOString(),
    silentMs: numberOf(silent) * 10,
    restarted: restarted !== "",
  };
}

function said(text: string): string {
  return printable(text, { max: saidMax }).trim();
}
