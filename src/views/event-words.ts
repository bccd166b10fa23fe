import { oneLine } from "../core/printable.ts";
import { comparisonTone, comparisonWords, untilWords } from "./comparison-words.ts";
import type { Tone } from "./paint.ts";
import type { PublicEvent, PublicEventOf } from "./public-events.ts";
import { instanceWords, type StepWords, type Words } from "./instance-words.ts";
import { duration } from "../core/duration-words.ts";
import { bothTimes, opensWords, span } from "./times.ts";
import { counted, listed } from "./wording.ts";

/** What an event says in human words, on one line; null for what is told elsewhere. */
export function eventWords(event: PublicEvent, words: StepWords): Words | null {
  const said = "instance" in event ? instanceWords(event, words) : rolloutWords(event);
  return said === null ? null : { ...said, text: oneLine(said.text) };
}

function rolloutWords(event: Exclude<PublicEvent, { instance: string }>): Words | null {
  switch (event.type) {
    case "rollout.started":
      return say("rollout", "strong", began(event));
    case "resumed":
      return say("rollout", "strong", `taken up again by ${event.runner}`);
    case "outliers.found":
      return say("rollout", "warning", `not like the others: ${oddWords(event)}`);
    case "order.decided":
      return say("rollout", "warning", `last in their region: ${orderWords(event)}`);
    case "preflight.passed":
      return say("rollout", "good", "preflight passed: every instance is reachable and prepared");
    case "preflight.failed":
      return say("rollout", "bad", refusal(event));
    case "region.started":
      return say(event.region, "strong", `region begins: ${instances(event.instances)}`);
    case "batch.started":
      return say(event.region, "strong", batch(event));
    case "bake.started": {
      const wait = `settle ${span(event.settleMs)}, stable ${span(event.stableMs)}`;
      const until = untilWords(event);
      const more = until === "" ? "" : `, ${until}`;
      return say(event.region, "plain", `batch ${event.batch} bakes: ${wait}${more}`);
    }
    case "control.compared": {
      const against = `batch ${event.batch} against ${counted(event.control.instances, "instance")} not yet changed`;
      return say(event.region, comparisonTone(event), `${against}: ${comparisonWords(event)}`);
    }
    case "bake.finished": {
      const bad = event.bad.length === 0 ? "" : `, bad: ${listed(event.bad)}`;
      const tone = event.bad.length === 0 ? "plain" : "bad";
      return say(event.region, tone, `batch ${event.batch}: ${event.sealed.length} sealed${bad}`);
    }
    case "region.sealed": {
      const out = event.excluded.length === 0 ? "" : `, without ${listed(event.excluded)}`;
      return say(event.region, "good", `region sealed${out}`);
    }
    case "approval.waiting":
      return say(event.region, "warning", `waits for approval${whoApproves(event)}`);
    case "approval.given": {
      const more = event.approved ? "" : ", and waits for others";
      return say(event.region, "good", `approved by ${event.by}${more}${because(event.reason)}`);
    }
    case "approval.lapsed": {
      const text = `the approval of ${listed(event.people)} is too old: it waits again`;
      return say(event.region, "warning", text);
    }
    case "emergency.approved":
      return say(
        "rollout",
        "warning",
        `the emergency is approved by ${event.by}${because(event.reason)}`,
      );
    case "window":
      return say(event.region, event.open ? "plain" : "warning", windowWords(event));
    case "window.overridden": {
      const text = `${event.by} lets it go on outside its maintenance windows`;
      return say(event.region, "warning", `${text}${because(event.reason)}`);
    }
    case "asked":
      return say(
        "rollout",
        "warning",
        `${event.by} asked: ${event.wish === "release-lock" ? "locks release" : event.wish}${because(event.reason)}`,
      );
    case "halted":
      return say("rollout", "bad", `HALTED: ${event.sentence}`);
    case "paused":
      return say("rollout", "warning", `paused: ${pause(event)}`);
    case "rollout.finished":
      return say("rollout", event.outcome === "sealed" ? "good" : "bad", `ended: ${event.outcome}`);
    case "watch.looked":
      return say("watch", "quiet", lookedWords(event));
    case "watch.finished":
      return say("watch", event.exit === 0 ? "good" : "bad", finishedWords(event));
    case "version":
    case "summary":
    case "lock.waiting":
      return null;
  }
}

