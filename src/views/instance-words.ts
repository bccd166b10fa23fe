import { exitWords } from "../core/exit-words.ts";
import { comparisonTone, comparisonWords, progressWords } from "./comparison-words.ts";
import type { PublicEvent, PublicEventOf } from "./public-events.ts";
import type { Tone } from "./paint.ts";
import { duration } from "../core/duration-words.ts";
import { utcTime } from "./times.ts";
import { clipped, counted, grouped, listed, size } from "./wording.ts";

/** One line for people, without its time. */
export interface Words {
  /** The instance, else the region, else "rollout". */
  readonly who: string;
  readonly text: string;
  readonly tone: Tone;
}

/** What is needed to speak of steps. */
export interface StepWords {
  /** Steps of the plan. */
  readonly steps: number;
}

export type InstanceEvent = Extract<PublicEvent, { instance: string }>;

/** What an event about one instance says in human words, not yet safe to print; null: it is no news. */
export function instanceWords(event: InstanceEvent, { steps }: StepWords): Words | null {
  switch (event.type) {
    case "instance.started":
      return say(event, "plain", "begins");
    case "snapshot.taken":
      return say(event, "quiet", `${stepName(event, steps)}: ${snapshot(event)}`);
    case "guard.armed":
      return say(
        event,
        "quiet",
        `${stepName(event, steps)}: guard armed, lease ${duration(event.leaseMs)}`,
      );
    case "guard.disarmed": {
      const why = event.because === "judged" ? "" : `: ${event.because}`;
      return say(event, "quiet", `${stepName(event, steps)}: guard disarmed${why}`);
    }
    case "guard.fired":
      return say(event, "bad", `${stepName(event, steps)}: ${fired(event)}`);
    case "step.started": {
      const again = event.attempt > 1 ? `, attempt ${event.attempt}` : "";
      return say(event, "plain", `${stepName(event, steps)}: runs${again}`);
    }
    case "step.finished": {
      const tone = event.exitCode === 0 && !event.timedOut ? "plain" : "bad";
      return say(event, tone, `${stepName(event, steps)}: ${ending(event)}`);
    }
    case "verdict":
      return event.is === "kept"
        ? say(event, "plain", `${stepName(event, steps)}: ${kept(event)}`)
        : say(event, "bad", `${stepName(event, steps)}: CONTRACT BROKEN: ${findings(event)}`);
    case "recovery": {
      const end = event.verified ? "verified" : "NOT verified";
      const did = `recovery of ${event.path} (${event.did.join(", ")}): ${end}`;
      return say(event, event.verified ? "warning" : "bad", `${stepName(event, steps)}: ${did}`);
    }
    case "probe": {
      const said = event.is === "error" ? "could not tell" : event.is;
      const tone = event.is === "pass" ? "plain" : event.is === "fail" ? "bad" : "warning";
      return say(event, tone, `probe ${event.probe} (${event.surface}): ${said}, ${event.because}`);
    }
    case "bake.stage":
      // That it is well is what is hoped for, and was told of the whole batch.
      if (event.stage === "evidence")
        return say(event, "quiet", "healthy, waits for enough to judge by");
      return event.stage === "stable"
        ? null
        : say(
            event,
            "warning",
            `not stable: must be so from ${utcTime(event.until)} on at the latest`,
          );
    case "baseline.measured": {
      const few = event.missed === undefined ? "" : `, one without a number: ${event.missed}`;
      const count = counted(event.values.length, "measurement");
      return say(event, "quiet", `${event.metric} before: ${count}${few}`);
    }
    case "bake.evidence":
      return say(event, "quiet", progressWords(event));
    case "baseline.compared":
      return say(event, comparisonTone(event), `against before: ${comparisonWords(event)}`);
    case "retrying": {
      const again = `asks again in ${duration(event.inMs)} (${event.what})`;
      return say(event, "warning", `${again}: ${event.failure.message}`);
    }
    case "remark":
      return say(event, "plain", event.text);
    case "instance.sealed":
      return say(event, "good", "sealed");
    case "instance.harmed": {
      const when = event.during === null ? "" : ` while region ${event.during} is under way`;
      return say(event, "bad", `HARM after it was sealed${when}: ${event.says}`);
    }
    case "instance.bad": {
      const where =
        event.step === undefined ? "" : ` at step ${event.stepNumber}/${steps} ${event.step}`;
      return say(event, "bad", `BAD, ${event.as}${where}: ${event.failure.message}`);
    }
    case "instance.inconclusive":
      return say(event, "warning", `inconclusive: ${event.failure.message}`);
    case "instance.asking":
      return say(event, "warning", `waits for a decision: ${event.failure.message}`);
    case "instance.left":
      return say(event, "bad", `left as it is, needs a person: ${event.failure.message}`);
    case "instance.unknown":
      return say(event, "bad", `not known what it did, needs a person: ${event.failure.message}`);
    case "rollback.started":
      return say(event, "warning", `goes back: ${counted(event.steps, "step")} to undo`);
    case "restored":
      return say(event, "warning", `${stepName(event, steps)}: ${restored(event)}`);
    case "rollback.finished":
      return say(event, event.is === "verified" ? "good" : "bad", rollback(event));
    case "watch.found": {
      const tone = event.is === "well" ? "good" : event.is === "unseen" ? "warning" : "bad";
      return say(event, tone, event.is === "unseen" ? `could not tell: ${event.says}` : event.says);
    }
    case "decided": {
      const reason = event.reason === "" ? "" : `: ${event.reason}`;
      return say(event, "warning", `${event.by} decided: ${event.choice}${reason}`);
    }
  }
}

