import type { Chance } from "./seeded.ts";

/**
 * What can be wrong with a world, beside lines that break and runners that die, which are in most of
 * them. A world has a few of these, so that each meets the others in some seed.
 */
export const faults = {
  "slow lines": "requests and answers take seconds",
  "logins fail": "a host refuses the login for a while",
  "host key changed": "a host answers with another key for a while",
  "ignores SIGTERM": "a command goes on for seconds after it was told to end",
  "exit code lost": "a command ends, and nobody knows how",
  "flood of output": "a command prints far more than is kept",
  "controller's clock jumps": "hours forth and back, while monotonic time goes on",
  "host's clock jumps": "the same on hosts",
  "host's disk full": "nothing can be written on a host for a while",
  "controller's disk full": "the journal takes no record for a while",
  "tree unreadable": "a protected tree can't be read for a while",
  "restore denied": "a path can't be put back for a while",
  "snapshot damaged": "a snapshot can't be unpacked for a while",
  "probes flap": "a probe fails now and then for no reason",
  "probes hang": "a probe does not answer",
  "probes can't tell": "a probe answers that it could not find out",
  "probes lie": "a probe says that users are served when they are not",
  "two runners": "a runner is taken for dead and goes on beside the next one",
  "two rollouts": "another rollout wants the same hosts",
} as const;

export type Fault = keyof typeof faults;

export const faultNames = Object.keys(faults).filter(isFault);

function isFault(name: string): name is Fault {
  return Object.hasOwn(faults, name);
}

/** Faults that one world has beside the usual ones. */
const faultsMax = 4;

export function drawFaults(chance: Chance): ReadonlySet<Fault> {
  const drawn = new Set<Fault>();
  const count = chance.below(faultsMax + 1);
  for (let n = 0; n < count; n++) drawn.add(chance.pick(faultNames));
  return drawn;
}
