import {
  afterAnswer,
  lateCourse,
  type LateCourse,
  type LateRule,
  nextAskMs,
} from "../core/late-course.ts";
import type { LateHarm } from "../core/late-harm.ts";
import { lateFromMs } from "../core/late-losses.ts";
import { durationText } from "../core/plan/durations.ts";
import type { ProbeSpec } from "../core/plan/plan.ts";
import { ask } from "./look.ts";
import { type KnownTrees, lookAtTrees, type Seen } from "./look-at-trees.ts";
import type { NoteBody, Work } from "./work.ts";

/** What one look at a sealed instance came to. */
export interface Glance {
  readonly harm: Omit<LateHarm, "instance"> | null;
  /** Only what is news. */
  readonly notes: readonly NoteBody[];
  /** Milliseconds until there is something to look at again. */
  readonly nextInMs: number;
  /** Nothing at all could be told of it. */
  readonly sawNothing: boolean;
}

/** Without a count in the plan a failing probe gets so long to pass, as in a watch afterwards. */
const retryMaxMs = 60_000;

/** Looks at one instance again and again: at each probe and each protected path when its time has come. */
export class LateGlances {
  readonly #everyMs: number;
  readonly #courses = new Map<string, LateCourse>();
  readonly #trees: KnownTrees = new Map();
  #treesFromMs = 0;
  /** What could not be told at the last look, and why, by probe or path. */
  readonly #unseen = new Map<string, string>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  async next(work: Work): Promise<Glance> {
    const { clock, itinerary } = work.parts;
    const wasUnseen = this.#unseen.size > 0;
    const notes: NoteBody[] = [];
    const nowMs = clock.now();
    const due = itinerary.plan.probes.filter((spec) => this.#askFromMs(work, spec) <= nowMs);
    const asked = await Promise.all(
      due.map(async (spec) => ({ spec, answer: await ask(work, spec) })),
    );
    const sick = asked.flatMap(({ spec, answer }) => this.#take(work, { spec, answer, notes }));
    const looks = this.#treesFromMs <= nowMs;
    const trees = looks ? await this.#lookAtTrees(work) : [];
    const lost = trees.filter((it) => it.is === "lost");
    const harmful = lost.find((it) => it.losses?.isMany === true);
    for (const { host, says } of lost.filter((it) => it !== harmful))
      notes.push({
        kind: "remark",
        text: `sealed, and ${says}; no reason to halt by itself`,
        ...(host === undefined ? {} : { host }),
      });
    const isUnseen = this.#unseen.size > 0;
    if (isUnseen && !wasUnseen) notes.push({ kind: "remark", text: this.#unseenWords() });
    if (!isUnseen && wasUnseen)
      notes.push({ kind: "remark", text: "sealed, and can be looked at again" });
    return {
      // Lost files say more than a probe that fails for want of them.
      harm: harmful === undefined ? (sick[0] ?? null) : lossOf(harmful),
      notes,
      nextInMs: this.#nextInMs(work),
      sawNothing:
        asked.length + trees.length > 0 &&
        asked.every(({ answer }) => answer.is === "error") &&
        trees.every((it) => it.is === "unseen"),
    };
  }

  /** A look that came to no end is one at which nothing could be told. */
  givenUp(because: string): Glance {
    const isNews = this.#unseen.size === 0;
    this.#unseen.set("", because);
    return {
      harm: null,
      notes: isNews ? [{ kind: "remark", text: this.#unseenWords() }] : [],
      nextInMs: this.#everyMs,
      sawNothing: true,
    };
  }

  #take(
    work: Work,
    it: {
      readonly spec: ProbeSpec;
      readonly answer: Awaited<ReturnType<typeof ask>>;
      readonly notes: NoteBody[];
    },
  ): readonly NonNullable<Glance["harm"]>[] {
    const { spec, answer } = it;
    const before = this.#courseOf(spec);
    const { course, isHarm } = afterAnswer(before, answer, this.#ruleOf(work, spec));
    this.#courses.set(spec.name, course);
    this.#tell(`probe ${spec.name}`, answer.is === "error" ? probeUnseen(spec, answer) : null);
    const turned = (course.failing === null) !== (before.failing === null);
    if (turned && answer.is !== "error")
      it.notes.push({
        kind: "probe",
        probe: spec.name,
        surface: spec.surface,
        is: answer.is,
        because: answer.because,
        tookMs: Math.round(answer.tookMs),
        while: "watch",
      });
    if (!isHarm || course.failing === null) return [];
    const { inRow, sinceMs } = course.failing;
    const forMs = answer.askedMs - sinceMs;
    const row = inRow === 1 ? "" : `, ${inRow} looks in a row for ${durationText(forMs)}`;
    return [
      {
        is: "unhealthy",
        says: `probe "${spec.name}" (${spec.surface}) fails${row}: ${answer.because}`,
      },
    ];
  }

  async #lookAtTrees(work: Work): Promise<readonly Seen[]> {
    const seen: Seen[] = [];
    for (const host of work.instance.hosts)
      seen.push(...(await lookAtTrees(work, host, this.#trees)));
    for (const { host, path, is, says } of seen)
      this.#tell(`path ${host ?? ""} ${path ?? ""}`, is === "unseen" ? says : null);
    this.#treesFromMs = work.parts.clock.now() + this.#everyMs;
    return seen;
  }

  #tell(key: string, unseen: string | null): void {
    this.#unseen.delete("");
    if (unseen === null) this.#unseen.delete(key);
    else this.#unseen.set(key, unseen);
  }

  #unseenWords(): string {
    const [first = ""] = this.#unseen.values();
    const more = this.#unseen.size > 1 ? `, and ${this.#unseen.size - 1} more` : "";
    return `sealed, and could not be looked at, which is neither good nor bad: ${first}${more}`;
  }

  #nextInMs(work: Work): number {
    const nowMs = work.parts.clock.now();
    const asks = work.parts.itinerary.plan.probes.map((spec) => this.#askFromMs(work, spec));
    const lates = [...this.#trees.values()].flatMap((tree) => lateFromMs(tree) ?? []);
    this.#treesFromMs = Math.min(this.#treesFromMs, ...lates);
    return Math.max(pauseMinMs, Math.min(this.#treesFromMs, ...asks) - nowMs);
  }

  #askFromMs(work: Work, spec: ProbeSpec): number {
    return nextAskMs(this.#courseOf(spec), this.#ruleOf(work, spec));
  }

  #courseOf({ name }: ProbeSpec): LateCourse {
    return this.#courses.get(name) ?? lateCourse;
  }

  #ruleOf({ instance, parts }: Work, { intervalMs, failAfter }: ProbeSpec): LateRule {
    const region = parts.itinerary.regions.find((it) => it.name === instance.region);
    const retryMs = Math.min(region?.bake.retryMs ?? 0, retryMaxMs);
    return {
      everyMs: this.#everyMs,
      intervalMs,
      retryMs,
      ...(failAfter === undefined ? {} : { failAfter }),
    };
  }
}

/** Between two looks at one instance, each over a connection of its own. */
const pauseMinMs = 500;

function probeUnseen({ name }: ProbeSpec, { because }: { readonly because: string }): string {
  return `probe "${name}" could not tell: ${because}`;
}

function lossOf({ host, says, path, losses }: Seen): NonNullable<Glance["harm"]> {
  return {
    is: "lost",
    says,
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path }),
    ...(losses === undefined ? {} : { count: losses.count, examples: losses.examples }),
  };
}
