import type { Answer } from "../core/answer.ts";
import type {
  AskOrder,
  Claim,
  ClaimOrder,
  CompareOrder,
  Comparison,
  Guard,
  HostFacts,
  HostLook,
  KeepOrder,
  Kept,
  LookOrder,
  ObserveOrder,
  ReleaseOrder,
  RestoreOrder,
  RestoreResult,
  SnapshotOrder,
  SnapshotResult,
} from "../ports/guard.ts";
import type { Clock } from "../ports/clock.ts";
import type { ArmOrder, ArmResult, DisarmResult } from "../ports/dead-man-switch.ts";
import type { CommandResult, RunOrder, RunResult, SettleOrder } from "../ports/guard-command.ts";
import type { RehearsalResult, RehearsalStage, RehearseOrder } from "../ports/rehearsal.ts";
import type { Connection } from "../ports/transport.ts";
import { armSwitch, disarmSwitch } from "./arm-switch.ts";
import { askQuestion } from "./ask-question.ts";
import { claimHost } from "./claim-host.ts";
import { compareTrees } from "./compare-trees.ts";
import { numberOf, ProtocolError, textsOf } from "./frames.ts";
import type { GuardLine } from "./guard-line.ts";
import { Heartbeat } from "./heartbeat.ts";
import { lookAtHost } from "./look-at-host.ts";
import { observeTrees } from "./observe-trees.ts";
import { rehearseSteps } from "./rehearse-steps.ts";
import { restoreTrees } from "./restore-trees.ts";
import { runCommand, settleCommand } from "./run-command.ts";
import { askGuard, frameOf, misspoke, type Session } from "./session.ts";
import { command, inOneLine } from "./shell-text.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** A guard at the other end of a channel. Orders wait for one another: it does one thing at a time. */
export class RemoteGuard implements Guard, RehearsalStage {
  readonly facts: HostFacts;
  readonly #line: GuardLine;
  readonly #connection: Connection;
  readonly #about: { readonly host: string; readonly nonce: string; readonly home: string };
  readonly #heartbeat: Heartbeat;
  #epoch: string;
  #names = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly facts: HostFacts;
    readonly line: GuardLine;
    readonly connection: Connection;
    readonly host: string;
    readonly nonce: string;
    readonly home: string;
    readonly clock: Clock;
    /** Of the runner; null: it only looks, and nothing that it asks is fenced. */
    readonly epoch: number | null;
    /** Milliseconds within which its lock, if it has one, is renewed; null: it renews none. */
    readonly leaseMs: number | null;
  }) {
    this.facts = options.facts;
    this.#line = options.line;
    this.#heartbeat = new Heartbeat(options.clock, () => options.line.beat());
    this.#connection = options.connection;
    this.#epoch = options.epoch === null ? "" : String(options.epoch);
    this.#about = { host: options.host, nonce: options.nonce, home: options.home };
    if (options.leaseMs !== null) this.#heartbeat.start(lockBeats, options.leaseMs);
  }

  ask(order: AskOrder): Promise<Answer<CommandResult>> {
    return this.#inTurn((session) => askQuestion(session, order));
  }

  claim(order: ClaimOrder): Promise<Answer<Claim>> {
    return this.#inTurn(async (session): Promise<Answer<Claim>> => {
      const answer = await claimHost(session, order);
      if (answer.kind === "result" && answer.value.kind === "granted")
        this.#epoch = String(order.epoch);
      return answer;
    });
  }

  keep(order: KeepOrder): Promise<Answer<Kept>> {
    return this.#inTurn(async (session): Promise<Answer<Kept>> => {
      const { holder, epoch, message } = order;
      const request = command("keep", inOneLine(holder), String(epoch), inOneLine(message ?? ""));
      const asked = await askGuard(session, request);
      if (asked.kind !== "result") return asked;
      if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
      frameOf(asked.value.frames, "KEPT");
      return { kind: "result", value: { kind: "kept" } };
    });
  }

  look(order: LookOrder): Promise<Answer<HostLook>> {
    return this.#inTurn((session) => lookAtHost(session, order));
  }

  observe(order: ObserveOrder): Promise<Answer<{ readonly watchedMs: number }>> {
    return this.#inTurn((session) => observeTrees(session, order));
  }

  snapshot(order: SnapshotOrder): Promise<Answer<SnapshotResult>> {
    return this.#inTurn((session) => takeSnapshot(session, order));
  }

  arm(order: ArmOrder): Promise<Answer<ArmResult>> {
    return this.#inTurn(async (session) => {
      const answer = await armSwitch(session, order);
      if (answer.kind !== "result") return answer;
      const { kind } = answer.value;
      if (kind === "armed") this.#heartbeat.start(order.key, order.leaseMs);
      // A refusal says nothing about a switch that was armed before.
      else if (kind !== "refused") this.#heartbeat.stop(order.key);
      return answer;
    });
  }

  disarm(order: { readonly key: string }): Promise<Answer<DisarmResult>> {
    return this.#inTurn(async (session) => {
      const answer = await disarmSwitch(session, order.key);
      if (answer.kind === "result" && answer.value.kind !== "refused")
        this.#heartbeat.stop(order.key);
      return answer;
    });
  }

  run(order: RunOrder): Promise<Answer<RunResult>> {
    return this.#inTurn((session) => runCommand(session, order));
  }

  settle(order: SettleOrder): Promise<Answer<RunResult | { readonly kind: "never" }>> {
    return this.#inTurn((session) => settleCommand(session, order));
  }

  compare(order: CompareOrder): Promise<Answer<Comparison>> {
    return this.#inTurn((session) => compareTrees(session, order));
  }

  rehearse(order: RehearseOrder): Promise<Answer<RehearsalResult>> {
    return this.#inTurn((session) => rehearseSteps(session, order));
  }

  restore(order: RestoreOrder): Promise<Answer<RestoreResult>> {
    return this.#inTurn((session) => restoreTrees(session, order));
  }

  release(order: ReleaseOrder): Promise<Answer<{ readonly left: number }>> {
    return this.#inTurn(async (session) => {
      const request = command(
        "release",
        String(order.keepUntil ?? ""),
        inOneLine(order.byHand ?? ""),
      );
      const asked = await askGuard(session, request);
      if (asked.kind !== "result") return asked;
      // A spool that can't be trusted is not touched at all.
      if (asked.value.kind === "refused") return { kind: "not-sent", failure: asked.value.failure };
      const [left] = textsOf(frameOf(asked.value.frames, "RELEASED"), 1);
      return { kind: "result", value: { left: numberOf(left) } };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heartbeat.stopAll();
    await this.#line[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }

  #inTurn<T>(work: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>> {
    const mine = this.#turn.then(async (): Promise<Answer<T>> => {
      try {
        return await work(this.#session());
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return { kind: "unknown", failure: misspoke(this.#about.host, error) };
      }
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #session(): Session {
    return {
      ...this.#about,
      line: this.#line,
      epoch: this.#epoch,
      newName: () => `${this.#about.nonce}.${this.#names++}`,
    };
  }
}

/** Beats for the lock: no key of a switch begins with a dot. */
const lockBeats = ".lock";