function say(who: string, tone: Tone, text: string): Words {
  return { who, tone, text };
}

function began(event: PublicEventOf<"rollout.started">): string {
  const count = event.regions.flatMap((region) => region.batches.flat()).length;
  const regions = event.regions.map((region) => region.region);
  const where = `${counted(count, "instance")} in ${counted(regions.length, "region")}`;
  const urgent = event.emergency === undefined ? "" : `; EMERGENCY: ${event.emergency.reason}`;
  const what = `${event.rollout}: plan ${event.plan}, digest ${event.digest.slice(0, 12)}`;
  return `${what}, ${where} (${listed(regions)}), ${counted(event.steps.length, "step")}, by ${event.by}${urgent}`;
}

function refusal(event: PublicEventOf<"preflight.failed">): string {
  const named = event.instances.map((it) => `${it.instance}: ${it.failure.message}`);
  return `refused, nothing was touched. ${listed(named, 3)}`;
}

function oddWords({ outliers }: PublicEventOf<"outliers.found">): string {
  const says = outliers.slice(0, oddToldMax).map((it) => it.says);
  const more = outliers.length - says.length;
  return [...says, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function orderWords({ regions }: PublicEventOf<"order.decided">): string {
  const words = regions.map(({ region, last }) => `${listed(last, oddToldMax)} of ${region}`);
  return listed(words, oddToldMax);
}

/** Those that a line tells; `--json` and the report have all. */
const oddToldMax = 3;

function batch(event: PublicEventOf<"batch.started">): string {
  const canary = event.batch === 1 ? ", the canary" : "";
  return `batch ${event.batch} of ${event.batches} begins${canary}: ${listed(event.instances)}`;
}

function instances(names: readonly string[]): string {
  return counted(names.length, "instance");
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

function whoApproves({ needed, people, from }: PublicEventOf<"approval.waiting">): string {
  const count = needed === 1 ? "" : ` of ${needed} people`;
  const who = from === null ? "" : `${needed === 1 ? " of one" : ""} of ${listed(from)}`;
  return `${count}${who}${people.length === 0 ? "" : `; so far: ${listed(people)}`}`;
}

function windowWords({ open, until, timezone }: PublicEventOf<"window">): string {
  const when = until === null ? "" : ` until ${bothTimes(until, timezone)}`;
  return open
    ? `its maintenance window is open${when}`
    : `its maintenance window is closed${when}: no batch begins`;
}

function lookedWords({
  look,
  instances: all,
  unseen,
  nextInMs,
}: PublicEventOf<"watch.looked">): string {
  const seen = unseen.length === 0 ? "" : `; could not tell everything of ${listed(unseen)}`;
  const next = nextInMs === null ? "the last look" : `the next look in ${duration(nextInMs)}`;
  return `look ${look} at ${counted(all, "instance")}${seen}; ${next}`;
}

function finishedWords({ looks, harmed, unseen }: PublicEventOf<"watch.finished">): string {
  const many = counted(looks, "look");
  if (harmed.length > 0) return `HARM on ${listed(harmed)}, after ${many}`;
  if (unseen.length > 0)
    return `inconclusive: ${listed(unseen)} could not be seen at the last of ${many}`;
  return `nothing found in ${many}`;
}

function pause(event: PublicEventOf<"paused">): string {
  const names = listed(event.instances);
  switch (event.why) {
    case "approval":
      return `region ${event.region} waits for approval`;
    case "emergency":
      return "its emergency waits for approval";
    case "window":
      return `region ${event.region} waits for its maintenance window${opensWords(event.opens ?? null, event.timezone ?? null)}`;
    case "inconclusive":
      return `inconclusive on ${names}: neither good nor bad`;
    case "ask":
      return `failed on ${names}, and the plan says ask`;
    case "bad-in-region":
      return `region ${event.region} ended with bad instances: ${names}`;
    case "paused":
      return event.because ?? "asked for";
    case "interrupted":
      return "interrupted";
  }
}
