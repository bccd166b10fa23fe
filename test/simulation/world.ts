import { z } from "zod";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { redactor } from "../../src/core/redact.ts";
import { HandrailError } from "../../src/core/failure.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { leadsOn } from "../../src/journals/journal-rules.ts";
import { type MemoryJournals, memoryJournals } from "../../src/journals/memory.ts";
import { stateFull } from "../../src/journals/state-error.ts";
import type { ProbeKind } from "../../src/ports/probe-kind.ts";
import type { StepKind } from "../../src/ports/step-kind.ts";
import { createPerformer } from "../../src/runner/performer.ts";
import { runRollout } from "../../src/runner/run-rollout.ts";
import type { Death, Fate } from "./fate.ts";
import type { Fault } from "./faults.ts";
import { modelDoor } from "./guard-model.ts";
import { hoursTrouble } from "./draw-hours.ts";
import { HostModel, libOf, sharedPath } from "./host-model.ts";
import type { Doing } from "./receipt-model.ts";
import { LateWorld } from "./late-trouble.ts";
import { RunnerLife } from "./runner-life.ts";
import { SwitchWatch } from "./switch-trouble.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Stands for the death of a runner's process at one append. */
export class Crash extends Error {}

export const secretValue = "hunter2-and-more";

/** One rollout in a world with this fate, from its opening to its close. */
export class World {
  readonly clock = new VirtualClock();
  readonly fate: Fate;
  readonly itinerary: Itinerary;
  readonly hosts = new Map<string, HostModel>();
  readonly contacted = new Set<string>();
  readonly journals: MemoryJournals;
  readonly violations: string[] = [];
  readonly #switches = new SwitchWatch(this.hosts);
  readonly late: LateWorld;
  crashes = 0;
  /** Records that were about to become durable, over all runners. */
  #appends = 0;
  /** Of the runner that took the rollout up last. */
  #newestEpoch = 0;
  #dies: Death | null;
  /** Records that the journal's disk still takes. */
  #room = Number.POSITIVE_INFINITY;

