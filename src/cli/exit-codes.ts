/** What the number that a command ends with means. Fixed: scripts depend on it. */
export const exitCodes = {
  done: 0,
  bug: 1,
  effects: 2,
  refused: 3,
  halted: 4,
  needsPerson: 5,
  paused: 6,
  wouldBreak: 7,
} as const;

/** 128 + the number of the signal, as shells give it. */
export function signalCode(signal: string): number {
  return signalCodes[signal] ?? 130;
}

const signalCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Shown below every `--help`. */
export const exitCodeTable = `Exit codes:
  0         done: everything sealed; or valid, nothing found
  1         a bug in Handrail
  2         preview or rehearsal: effects, within policy (--detailed-exitcode)
  3         refused before anything was touched: usage, plan, approval, lock,
            preflight, scope
  4         halted; every touched instance rolled back and verified
  5         halted; some instances need a person
  6         paused: inconclusive, or waiting for approval or a decision
  7         preview or rehearsal: a policy would be broken; nothing was touched
  130, 143  interrupted, after a safe stop; 129 after a hangup`;
