import { z } from "zod";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { redactor } from "../../src/core/redact.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { type MemoryJournals, memoryJournals } from "../../src/journals/memory.ts";
import type { ProbeKind } from "../../src/ports/probe-kind.ts";
import type { StepKind } from "../../src/ports/step-kind.ts";
import { createPerformer } from "../../src/runner/performer.ts";
import { runRollout } from "../../src/runner/run-rollout.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { modelDoor } from "./guard-model.ts";
import { type Doing, HostModel, libOf, sharedPath } from "./host-model.ts";
import { type Chance, seeded } from "./seeded.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Stands for the death of a runner's process at one append. */
export class Crash extends Error {}

export const secretValue = "hunter2-and-more";

/** One seeded rollout in a broken world, from its opening to its close. */
export class World {
  readonly seed: number;
  readonly clock = new VirtualClock();
  readonly itinerary: Itinerary;
  readonly hosts = new Map<string, HostModel>();
  readonly contacted = new Set<string>();
  readonly journals: MemoryJournals;
  readonly faultRate: number;
  crashes = 0;
  readonly #chance: Chance;
  readonly #doings = new Map<string, Doing>();
  #appendsToCrash: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#chance = seeded(seed);
    this.itinerary = drawItinerary(this.#chance);
    this.faultRate = this.#chance.is(0.3) ? 0 : this.#chance.next() * 0.12;
    const badRate = this.#chance.is(0.5) ? 0.02 : 0.3;
    for (const instance of Object.values(this.itinerary.instances))
      for (const host of instance.hosts) {
        this.hosts.set(host.name, new HostModel(host.name, this.clock, this.#chance, secretValue));
        this.itinerary.plan.steps.forEach((_, step) =>
          this.#doings.set(`${host.name}/${step}`, drawDoing(this.#chance, step, badRate)),
        );
      }
    this.#appendsToCrash = this.#drawCrash();
    const crash = (): void => {
      this.#appendsToCrash -= 1;
    };
    this.journals = memoryJournals({
      clock: this.clock.seenBy({ value: true }),
      hooks: {
        beforeDurable: () => {
          crash();
          if (this.#appendsToCrash === 0 && this.#chance.is(0.5)) throw this.#crash();
        },
        afterDurable: () => {
          if (this.#appendsToCrash === 0) throw this.#crash();
        },
      },
    });
  }

  get events(): Promise<readonly RolloutEvent[]> {
    return this.journals
      .read(this.itinerary.rollout, 0)
      .then((records) => records.map((record) => record.event));
  }

  /** One runner, until it returns or dies. Null: it died. */
  async runOnce(first: boolean): Promise<RolloutState | null> {
    const alive = { value: true };
    const { rollout } = this.itinerary;
    const runner = { runner: `runner-${this.crashes}`, holder: "somebody" };
    const secrets = { token: secretValue };
    const strike = redactor(secrets);
    try {
      const held = first
        ? await this.journals.open({ rollout, inventory: "small", digest: "0", runner })
        : await this.journals.takeUp(rollout, runner);
      if (held.kind !== "held") throw new Error("nobody else should hold the rollout");
      if (first)
        await held.session.append({
          kind: "opened",
          itinerary: this.itinerary,
          by: "me",
          tool: "sim",
          planFolder: "/",
        });
      const clock = this.clock.seenBy(alive);
      const records = await this.journals.read(rollout, 0);
      const known = records.map((record) => record.event);
      const performer = createPerformer({
        itinerary: this.itinerary,
        door: modelDoor({
          hosts: this.hosts,
          clock: this.clock,
          chance: this.#chance,
          faultRate: this.faultRate,
          alive,
          contacted: this.contacted,
          intended: (host, kind, key) => isIntended(known, { host, kind, key }),
        }),
        clock,
        stepKind: () => this.#stepKind,
        probeKind: () => probeKind,
        sendHttp: () => Promise.reject(new Error("no http step is drawn")),
        files: () => [],
        secrets,
        redactor: strike,
        holder: "somebody",
        controllerSpool: "/spool",
      });
      const state = await this.clock.drive(
        runRollout({
          itinerary: this.itinerary,
          records,
          session: held.session,
          performer,
          clock,
          redactor: strike,
          runner: runner.runner,
          control: { take: () => [], waiting: () => new Promise(() => undefined) },
          onRecord: (record) => known.push(record.event),
        }),
        this.clock.nowMs + 6 * 3_600_000,
      );
      await held.session[Symbol.asyncDispose]();
      return state;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return null;
    } finally {
      alive.value = false;
      this.journals.lose(rollout);
    }
  }

  ask(wish: Wish): Promise<void> {
    return this.journals.ask(this.itinerary.rollout, { wish, by: "somebody", reason: "drawn" });
  }

  /** Leaves a wish at some instant of the coming run. */
  askLater(wish: Wish): void {
    this.clock.after(this.#chance.below(30_000), () => {
      this.ask(wish).catch(() => undefined);
    });
  }

  get chance(): Chance {
    return this.#chance;
  }

  readonly #stepKind: StepKind = {
    name: "sim",
    args: z.unknown(),
    substitutes: false,
    places: ["host"],
    refers: () => [],
    review: () => [],
    orders: (args, { env }) => {
      const { step, undo } = z.object({ step: z.number(), undo: z.boolean() }).parse(args);
      const drawn = this.#doings.get(`${env["host"]}/${step}`);
      if (drawn === undefined)
        throw new Error(`nothing is drawn for step ${step} on ${env["host"]}`);
      const doing: Doing = undo ? { step, kind: "undo", takesMs: 100 } : drawn;
      return {
        do: "script",
        script: JSON.stringify(doing),
        interpreter: ["sim"],
        args: [],
        env,
        files: [],
        writes: undo ? [] : [libOf(step), sharedPath, "/srv/app/lib/broken"],
        needs: [],
        summary: "simulated",
      };
    },
  };

  #crash(): Crash {
    this.crashes += 1;
    this.#appendsToCrash = this.crashes > 12 ? Number.POSITIVE_INFINITY : this.#drawCrash();
    return new Crash("the runner died");
  }

  #drawCrash(): number {
    return this.#chance.is(0.4) ? Number.POSITIVE_INFINITY : 1 + this.#chance.below(60);
  }
}

