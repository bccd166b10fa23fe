import { guardPart } from "./guard-text.ts";
import type { ShellText } from "./shell-text.ts";
import { shellBytes, word } from "./shell-text.ts";

/** What the process that keeps the copy knows, in the order in which the parts need one another. */
const copyParts = [
  "guard-channel.sh",
  "renew.sh",
  "guard-walk.sh",
  "guard-unled.sh",
  "guard-snapshot.sh",
  "guard-churn-rule.sh",
  "guard-plan.sh",
  "guard-compare.sh",
  "guard-rehearse-copy.sh",
  "guard-rehearse-step.sh",
  "guard-rehearse-effects.sh",
] as const;

/** What a guard itself is sent to rehearse; a session that rehearses nothing has none of it. */
export function launchText(): ShellText {
  return guardPart("guard-rehearse.sh");
}

/** The program of the process that keeps the copy, with these requests, which it carries out in turn. */
export function copyText(requests: readonly ShellText[]): ShellText {
  return [
    `inside_text=${word(shellBytes(guardPart("guard-rehearse-inside.sh")))}`,
    ...copyParts.map(guardPart),
    ...requests,
    "exit 0",
    // Text that was cut short must not end like a whole one.
    ":",
  ].join("\n");
}