function say(event: { readonly instance: string }, tone: Tone, text: string): Words {
  return { who: event.instance, tone, text };
}

interface OnStep {
  readonly instance: string;
  readonly host?: string | undefined;
  readonly step: string;
  readonly stepNumber: number;
}

/** `step 2/4 clear compiled pages`, with the host where an instance has several. */
function stepName({ instance, host, step, stepNumber }: OnStep, steps: number): string {
  const on = host === undefined || host === instance ? "" : ` on ${host}`;
  return `step ${stepNumber}/${steps} ${step}${on}`;
}

function snapshot(event: PublicEventOf<"snapshot.taken">): string {
  const took = `${counted(event.entries, "entry", "entries")}, ${size(event.bytes)}`;
  const lost = event.losses.length === 0 ? "" : `, without ${listed(event.losses)}`;
  return `snapshot of ${took} in ${duration(event.durationMs)}${lost}`;
}

function fired(event: PublicEventOf<"guard.fired">): string {
  const did = `${counted(event.restored, "entry", "entries")} put back`;
  const left = event.conflicts.length + event.failed.length;
  const but = left === 0 ? "" : `, ${counted(left, "path")} not`;
  const end = event.complete ? "" : ", and it was ended before it was done";
  return `GUARD FIRED at ${event.firedAt}: the host went back by itself, ${did}${but}${end}`;
}

function kept(event: PublicEventOf<"verdict">): string {
  const remarks = event.remarks.map((text) => `; ${text}`).join("");
  return `contract kept${effects(event.counts)}${remarks}`;
}

/** Characters of a command's last line that a line of ours repeats. */
const lastLineMax = 160;

function ending(event: PublicEventOf<"step.finished">): string {
  const took = duration(event.durationMs);
  if (event.timedOut) return `timed out after ${took}`;
  if (event.exitCode === null) return `done in ${took}`;
  const last = event.output.trimEnd().split("\n").at(-1) ?? "";
  const says = event.exitCode === 0 || last === "" ? "" : `: ${clipped(last, lastLineMax)}`;
  const how = exitWords(event.exitCode).replace("exit code", "exit");
  return `${how} in ${took}${says}`;
}

/** ` (3 created, 1 content)`: effects by class, nothing where there were none. */
function effects(counts: Readonly<Record<string, number>>): string {
  const seen = Object.entries(counts).filter(([, count]) => count > 0);
  if (seen.length === 0) return "";
  return ` (${seen.map(([name, count]) => `${grouped(count)} ${name}`).join(", ")})`;
}

function findings(event: PublicEventOf<"verdict">): string {
  return listed(
    event.findings.map((finding) => finding.message),
    3,
  );
}

function restored(event: PublicEventOf<"restored">): string {
  const conflicts = event.conflicts.length;
  const left = conflicts === 0 ? "" : `, ${counted(conflicts, "conflict")} left alone`;
  return `${counted(event.restored, "entry", "entries")} put back${left}`;
}

function rollback(event: PublicEventOf<"rollback.finished">): string {
  switch (event.is) {
    case "verified":
      return "rolled back, content and health verified";
    case "not verified":
      return `rolled back, NOT verified: ${event.failure?.message ?? "no reason is known"}`;
    case "failed":
      return `ROLLBACK FAILED: ${event.failure?.message ?? "no reason is known"}`;
  }
}
