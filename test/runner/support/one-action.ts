import { z } from "zod";
import type { Action } from "../../../src/core/action.ts";
import type { Note, Outcome } from "../../../src/core/event.ts";
import type { Failure } from "../../../src/core/failure.ts";
import type { Itinerary } from "../../../src/core/itinerary.ts";
import type { ProbeSpec } from "../../../src/core/plan/plan.ts";
import { type InstanceState, openRollout, type RolloutState } from "../../../src/core/state.ts";
import type { Guard, GuardDoor } from "../../../src/ports/guard.ts";
import type { ProbeAnswer, ProbeKind } from "../../../src/ports/probe-kind.ts";
import type { PerformerParts } from "../../../src/runner/parts.ts";
import { createPerformer } from "../../../src/runner/performer.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";
import { smallItinerary, type SmallWorld } from "../../support/small-itinerary.ts";
import { type Answers, failureOf, plainGuard, type Question, says } from "./host-answers.ts";
import { quietParts } from "./quiet-parts.ts";

type OrderTo<Q extends Question> = Parameters<Guard[Q]>[0];

/** One instance "a", in the middle of a rollout; all that is not named is plain, and goes well. */
export interface Scene {
  readonly world?: Partial<SmallWorld>;
  /** Default: one, of the instance's name. */
  readonly hosts?: readonly string[];
  /** What `${name}` can say. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly state?: Partial<InstanceState>;
  readonly rollout?: Partial<RolloutState>;
  /** What the journal says already. */
  readonly noted?: readonly Note[];
  /** What a host answers where it is not the plain answer. */
  readonly answers?: (host: string) => Answers;
  /** Hosts that can't be reached. */
  readonly silent?: readonly string[];
  /** What the plan's one probe says, one look after the other; the last repeats. Default: no probe. */
  readonly probe?: readonly ProbeAnswer["is"][];
  readonly parts?: Partial<PerformerParts>;
}

export interface Performed {
  readonly outcome: Outcome;
  readonly notes: readonly Note[];
  /** `arm a`, `run a` …: what hosts were asked, in order. */
  readonly asked: readonly string[];
  /** Hosts that were connected to, in order. */
  readonly opened: readonly string[];
  /** By the rollout's clock. */
  readonly tookMs: number;
  /** The orders of all questions of this kind, in order. */
  orders<Q extends Question>(question: Q): readonly OrderTo<Q>[];
}

export interface Stage {
  /** Has one more action done. */
  perform(action: Action): Promise<Performed>;
}

/** Has one action done by the real performer, on hosts that answer as the scene says. */
export async function performed(action: Action, scene: Scene = {}): Promise<Performed> {
  return onStage(scene).perform(action);
}

/** The same performer for several actions, one after the other. */
export function onStage(scene: Scene): Stage {
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const itinerary = itineraryOf(scene);
  const probing = probeKind(scene.probe ?? []);
  let asked: Asked[] = [];
  let opened: string[] = [];
  const performer = createPerformer({
    itinerary,
    door: doorOf(scene, {
      asked: (question) => asked.push(question),
      opened: (host) => opened.push(host),
    }),
    clock,
    probeKind: () => probing,
    ...quietParts,
    ...scene.parts,
  });
  for (const note of scene.noted ?? []) performer.recall(note);
  const open = openRollout(itinerary);
  const standing = { ...open.instances.get("a")!, claimed: true, ...scene.state };
  return {
    async perform(action) {
      const heard: Asked[] = (asked = []);
      const doors: string[] = (opened = []);
      const notes: Note[] = [];
      const startedMs = virtual.nowMs;
      const it: InstanceState = { ...standing, pending: action };
      const instances = new Map([["a", it]]);
      const work = performer.perform({
        action,
        state: { ...open, mode: "forward", epoch: 1, ...scene.rollout, instances },
        signal: new AbortController().signal,
        note: async (note) => void notes.push(note),
      });
      const outcome = await virtual.drive(work, startedMs + 3_600_000);
      return {
        outcome,
        notes,
        asked: heard.map(({ question, host }) => `${question} ${host}`),
        opened: doors,
        tookMs: virtual.nowMs - startedMs,
        orders: <Q extends Question>(question: Q) =>
          heard
            .filter((each) => each.question === question)
            // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kept beside its question
            .map(({ order }) => order as OrderTo<Q>),
      };
    },
  };
}

/** What hosts were asked but for their locks, in order. */
export function askedOf({ asked }: Performed): readonly string[] {
  return asked.filter((each) => !each.startsWith("claim"));
}

/** The failure that an outcome carries; null: it is done. */
export function failureIn({ outcome }: Performed): Failure | null {
  return outcome.is === "done" ? null : outcome.failure;
}

interface Asked {
  readonly question: Question;
  readonly host: string;
  readonly order: unknown;
}

interface Listeners {
  readonly asked: (question: Asked) => void;
  readonly opened: (host: string) => void;
}

const probe: ProbeSpec = {
  name: "alive",
  surface: "ui",
  kind: "scripted",
  args: null,
  on: "controller",
  intervalMs: 1_000,
};

function itineraryOf({ world, hosts = ["a"], variables = {}, probe: said }: Scene): Itinerary {
  const small = smallItinerary({
    regions: { eu: [["a"]] },
    bakeMs: { settleMs: 0, stableMs: 0, retryMs: 0 },
    probes: said === undefined ? [] : [probe],
    ...world,
  });
  const instance = small.instances["a"]!;
  const [first] = instance.hosts;
  const all = hosts.map((name) => ({ ...first!, name }));
  const a = { ...instance, hosts: all, variables };
  return { ...small, instances: { ...small.instances, a } };
}

function probeKind(said: readonly ProbeAnswer["is"][]): ProbeKind {
  let looks = 0;
  return {
    name: "scripted",
    args: z.unknown(),
    substitutes: false,
    place: "controller",
    places: ["controller"],
    unproved: () => null,
    async ask() {
      const is = said[Math.min(looks++, said.length - 1)] ?? "pass";
      return { is, because: `it said ${is}`, tookMs: 1 };
    },
  };
}

function doorOf({ answers, silent = [] }: Scene, tell: Listeners): GuardDoor {
  return {
    async open({ name }) {
      tell.opened(name);
      if (silent.includes(name)) return { kind: "not-sent", failure: failureOf("CONNECT_REFUSED") };
      const guard: Guard = { ...plainGuard, ...answers?.(name) };
      return says(
        listening(guard, (question, order) => tell.asked({ question, host: name, order })),
      );
    },
  };
}

/** The same guard; each question to it is told first. */
function listening(guard: Guard, tell: (question: Question, order: unknown) => void): Guard {
  const told = Object.entries(guard).map(([question, answer]) => {
    if (typeof answer !== "function") return [question, answer];
    const answering = (order: unknown): unknown => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every function of it is one
      tell(question as Question, order);
      return answer(order);
    };
    return [question, answering];
  });
  return { ...Object.fromEntries(told), [Symbol.asyncDispose]: guard[Symbol.asyncDispose] };
}
