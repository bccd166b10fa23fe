import type { Answer } from "../../src/core/answer.ts";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import type { GuardWorld } from "./guard-world.ts";
import type { HostModel } from "./host-model.ts";
import type { Beating } from "./switch-model.ts";

/** Silence after which a peer that answers no keepalive counts as gone. */
const keepaliveMs = 15_000;

/**
 * One connection from a runner to a host. It may refuse, lose a request or an answer, and go deaf: both
 * ends believe in it, and nothing comes through any more, until keepalives tell.
 */
export class LineModel implements Beating {
  readonly #world: GuardWorld;
  readonly #host: HostModel;
  readonly #boot: number;
  #closedMs: number | null = null;
  #deafMs: number | null = null;

  constructor(world: GuardWorld, host: HostModel) {
    this.#world = world;
    this.#host = host;
    this.#boot = host.boots;
    if (world.chance.is(world.faultRate / 3))
      world.clock.after(world.chance.below(30_000), () => {
        this.#deafMs ??= world.clock.nowMs;
      });
  }

  get lastBeatMs(): number {
    const { nowMs } = this.#world.clock;
    const heardMs = Math.min(this.#closedMs ?? nowMs, this.#deafMs ?? nowMs);
    return Math.min(heardMs, this.#world.life.lastBeatMs);
  }

  close(): void {
    this.#closedMs ??= this.#world.clock.nowMs;
  }

  /** One request: it may not be sent, its answer may be lost, and its runner may be dead. */
  async call<T>(act: () => T | Promise<T>): Promise<Answer<T>> {
    const { chance, faultRate, clock } = this.#world;
    await this.delay();
    if (!this.#isOpen) return { kind: "not-sent", failure: this.lost("closed") };
    if (this.#deafMs !== null) return this.#silence();
    if (chance.is(faultRate / 2)) {
      this.close();
      return { kind: "not-sent", failure: this.lost("gone before the request") };
    }
    if (chance.is(faultRate / 4)) {
      this.#deafMs = clock.nowMs;
      if (chance.is(0.5)) void this.#act(act);
      return this.#silence();
    }
    const value = this.#act(act);
    if (chance.is(faultRate)) {
      this.close();
      await this.delay();
      return { kind: "unknown", failure: this.lost("gone before the answer") };
    }
    const answer: Answer<T> = { kind: "result", value: await value };
    await this.delay();
    return this.#isOpen ? answer : { kind: "unknown", failure: this.lost("closed") };
  }

  /**
   * In the middle of a request: the host asks its runner something. Did it hear the answer, did the channel
   * end, or was the host's own process killed by a restart?
   */
  async back(ask: () => Promise<void>): Promise<"heard" | "ended" | "killed"> {
    const { clock, life } = this.#world;
    const isOver = (): boolean => !life.value || !this.#isOpen || this.#deafMs !== null;
    let answered = false;
    const answer = this.delay(1)
      .then(ask)
      .then(() => this.delay(1))
      .then(() => (answered = true));
    // The end of a channel is heard by the host, whoever is at its other end.
    const end = new Promise<void>((over) => {
      const look = (): void => {
        if (answered) return;
        if (isOver()) clock.after(keepaliveMs, over);
        else clock.after(1_000, look);
      };
      look();
    });
    await Promise.race([answer, end]);
    if (this.#boot !== this.#host.boots) return "killed";
    return isOver() ? "ended" : "heard";
  }

  /** A dead runner's call never comes back, and does nothing; a stopped one's comes late. */
  delay(ms = 1 + this.#world.chance.below(this.#isSlow ? 4_000 : 40)): Promise<void> {
    const { clock, life } = this.#world;
    return new Promise((wake) => {
      const over = (): void => {
        const frozenMs = life.frozenUntilMs - clock.nowMs;
        if (frozenMs > 0) clock.after(frozenMs, over);
        else if (life.value) wake();
      };
      clock.after(ms, over);
    });
  }

  lost(why: string): Failure {
    return this.failure("CONNECT_LOST", why);
  }

  failure(code: FailureCode, why: string): Failure {
    const { name } = this.#host;
    return { code, message: `${name}: ${why}`, hint: "reconcile", host: name };
  }

  get #isSlow(): boolean {
    return this.#host.ails.has("slow lines");
  }

  get #isOpen(): boolean {
    return this.#closedMs === null && this.#boot === this.#host.boots;
  }

  async #silence<T>(): Promise<Answer<T>> {
    await this.delay(keepaliveMs);
    this.close();
    return { kind: "unknown", failure: this.lost("no answer to keepalives") };
  }

  /** While a switch of this host fires, nothing else is done there. */
  async #act<T>(act: () => T | Promise<T>): Promise<T> {
    for (const it of this.#host.switches.values()) if (it.isAtWork) await it.told();
    return act();
  }
}