  constructor(fate: Fate) {
    this.fate = fate;
    this.itinerary = fate.itinerary;
    for (const instance of Object.values(this.itinerary.instances))
      for (const { name } of instance.hosts) {
        const traits = { ...fate.traits(name), secret: secretValue };
        this.hosts.set(name, new HostModel(name, this.clock, fate.chance, traits));
      }
    this.late = new LateWorld(fate, this.clock, this.hosts);
    this.#dies = fate.death(0, 0);
    this.journals = memoryJournals({
      clock: this.clock.seenBy({ value: true }),
      hooks: {
        beforeDurable: (_rollout, event) => {
          this.#takeRoom(event);
          this.#appends += 1;
          if (this.#isTimeToDie("before")) throw this.#crash();
        },
        afterDurable: () => {
          if (this.#isTimeToDie("after")) throw this.#crash();
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
    const { chance, faults } = this.fate;
    const isDoubled = !first && faults.has("two runners") && chance.is(0.4);
    const ended = isDoubled ? this.#twoRunners() : this.#carry(first);
    try {
      return await this.clock.drive(ended, this.clock.nowMs + 6 * 3_600_000);
    } finally {
      this.journals.lose(this.itinerary.rollout);
    }
  }

  /** A runner that is taken for dead, and goes on beside the one that has taken over from it. */
  async #twoRunners(): Promise<RolloutState | null> {
    const older = this.#carry(false);
    await new Promise<void>((over) => this.clock.after(this.fate.chance.below(30_000), over));
    this.journals.lose(this.itinerary.rollout);
    const [, newer] = await Promise.all([older, this.#carry(false)]);
    return newer;
  }

  async #carry(first: boolean): Promise<RolloutState | null> {
    const life = new RunnerLife(this.clock);
    this.#drawAccidents(life);
    const { rollout } = this.itinerary;
    const runner = { runner: `runner-${this.crashes}`, holder: "somebody" };
    const secrets = { token: secretValue };
    const strike = redactor(secrets);
    try {
      const held = first
        ? await this.journals.open({ rollout, inventory: "small", digest: "0", runner })
        : await this.journals.takeUp(rollout, runner);
      if (held.kind !== "held") throw new Error("nobody else should hold the rollout");
      this.#newestEpoch = held.session.epoch;
      if (first)
        await held.session.append({
          kind: "opened",
          itinerary: this.itinerary,
          by: "me",
          tool: "sim",
          planFolder: "/",
        });
      const clock = this.clock.seenBy(life);
      const records = await this.journals.read(rollout, 0);
      const known = records.map((record) => record.event);
      const performer = createPerformer({
        itinerary: this.itinerary,
        door: modelDoor({
          hosts: this.hosts,
          clock: this.clock,
          chance: this.fate.chance,
          looks: this.fate.looks,
          faultRate: this.fate.faultRate,
          life,
          contacted: this.contacted,
          newestEpoch: () => this.#newestEpoch,
          intended: (host, kind, key) => isIntended(known, { host, kind, key }),
        }),
        clock,
        stepKind: () => this.#stepKind,
        probeKind: () => probeKind,
        sendHttp: () => Promise.reject(new Error("no http step is drawn")),
        files: () => [],
        secrets,
        redactor: strike,
        confirm: () => held.session.confirm(),
        holder: "somebody",
        controllerSpool: "/spool",
      });
      const state = await runRollout({
        itinerary: this.itinerary,
        records,
        session: held.session,
        performer,
        clock,
        redactor: strike,
        runner: runner.runner,
        control: { take: () => [], waiting: () => new Promise(() => undefined) },
        onRecord: (record, _before, after) => {
          known.push(record.event);
          this.late.saw(after, life);
          this.violations.push(...hoursTrouble(record.event, record.at, after));
          this.violations.push(...this.#switches.trouble(record.event, after));
        },
      });
      await held.session[Symbol.asyncDispose]();
      return state;
    } catch (error) {
      if (error instanceof Crash || hasLeft(error)) return null;
      throw error;
    } finally {
      life.die();
    }
  }

  ask(wish: Wish, by = "somebody"): Promise<void> {
    return this.journals.ask(this.itinerary.rollout, { wish, by, reason: "drawn" });
  }

  /** What a clock on the wall shows. */
  get wall(): string {
    return this.clock.seenBy({ value: true }).wall();
  }

  /** Leaves a wish at some instant of the coming run. */
  askLater(wish: Wish): void {
    this.clock.after(this.fate.chance.below(60_000), () => {
      this.ask(wish).catch(() => undefined);
    });
  }

  /** Time goes by while nobody runs the rollout. */
  async idle(ms: number): Promise<void> {
    await this.clock.drive(this.clock.seenBy({ value: true }).sleep(ms), this.clock.nowMs + ms);
  }

  /** Somebody edits what the rollout wrote, once it is over. */
  editByHand(host: HostModel): void {
    const path = this.fate.chance.pick([libOf(0), sharedPath]);
    if (!host.tree.has(path)) return;
    host.tree.set(path, "by hand");
    host.byHand.set(path, "by hand");
  }

  readonly #stepKind: StepKind = {
    name: "sim",
    args: z.unknown(),
    substitutes: false,
    places: ["host"],
    refers: () => [],
    review: () => [],
    orders: (args, { env }) => {
      const { step, does } = argsSchema.parse(args);
      const doing = this.#doing(String(env["host"]), step, does);
      return {
        do: "script",
        script: JSON.stringify(doing),
        interpreter: ["sim"],
        args: [],
        env,
        files: [],
        writes: does === "step" ? [libOf(step), sharedPath, "/srv/app/lib/broken"] : [],
        needs: [],
        summary: "simulated",
      };
    },
  };

  #doing(host: string, step: number, does: z.infer<typeof argsSchema>["does"]): Doing {
    const takesMs = this.fate.restartsMs;
    if (does === "restart") return { step, kind: "restart", takesMs };
    const fails = this.clock.nowMs < this.fate.undosFailUntilMs;
    if (does === "undo") return { step, kind: fails ? "bad undo" : "undo", takesMs };
    return this.fate.doing(host, step);
  }

  /** What happens to this runner and to the hosts while it is there. */
  #drawAccidents(life: RunnerLife): void {
    // Somebody has seen to that by now.
    this.#room = Number.POSITIVE_INFINITY;
    this.clock.wallOffMs = 0;
    if (this.fate.faultRate === 0) return;
    const { clock } = this;
    const { chance, focus } = this.fate;
    const soon = (): number => chance.below(90_000);
    const host = chance.pick([...this.hosts.values()]);
    const naps = chance.is(focus === "lapses" ? 0.7 : 0.2) ? 1 + chance.below(3) : 0;
    for (let nap = 0; nap < naps; nap++)
      clock.after(soon(), () => life.freeze(1_000 + chance.below(70_000)));
    if (chance.is(0.1)) clock.after(soon(), () => host.reboot());
    if (chance.is(0.1))
      clock.after(soon(), () => {
        for (const it of host.switches.values()) it.die();
      });
    for (const fault of this.fate.faults) if (chance.is(0.6)) this.#befall(fault);
  }

  /** One fault, at some instant of the coming run, and for a while. */
  #befall(fault: Fault): void {
    const { clock } = this;
    const { chance } = this.fate;
    const hours = (): number => (chance.below(13) - 6) * 3_600;
    const host = chance.pick([...this.hosts.values()]);
    const atMs = chance.is(0.3) ? 0 : chance.below(60_000);
    switch (fault) {
      case "controller's disk full":
        clock.after(atMs, () => {
          this.#room = ballastRecords;
        });
        return;
      case "controller's clock jumps":
        clock.after(atMs, () => {
          clock.wallOffMs = hours() * 1_000;
        });
        return;
      case "host's clock jumps":
        clock.after(atMs, () => {
          host.clockOff = hours();
        });
        return;
      case "two rollouts":
        clock.after(atMs, () => {
          if (host.lock !== null) return;
          const other = { rollout: "another", epoch: 1 };
          host.lock = other;
          clock.after(chance.below(120_000), () => {
            if (host.lock === other) host.lock = null;
          });
        });
        return;
      case "two runners":
        return;
      case "slow lines":
      case "logins fail":
      case "host key changed":
      case "ignores SIGTERM":
      case "exit code lost":
      case "flood of output":
      case "host's disk full":
      case "tree unreadable":
      case "restore denied":
      case "snapshot damaged":
      case "probes flap":
      case "probes hang":
      case "probes can't tell":
      case "probes lie":
        clock.after(atMs, () => host.ails.add(fault));
        clock.after(atMs + chance.below(120_000), () => host.ails.delete(fault));
    }
  }

  /** On a full disk only what ends a rollout still finds room, and not for long. */
  #takeRoom(event: RolloutEvent): void {
    if (this.#room === Number.POSITIVE_INFINITY) return;
    this.#room -= 1;
    if (this.#room < 0 || leadsOn(event)) throw stateFull("memory");
  }

  #isTimeToDie(when: Death["when"]): boolean {
    return this.#dies?.at === this.#appends && this.#dies.when === when;
  }

  #crash(): Crash {
    this.crashes += 1;
    this.#dies = this.fate.death(this.crashes, this.#appends);
    return new Crash("the runner died");
  }
}

/** Records that find room on a full disk once the ballast is given up. */
const ballastRecords = 200;

/** A runner that can't go on says so and leaves; somebody resumes. */
function hasLeft(error: unknown): boolean {
  if (!(error instanceof HandrailError)) return false;
  return error.failure.code === "STATE_FULL" || error.failure.code === "FENCED";
}

const argsSchema = z.object({ step: z.number(), does: z.enum(["step", "undo", "restart"]) });

const probeKind: ProbeKind = {
  name: "sim",
  args: z.unknown(),
  substitutes: false,
  place: "host",
  places: ["host"],
  unproved: () => null,
  async ask(_args, context) {
    const answer = await context.run({
      script: "healthy",
      env: {},
      timeoutMs: 1_000,
      outputMax: 100,
    });
    if (answer.kind !== "result")
      return { is: "error", because: answer.failure.message, tookMs: 1 };
    const said = new TextDecoder().decode(answer.value.stdout);
    if (said === "hang") await new Promise(() => undefined);
    if (said === "error") return { is: "error", because: "it could not find out", tookMs: 1 };
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
