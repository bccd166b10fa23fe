/**
 * What systemd says of the units that a plan names (`namedUnits`), in that order, at one moment on one
 * host; or why nobody can tell.
 */
export type UnitsSeen =
  | { readonly units: readonly (UnitSeen | null)[] }
  | { readonly because: string };

/** How units stood when a note was written. */
export interface SawUnits {
  /** Absent: nobody asked, or a journal of 0.1. */
  readonly units?: UnitsSeen;
}

/** null in place of one: systemd's answer about it can't be read. */
export interface UnitSeen {
  /** ActiveState, as org.freedesktop.systemd1(5) lists them: "active", "inactive", "failed" … */
  readonly state: string;
  /** When it last became active, microseconds since the host's start; 0: never since then. */
  readonly activeSinceUs: number;
  /** 0: no process runs. null: not a service. */
  readonly pid: number | null;
  /** How often systemd started it anew by itself; null: it does not count (before version 235). */
  readonly restarts: number | null;
}

/** What became of one unit between two looks. */
export interface UnitCourse {
  /** At least so many times it was started anew, by whomever. */
  readonly restarts: number;
  /** 1: it was up, and is up no more. */
  readonly stops: number;
}

/** By unit; null in place of one: nobody knows. */
export function unitCourses(before: UnitsSeen, after: UnitsSeen): readonly (UnitCourse | null)[] {
  if (!("units" in before) || !("units" in after)) return [];
  return before.units.map((was, at) => {
    const is = after.units[at] ?? null;
    return was === null || is === null ? null : courseOf(was, is);
  });
}

function courseOf(was: UnitSeen, is: UnitSeen): UnitCourse {
  const isDown = is.state === "inactive" || is.state === "failed";
  if (isDown) return { restarts: byItself(was, is), stops: down.has(was.state) ? 0 : 1 };
  // A process that is replaced while the unit stays active was started anew for users, too.
  const isAnother = is.pid !== was.pid && is.pid !== null && was.pid !== null && is.pid !== 0;
  const isAnew = is.activeSinceUs !== was.activeSinceUs || isAnother || onItsWay(was, is);
  return { restarts: Math.max(byItself(was, is), isAnew ? 1 : 0), stops: 0 };
}

const down: ReadonlySet<string> = new Set(["inactive", "failed"]);

/** It was up, and is just being started or stopped. */
function onItsWay(was: UnitSeen, { state }: UnitSeen): boolean {
  return was.state === "active" && (state === "activating" || state === "deactivating");
}

/** A start by hand sets systemd's count back, which is no restart by itself. */
function byItself(was: UnitSeen, is: UnitSeen): number {
  return Math.max(0, (is.restarts ?? 0) - (was.restarts ?? 0));
}
