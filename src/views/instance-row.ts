import { oneLine } from "../core/printable.ts";
import type { InstanceState } from "../core/state.ts";
import type { Activity } from "./activity.ts";
import { bakeWords } from "./bake-progress.ts";
import { duration } from "../core/duration-words.ts";
import type { TreeLook, TreeRow } from "./tree-row.ts";

export interface InstanceRowQuestion {
  readonly activity: Activity;
  readonly nowMs: number;
  readonly ended: boolean;
  /** Columns for the name. */
  readonly width: number;
  readonly halted: boolean;
}

/** One instance as a row: its name, what it does, since when; the finding when it is bad. */
export function instanceRow(it: InstanceState, question: InstanceRowQuestion): TreeRow {
  const look = lookOf(it, question);
  const title = `${it.name.padEnd(question.width)}  ${words(it, look, question)}`;
  return { key: `instance/${it.name}`, look, title, children: [] };
}

/** How an instance is shown at a glance. */
export function lookOf(
  it: InstanceState,
  { ended, halted }: Pick<InstanceRowQuestion, "ended" | "halted">,
): TreeLook {
  switch (it.phase) {
    case "unchecked":
    case "waiting":
      return halted ? "skipped" : "waiting";
    case "beginning":
    case "stepping":
    case "rewinding":
    case "stepped":
    case "baking":
      return ended ? "stopped" : "running";
    case "inconclusive":
    case "asking":
      return "paused";
    case "reverting":
    case "verifying":
      return ended ? "stopped" : "back";
    case "sealed":
      return "good";
    case "unfit":
    case "rolled-back":
    case "rolled-back-unverified":
    case "rollback-failed":
    case "left":
    case "unknown":
      return "bad";
  }
}

function words(it: InstanceState, look: TreeLook, question: InstanceRowQuestion): string {
  const doing = question.activity.instances.get(it.name);
  const what = oneLine(doing?.what ?? "");
  if (look === "skipped") return "not touched: the rollout halted";
  if (look === "waiting" || look === "good") return what;
  const found = finding(it);
  if (look === "bad") return found === null ? what : `${what} · ${found}`;
  const bake = question.activity.bakes.get(it.name);
  const forMs = doing === undefined ? 0 : question.nowMs - doing.sinceMs;
  const time =
    look === "stopped"
      ? ""
      : bake !== undefined && it.phase === "baking"
        ? `, ${bakeWords(bake, question.nowMs)}`
        : forMs >= 1_000
          ? `  ${duration(forMs)}`
          : "";
  const [seen] = doing?.seen.values() ?? [];
  const note = found ?? (seen === undefined ? null : oneLine(seen));
  // Only the view has stopped: what runs on the host comes to its end.
  const then = look === "stopped" ? "last seen: " : "";
  return `${then}${what}${time}${note === null ? "" : ` · ${note}`}`;
}

/** Why it is bad or in doubt, without its own name in front. */
export function finding(it: InstanceState): string | null {
  const failure = it.bad?.failure ?? it.doubt;
  if (failure === null || it.bad?.as === "rolled back") return null;
  const message = oneLine(failure.message);
  // The row has the name already, and the step stood there while it ran.
  const named = `${it.name}: `;
  const at = /^step "[^"]*" on $/.test(message.slice(0, Math.max(0, message.indexOf(named))));
  if (at) return message.slice(message.indexOf(named) + named.length);
  return message.startsWith(named) ? message.slice(named.length) : message;
}
