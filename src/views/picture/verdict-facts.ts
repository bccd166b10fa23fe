import type { Finding } from "../../core/event.ts";
import type { RolloutState } from "../../core/state.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import { clipped } from "../wording.ts";
import type { PictureFinding, PictureVerdict, PictureVerdicts } from "./picture.ts";

/** Verdicts that are told whole; more are counted. */
const brokenMax = 100;
const filesMax = 40;
/** Characters of a sentence, and of a path: a path has at most 4,096 bytes (PATH_MAX). */
const messageMax = 1_000;
const pathMax = 4_096;

/** What the comparisons after steps found, and how many found nothing. */
export function verdictFacts(
  state: RolloutState,
  records: readonly JournalRecord[],
): PictureVerdicts {
  const broken: PictureVerdict[] = [];
  let all = 0;
  const kept = new Set<string>();
  for (const { seq, at, event } of records) {
    if (event.kind !== "noted" || event.note.kind !== "verdict") continue;
    const { instance, host, step, attempt, verdict } = event.note;
    if (verdict.findings.length === 0) {
      // A runner that takes over may judge what was judged before it: that is one verdict still.
      kept.add(JSON.stringify([instance, host, step, attempt ?? seq]));
      continue;
    }
    all += 1;
    if (broken.length === brokenMax) continue;
    const region = state.instances.get(instance)?.region;
    broken.push({
      atMs: Date.parse(at),
      instance,
      host: host ?? null,
      timezone: state.itinerary.regions.find((it) => it.name === region)?.timezone ?? null,
      step: state.itinerary.plan.steps[step]?.name ?? "?",
      stepNumber: step + 1,
      findings: verdict.findings.map(facts),
    });
  }
  return { broken, brokenCut: all - broken.length, kept: kept.size };
}

function facts(finding: Finding): PictureFinding {
  const files = finding.examples.slice(0, filesMax);
  return {
    code: finding.code,
    path: clipped(finding.path, pathMax),
    policy: finding.policy,
    message: clipped(finding.message, messageMax),
    files: files.map((it) => ({
      class: it.class,
      path: clipped(it.path, pathMax),
      bytes: it.size,
    })),
    more: Math.max(0, finding.count - files.length),
  };
}
