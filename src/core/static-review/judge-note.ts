import { noteWords } from "./deed-words.ts";
import type { FindingId, Severity } from "./finding.ts";
import type { Ruling } from "./judge-deed.ts";
import { relationTo } from "./path-pattern.ts";
import type { ProtectedGround } from "./protected-ground.ts";
import type { CommandNote, ShellTrace } from "./shell-trace.ts";

/** Notes that speak of likely harm; the others, of what nobody can tell. */
const likely: ReadonlySet<FindingId> = new Set([
  "network-into-shell",
  "restarts",
  "ends-processes",
  "reboots",
  "changes-disks",
  "changes-network",
]);

/** What a note comes to; a program that is given something protected is told with it. */
export function judgeNote(
  { id, about, at }: CommandNote,
  { trace, ground }: { readonly trace: ShellTrace; readonly ground: ProtectedGround },
): Ruling {
  const severity: Severity = likely.has(id) ? "warns" : "unknown";
  const message = noteWords(id, about);
  if (id !== "unknown-program") return { id, severity, protects: null, message };
  const handed = trace.handed.filter((one) => one.at === at && one.program === about);
  for (const path of handed.flatMap(({ paths }) => paths)) {
    const near = ground.protect.find((one) => relationTo(path, one.path) !== null);
    if (near === undefined) continue;
    const given = `${message}, and give it ${path.shown}; ${near.path} is protected`;
    return { id, severity, protects: near, message: given };
  }
  return { id, severity, protects: null, message };
}
