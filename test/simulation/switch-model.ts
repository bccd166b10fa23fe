import type { ArmOrder, Fired } from "../../src/ports/dead-man-switch.ts";
import type { GuardCommand } from "../../src/ports/guard-command.ts";
import { type CommandStart, type Doing, endOf, newReceipt, type Receipt } from "./receipt-model.ts";
import { restoreByRules, type Tree } from "./tree-model.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A connection over which a runner renews leases. */
export interface Beating {
  /** The last moment until now at which a sign of life came over it. */
  readonly lastBeatMs: number;
}

/** What a switch sees of its host. */
export interface SwitchedHost {
  readonly clock: VirtualClock;
  readonly boots: number;
  readonly tree: Map<string, string>;
  readonly receipts: Map<string, Receipt>;
  readonly snapshots: ReadonlyMap<string, { readonly tree: Tree }>;
  readonly after: ReadonlyMap<string, Tree>;
  start(start: CommandStart): void;
  readonly clockOff: number;
  end(receipt: Receipt): Promise<void>;
}

/**
 * A dead-man switch on a simulated host: a process that waits for its lease to be over. Decided once,
 * for ever; what it does takes time, and can be cut short.
 */
export class SwitchModel {
  readonly key: string;
  readonly #host: SwitchedHost;
  /** Names of this rollout's receipts and snapshots begin so. */
  readonly #home: string;
  readonly #beats: Beating[] = [];
  #order: ArmOrder | null = null;
  #renewedMs = 0;
  #lives = false;
  #boot = 0;
  #decision: "none" | "disarmed" | "fired" = "none";
  #fired: Fired | null = null;
  #told: (() => void)[] = [];

  constructor(host: SwitchedHost, home: string, key: string) {
    this.#host = host;
    this.#home = home;
    this.key = key;
  }

  get decision(): "none" | "disarmed" | "fired" {
    return this.#decision;
  }

  get isArmed(): boolean {
    return this.#decision === "none" && this.#lives;
  }

  /** It fired, and is not done with what it does. */
  get isAtWork(): boolean {
    return this.#decision === "fired" && this.#fired === null;
  }

  /** Armed before a restart of the host, and gone with it. */
  get wasLost(): boolean {
    return this.#order !== null && this.#boot !== this.#host.boots;
  }

  /** How much of its tree is not as its rules would have it. */
  get owed(): number {
    const snapshot = this.#host.snapshots.get(this.#own(this.key));
    if (this.#order === null || snapshot === undefined) return 0;
    const { rules } = this.#order;
    const tree = new Map(this.#host.tree);
    return restoreByRules({ tree, snapshot: snapshot.tree, after: null, rules, later: "replace" })
      .restored.length;
  }

  arm(order: ArmOrder, line: Beating): void {
    this.#order ??= order;
    this.#renewedMs = this.#host.clock.nowMs;
    this.#beats.push(line);
    if (this.#lives) return;
    this.#lives = true;
    this.#boot = this.#host.boots;
    this.#watch();
  }

  disarm(): void {
    if (this.#decision === "none") this.#decision = "disarmed";
  }

  /** Its process ends, whatever it was doing. */
  die(): void {
    this.#lives = false;
    if (this.isAtWork) this.#tell({ complete: false, restored: 0, conflicts: [], commands: [] });
  }

  /** What it did, once it is done with it. */
  async told(): Promise<Fired> {
    if (this.#fired === null) await new Promise<void>((woken) => this.#told.push(woken));
    if (this.#fired === null) throw new Error("a switch that is done has a record");
    return this.#fired;
  }

  #watch(): void {
    if (!this.isArmed || this.#order === null) return;
    const { nowMs } = this.#host.clock;
    const heardMs = Math.max(this.#renewedMs, ...this.#beats.map((it) => it.lastBeatMs));
    const leftMs = heardMs + this.#order.leaseMs - nowMs;
    if (leftMs > 0) this.#host.clock.after(leftMs, () => this.#watch());
    else {
      this.#decision = "fired";
      void this.#fire(this.#order);
    }
  }

  async #fire(order: ArmOrder): Promise<void> {
    const host = this.#host;
    const step = host.receipts.get(this.#own(order.receipt));
    if (step === undefined) this.#fence(order.receipt);
    else await host.end(step);
    if (!this.#lives) return;
    const commands: Fired["commands"][number][] = [];
    const obey = async (command: GuardCommand): Promise<void> => {
      const receipt = await this.#run(command);
      commands.push({ key: command.key, exitCode: receipt.result?.exitCode ?? null });
    };
    // What never began is not undone.
    if (order.undo !== null && step !== undefined && step.state !== "never") await obey(order.undo);
    if (!this.#lives) return;
    const snapshot = host.snapshots.get(this.#own(this.key));
    if (snapshot === undefined) throw new Error(`a switch was armed without ${this.key}`);
    const { restored, conflicts } = restoreByRules({
      tree: host.tree,
      snapshot: snapshot.tree,
      after: host.after.get(this.#own(this.key)) ?? null,
      rules: order.rules,
      later: "replace",
    });
    for (const command of order.recover) if (this.#lives) await obey(command);
    if (!this.#lives) return;
    this.#tell({ complete: true, restored: restored.length, conflicts, commands });
  }

  async #run(command: GuardCommand): Promise<Receipt> {
    const key = this.#own(command.key);
    let receipt = this.#host.receipts.get(key);
    if (receipt === undefined) {
      receipt = newReceipt(key, "running");
      this.#host.receipts.set(key, receipt);
      const doing: Doing = JSON.parse(command.script);
      const { timeoutMs } = command;
      this.#host.start({ receipt, doing, timeoutMs, held: { kind: "not-asked" } });
    }
    await endOf(receipt);
    return receipt;
  }

  #fence(receipt: string): void {
    const key = this.#own(receipt);
    this.#host.receipts.set(key, newReceipt(key, "never"));
  }

  #own(name: string): string {
    return `${this.#home}/${name}`;
  }

  #tell(did: {
    readonly complete: boolean;
    readonly restored: number;
    readonly conflicts: readonly string[];
    readonly commands: Fired["commands"];
  }): void {
    const { complete, restored, conflicts, commands } = did;
    this.#fired = {
      at: Math.floor(this.#host.clock.nowMs / 1_000) + this.#host.clockOff,
      complete,
      restored,
      conflicts: { paths: conflicts, total: conflicts.length },
      failed: [],
      commands,
    };
    for (const woken of this.#told.splice(0)) woken();
  }
}
