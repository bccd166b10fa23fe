import type { Allowance, Policy } from "../core/plan/plan.ts";
import { span } from "./times.ts";
import { grouped } from "./wording.ts";

/** A policy with what it means, for people who don't know the words yet. */
export function policyWords(policy: Policy): string {
  switch (policy.kind) {
    case "keep":
      return "keep: nothing that was there may be deleted";
    case "keep-content":
      return "keep-content: neither deleted nor changed in content, mode or owner";
    case "regenerates": {
      const recover = policy.recover.length === 0 ? "" : `, else ${policy.recover.join(" and ")}`;
      return `regenerates: may go, must be back within ${span(policy.withinMs)}${recover}`;
    }
    case "may-change":
      return "may-change: recorded only";
  }
}

/** `delete at most 500 of /srv/cache/**`. */
export function allowanceWords({ effect, glob, max }: Allowance): string {
  return max === null ? `${effect} ${glob}` : `${effect} at most ${grouped(max)} of ${glob}`;
}