const probeKind: ProbeKind = {
  name: "sim",
  args: z.unknown(),
  substitutes: false,
  place: "host",
  places: ["host"],
  async ask(_args, context) {
    const answer = await context.run({
      script: "healthy",
      env: {},
      timeoutMs: 1_000,
      outputMax: 100,
    });
    if (answer.kind !== "result")
      return { is: "error", because: answer.failure.message, tookMs: 1 };
    return answer.value.exitCode === 0
      ? { is: "pass", because: "healthy", tookMs: 1 }
      : { is: "fail", because: "no temp files", tookMs: 1 };
  },
};

/** An effect on a host must follow an intent for it, in a journal that is durable. */
function isIntended(
  events: readonly RolloutEvent[],
  want: { readonly host: string; readonly kind: string; readonly key: string },
): boolean {
  return events.some(
    (event) =>
      event.kind === "intent" &&
      event.action.kind === want.kind &&
      want.key.startsWith(`${event.action.instance}.`) &&
      "step" in event.action &&
      want.key.split(".")[1] === String(event.action.step + 1),
  );
}

function drawItinerary(chance: Chance): Itinerary {
  const regions: Record<string, string[][]> = {};
  const regionCount = 1 + chance.below(3);
  for (let r = 0; r < regionCount; r++) {
    const batches = 1 + chance.below(3);
    regions[`r${r}`] = Array.from({ length: batches }, (_, b) =>
      Array.from({ length: 1 + chance.below(3) }, (__, i) => `r${r}b${b}i${i}`),
    );
  }
  const steps = Array.from({ length: 1 + chance.below(3) }, (_, step) => ({
    work: { kind: "sim", args: { step, undo: false } },
    undo: chance.is(0.5) ? { kind: "sim", args: { step, undo: true } } : null,
    timeoutMs: 20_000,
    ...(chance.is(0.3) ? { idempotent: true, retries: chance.below(2) } : {}),
  }));
  const policy = chance.is(0.5)
    ? ({ kind: "keep" } as const)
    : ({ kind: "regenerates", withinMs: 1_000, recover: ["restore"] } as const);
  const base = smallItinerary({
    regions,
    steps,
    maxBad: chance.is(0.7) ? 0 : chance.below(3),
    concurrency: 1 + chance.below(4),
    onFail: chance.pick(["rollback", "rollback", "rollback-region", "rollback-all", "halt", "ask"]),
    approve: chance.is(0.2) ? ["r0"] : [],
    protect: [{ path: "/srv/app/tmp", policy }],
    probes: [{ name: "ui", surface: "ui", kind: "sim", args: {}, on: "host", intervalMs: 1_000 }],
  });
  return withHosts(base, chance);
}

/** Some instances run on two hosts. */
function withHosts(base: Itinerary, chance: Chance): Itinerary {
  const instances = Object.fromEntries(
    Object.entries(base.instances).map(([name, instance]) => {
      const [host] = instance.hosts;
      if (host === undefined) throw new Error("an instance has at least one host");
      const names = chance.is(0.2) ? [`${name}-a`, `${name}-b`] : [name];
      const hosts = names.map((it) => ({ ...host, name: it }));
      const byHost = Object.fromEntries(names.map((it) => [it, { name, host: it }]));
      return [name, { ...instance, hosts, byHost }];
    }),
  );
  return { ...base, instances };
}

function drawDoing(chance: Chance, step: number, badRate: number): Doing {
  const kind = chance.is(badRate)
    ? chance.pick(["deletes", "fails", "hangs", "breaks"] as const)
    : "good";
  return { step, kind, takesMs: 20 + chance.below(4_000) };
}
