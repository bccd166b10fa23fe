import type { Failure } from "./failure.ts";
import type { HostLock } from "./host-lock.ts";
import { holdWords } from "./lock-words.ts";

/** Another rollout has this host: who, since when, is anybody there, and the commands that lead on. */
export function hostLocked(host: string, lock: HostLock): Failure {
  const { rollout } = lock;
  return {
    code: "HOST_LOCKED",
    message: `${host} is held by rollout "${rollout}" ${holdWords(lock)}`,
    hint: isPlain(rollout)
      ? `bring that one to its end first, where its journal is: handrail resume ${rollout}, or handrail abort ${rollout}; to wait for it: the same command with --wait 30m; if its journal is lost: handrail locks release PLAN --host ${host} --rollout ${rollout} --why TEXT`
      : "what is written in that lock is no name of a rollout: look at the spool on that host",
    host,
  };
}

/** May it stand in a command line as it is? A lock's text comes from a host. */
export function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name);
}
