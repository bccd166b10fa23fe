import {
  isConclusive,
  type Remembered,
  type RememberedPlace,
  type RememberedStep,
} from "../core/rehearsal/remembered.ts";
import type { Block } from "./page.ts";
import { utcDateTime } from "./times.ts";
import { counted, grouped, listed, size } from "./wording.ts";

/** What a rehearsal of this very plan found of one step on one host. */
export interface RehearsedOn extends Omit<RememberedStep, "number"> {
  readonly instance: string;
  readonly host: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly network: boolean;
}

/** So many are told one by one. */
const hostsMax = 6;
const namesMax = 8;

/** What is remembered of the step at this place (from 0), oldest first. */
export function rehearsalsOf(
  remembered: readonly Remembered[],
  index: number,
): readonly RehearsedOn[] {
  return remembered.flatMap(({ instance, host, at, network, steps }) =>
    steps
      .filter(({ number }) => number === index + 1)
      .map(({ number: _number, ...step }) => ({ instance, host, at, network, ...step })),
  );
}

/** Did a copy of some host show what the step does, as far as a copy can? */
export function wasShown(found: readonly RehearsedOn[]): boolean {
  return found.some((it) => isConclusive({ ...it, number: 1 }));
}

/** A policy that a step would break, as a rehearsal of this very plan found. */
export interface RehearsedBreak {
  readonly step: number;
  readonly instance: string;
  readonly at: string;
  readonly says: string;
}

/** What the newest rehearsal of each host says would be broken. */
export function rehearsedBreaks(remembered: readonly Remembered[]): readonly RehearsedBreak[] {
  return remembered.flatMap(({ instance, at, steps }) =>
    steps.flatMap(({ number, breaks }) =>
      breaks.map((says) => ({ step: number - 1, instance, at, says })),
    ),
  );
}

/** Rehearsals that say the same are told once, with their names; those that break something come first. */
export function rehearsedBlocks(found: readonly RehearsedOn[]): readonly Block[] {
  const said = [...Map.groupBy(found, (it) => JSON.stringify([wordsOf(it), it.breaks]))]
    .map(([, all]) => all)
    .sort((one, other) => rank(one[0]!) - rank(other[0]!));
  const more = said.slice(hostsMax).flat();
  return [
    ...said.slice(0, hostsMax).flatMap(groupBlocks),
    ...(more.length === 0
      ? []
      : [text(`otherwise again on ${listed(namesOf(more), namesMax)}: --json tells each`)]),
  ];
}

function groupBlocks(all: readonly RehearsedOn[]): readonly Block[] {
  const first = all[0]!;
  const times = all.map(({ at }) => at).toSorted();
  const [from, to] = [utcDateTime(times[0]!), utcDateTime(times.at(-1)!)];
  const when = from === to ? from : `${from} to ${to}`;
  const where = `${listed(namesOf(all), namesMax)}, ${when}`;
  const broken = first.breaks.map((says): Block => ({
    kind: "text",
    level: 3,
    tone: "bad",
    bullet: "! ",
    text: `would break a policy: ${says}`,
  }));
  const more = first.breaksCount - first.breaks.length;
  const verb =
    first.is === "rehearsed"
      ? `rehearsed on ${where}: `
      : first.is === "not-reached"
        ? `not reached by the rehearsal on ${where}: `
        : `not rehearsable on ${where}, because `;
  return [
    text(`${verb}${wordsOf(first)}`, isConclusive({ ...first, number: 1 }) ? "plain" : "warning"),
    ...broken,
    ...(more > 0 ? [text(`and ${counted(more, "more such finding")}`, "bad", 3)] : []),
    ...first.remarks.map((says) => text(says, "quiet", 3)),
  ];
}

function rank({ breaks, inconclusive, is }: RehearsedOn): number {
  if (breaks.length > 0) return 0;
  if (inconclusive !== null) return 1;
  return is === "rehearsed" ? 2 : 3;
}

function wordsOf(it: RehearsedOn): string {
  if (it.is !== "rehearsed") return it.because ?? "nothing is known of it";
  const places = it.places.map(placeWords);
  const said = [
    ...(it.inconclusive === null ? [] : [`inconclusive: ${it.inconclusive}`]),
    places.length === 0 ? "no effects on files were seen" : places.join("; "),
    ...(it.placesMore > 0 ? [`and ${counted(it.placesMore, "more place")}`] : []),
    ...(it.recorded > 0
      ? [`${counted(it.recorded, "call was", "calls were")} only recorded, not done`]
      : []),
    ...(it.network ? ["the network was open to it"] : []),
  ];
  return said.join("; ");
}

const verbs: Readonly<Record<string, string>> = {
  deleted: "deletes",
  created: "creates",
  content: "changes",
  metadata: "changes the mode or owner of",
  "type-changed": "changes the type of",
  replaced: "replaces",
  touched: "touches",
};

function placeWords({ of, path, policy, counts, deletedBytes }: RememberedPlace): string {
  const does = Object.entries(counts)
    .filter(([kind]) => kind !== "unlisted")
    .map(([kind, count]) => {
      const bytes = kind === "deleted" && deletedBytes > 0 ? ` (${size(deletedBytes)})` : "";
      return `${verbs[kind] ?? `${kind}:`} ${grouped(count)}${bytes}`;
    });
  const unlisted = counts["unlisted"] ?? 0;
  const also = unlisted > 0 ? [`does to ${grouped(unlisted)} more what is not listed`] : [];
  const where =
    of === "elsewhere"
      ? "elsewhere"
      : `in ${path ?? "?"}${of === "protected" ? ` (${policy ?? "?"})` : ""}`;
  return `${[...does, ...also].join(", ")} ${where}`;
}

function namesOf(all: readonly RehearsedOn[]): readonly string[] {
  return all.map(({ instance, host }) => (host === instance ? instance : `${instance} (${host})`));
}

function text(
  said: string,
  tone: "plain" | "warning" | "bad" | "quiet" = "plain",
  level = 2,
): Block {
  return { kind: "text", level, tone, text: said };
}
