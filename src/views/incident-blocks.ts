import { asCalled } from "./as-called.ts";
import type { Incident } from "./incidents.ts";
import type { Block } from "./page.ts";
import { usersWords } from "./surfaces.ts";
import { duration } from "../core/duration-words.ts";
import { utcTime, zoneTime } from "./times.ts";

/** Lines of host output that are shown with a failure. */
const detailLinesMax = 8;

/**
 * The story of one instance: what happened, since when, what was done, how users are. `program`: how
 * handrail is called here.
 */
export function incidentBlocks(it: Incident, program = "handrail"): readonly Block[] {
  const hint = asCalled(it.failure.hint, program);
  return [
    { kind: "gap" },
    { kind: "heading", tone: "bad", text: title(it) },
    { kind: "text", level: 1, text: it.failure.message },
    ...detail(it.failure),
    { kind: "text", level: 1, tone: "warning", bullet: "→ ", text: hint },
    { kind: "rows", level: 1, rows: facts(it) },
  ];
}

function title(it: Incident): string {
  const what = it.as === null ? "neither good nor bad" : it.as;
  const where = it.step === null ? "" : `, at step ${it.step.number} "${it.step.name}"`;
  return `${it.instance} (${it.region}): ${what}${where}`;
}

function detail({ message, detail: text = "" }: Incident["failure"]): readonly Block[] {
  if (text.trim() === "") return [];
  const [first = "", ...rest] = text.trimEnd().split("\n");
  // Said a line above already: where there is more, its title goes.
  const told = rest.length > 0 && first.trim() !== "" && message.includes(first.trim());
  const lines = (told ? rest : [first, ...rest]).slice(-detailLinesMax);
  return [{ kind: "verbatim", level: 1, text: lines.map((line) => `│ ${line}`).join("\n") }];
}

function facts(it: Incident): readonly (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [];
  const since = it.harmAt ?? it.detectedAt;
  if (since !== null) rows.push(["since", times(since, it.timezone)]);
  if (it.detectedAt !== null) {
    const after = it.timeToDetectMs === null ? "" : `, ${duration(it.timeToDetectMs)} later`;
    rows.push(["seen", `${utcTime(it.detectedAt)}${after}`]);
  }
  if (it.recoveredAt !== null) {
    const after = it.timeToRecoverMs === null ? "" : `, ${duration(it.timeToRecoverMs)} later`;
    rows.push(["as before", `${times(it.recoveredAt, it.timezone)}${after}`]);
  }
  it.done.forEach((each, index) => {
    rows.push([index === 0 ? "done" : "", each]);
  });
  rows.push(["users", usersWords(it.surfaces, it.timezone)]);
  return rows;
}

function times(at: string, timezone: string | null): string {
  const local = zoneTime(at, timezone);
  return local === null ? utcTime(at) : `${utcTime(at)} (${local})`;
}
