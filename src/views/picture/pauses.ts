import type { ParkedReason } from "../../core/event.ts";
import type { Replayed } from "../replay.ts";
import { listed } from "../wording.ts";
import type { Span } from "./picture.ts";

type Open = { -readonly [Key in keyof Span]: Span[Key] };

/** Follows when the rollout, or one region of it, waited: for a person, for a window, for a runner. */
export function followPauses(): {
  observe(told: Replayed): void;
  readonly all: readonly Span[];
  readonly byRegion: ReadonlyMap<string, readonly Span[]>;
  /** When each region was sealed. */
  readonly sealed: ReadonlyMap<string, number>;
} {
  const all: Open[] = [];
  const byRegion = new Map<string, Open[]>();
  const sealed = new Map<string, number>();
  const open = new Map<string, Open>();
  const end = (key: string, atMs: number): void => {
    const span = open.get(key);
    if (span === undefined) return;
    open.delete(key);
    span.toMs = Math.max(span.fromMs, atMs);
  };
  const start = (key: string, into: Open[], of: { atMs: number; text: string }): void => {
    end(key, of.atMs);
    if (into.length === pausesMax) return;
    const span: Open = {
      kind: "wait",
      fromMs: of.atMs,
      toMs: null,
      text: of.text,
      tone: "warning",
    };
    into.push(span);
    open.set(key, span);
  };
  const ofRegion = (region: string): Open[] => {
    const known = byRegion.get(region) ?? [];
    byRegion.set(region, known);
    return known;
  };
  return {
    all,
    byRegion,
    sealed,
    observe({ record: { at, event }, after }) {
      const atMs = Date.parse(at);
      if (event.kind === "parked") start("", all, { atMs, text: parkedWords(event.why) });
      if (event.kind === "taken-up" || event.kind === "closed") end("", atMs);
      if (event.kind === "approval-waiting" || event.kind === "approval-lapsed")
        start(`approval ${event.region}`, ofRegion(event.region), {
          atMs,
          text: "waits for approval",
        });
      if (event.kind === "window" && !event.open)
        start(`window ${event.region}`, ofRegion(event.region), {
          atMs,
          text: "waits for its maintenance window",
        });
      if (event.kind === "window" && event.open) end(`window ${event.region}`, atMs);
      if (event.kind === "asked" && event.wish.kind === "override-window")
        end(`window ${event.wish.region}`, atMs);
      if (event.kind === "asked" && event.wish.kind === "approve") {
        const { region } = event.wish;
        if (after.regions.some((it) => it.name === region && it.approved))
          end(`approval ${region}`, atMs);
      }
      if (event.kind === "region-sealed") sealed.set(event.region, atMs);
      if (event.kind === "closed") for (const key of open.keys()) end(key, atMs);
    },
  };
}

/** Waits that are kept, of the rollout and of each region. */
const pausesMax = 60;

function parkedWords(why: ParkedReason): string {
  switch (why.kind) {
    case "approval":
      return `paused: region ${why.region} waits for approval`;
    case "window":
      return `paused: region ${why.region} waits for its maintenance window`;
    case "inconclusive":
      return `paused: ${listed(why.instances)} neither good nor bad`;
    case "ask":
      return `paused: failed on ${listed(why.instances)}, and the plan says ask`;
    case "bad-in-region":
      return `paused: region ${why.region} ended with bad instances`;
    case "emergency":
      return "paused: nobody has approved the emergency yet";
    case "paused":
      return "paused, as was asked for";
    case "interrupted":
      return `interrupted by ${why.signal}`;
  }
}
